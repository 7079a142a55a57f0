// What a page asks the service for when it is opened, and again from time to time.
import { useEffect, useState } from "react";

export function useAsked<T>(ask: () => Promise<T>, everyMs: number) {
  const [known, setKnown] = useState<T | null>(null);
  const [failed, setFailed] = useState(false);
  useEffect(() => {
    let current = true;
    const refresh = () =>
      ask().then(
        (answer) => {
          if (!current) return;
          setKnown(() => answer);
          setFailed(false);
        },
        () => current && setFailed(true),
      );
    void refresh();
    const timer = setInterval(() => void refresh(), everyMs);
    return () => {
      current = false;
      clearInterval(timer);
    };
  }, [ask, everyMs]);
  return { known, failed };
}
