// What a page asks the service for when it is opened, and again from time to time.
import { useCallback, useEffect, useRef, useState } from "react";

/** `refresh` asks at once. What was asked before something else that is shown by now is not shown. */
export function useAsked<T>(ask: () => Promise<T>, everyMs: number) {
  const [known, setKnown] = useState<T | null>(null);
  const [failed, setFailed] = useState(false);
  const asked = useRef(0);
  const shown = useRef(0);
  const refresh = useCallback(async () => {
    const turn = (asked.current += 1);
    const answer = await ask().then(
      (found) => ({ found }),
      () => null,
    );
    if (turn < shown.current) return;
    shown.current = turn;
    if (answer) setKnown(() => answer.found);
    setFailed(!answer);
  }, [ask]);
  useEffect(() => {
    void refresh();
    const timer = setInterval(() => void refresh(), everyMs);
    return () => {
      shown.current = asked.current + 1;
      clearInterval(timer);
    };
  }, [refresh, everyMs]);
  return { known, failed, refresh };
}
