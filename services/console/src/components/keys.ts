// Keyboard for everything, wherever the focus is, except where somebody is typing.
import { useEffect, useRef } from "react";

/** Arrow keys have their own meaning there. */
const ARROWS = "[role=listbox], [role=toolbar], [role=radiogroup], [role=application]";
const TYPING = "input, textarea, [contenteditable], [role=dialog], .popover";

const MOVING = new Set(["j", "k", "ArrowDown", "ArrowUp"]);

export type Keys = Record<string, () => void>;

/** Keys are lower case; what is not named goes on to whoever has the focus. */
export function useKeys(keys: Keys): void {
  const current = useRef(keys);
  current.current = keys;
  useEffect(() => {
    function onKeyDown(event: KeyboardEvent) {
      if (event.ctrlKey || event.altKey || event.metaKey) return;
      const target = event.target instanceof Element ? event.target : null;
      if (target?.closest(TYPING) || document.querySelector("[role=dialog]")) return;
      if (event.key.startsWith("Arrow") && target?.closest(ARROWS)) return;
      const letter = event.key.length === 1;
      const act = current.current[event.key.toLowerCase()];
      if (act) {
        event.preventDefault();
        event.stopPropagation();
        if (!event.repeat || MOVING.has(event.key)) act();
      } else if (letter && event.key !== " ") {
        // The list's own search by first letter would change what the next key acts on.
        event.stopPropagation();
      }
    }
    window.addEventListener("keydown", onKeyDown, { capture: true });
    return () => window.removeEventListener("keydown", onKeyDown, { capture: true });
  }, []);
}
