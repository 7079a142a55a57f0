// How wide something is shown, in pixels; 0 until it is.
import { type RefObject, useLayoutEffect, useRef, useState } from "react";

export function useWidth<T extends Element>(): [RefObject<T | null>, number] {
  const box = useRef<T>(null);
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    if (!box.current) return;
    const watching = new ResizeObserver(([entry]) => {
      if (entry) setWidth(Math.round(entry.contentRect.width));
    });
    watching.observe(box.current);
    return () => watching.disconnect();
  }, []);
  return [box, width];
}
