// Whether somebody is at the console. The service ends sessions that nobody uses; what a console
// asks by itself is no use, so it says when a key or a pointer is.
import { Problem, sayUsed, session } from "./api";
import { store } from "./store";

const SAID_EVERY_MS = 60_000;
const WARN_MS = 5 * 60_000;
const LOOK_MS = 1_000;
const SHARED = "cityops-used";
const SIGNS = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart"] as const;

/** Seconds until this console is signed out, where they are few; null: it is in use. */
export const leaving = store<number | null>(null);

let said = 0;
/** `Date.now()` when it was used last, in whichever tab. */
let used = Date.now();

function use(): void {
  used = Date.now();
  leaving.set(null);
  if (used - said < SAID_EVERY_MS) return;
  said = used;
  localStorage.setItem(SHARED, String(used));
  sayUsed().catch((error) => {
    if (!(error instanceof Problem)) said = 0; // not heard: said again with the next key
  });
}

function look(): void {
  const idle = (session.get()?.idle_seconds ?? 0) * 1_000;
  const last = Math.max(used, Number(localStorage.getItem(SHARED) ?? 0));
  const left = last + idle - Date.now();
  const shown = idle > 0 && left < Math.min(WARN_MS, idle / 2) ? Math.max(0, left / 1_000) : null;
  if (shown !== leaving.get()) leaving.set(shown === null ? null : Math.ceil(shown));
}

/** Until what it gives is called. */
export function attend(): () => void {
  used = said = Date.now(); // somebody has just signed in, or loaded the page
  localStorage.setItem(SHARED, String(used));
  void sayUsed().catch(() => undefined);
  for (const sign of SIGNS) window.addEventListener(sign, use, { capture: true, passive: true });
  const timer = window.setInterval(look, LOOK_MS);
  return () => {
    for (const sign of SIGNS) window.removeEventListener(sign, use, { capture: true });
    window.clearInterval(timer);
    leaving.set(null);
  };
}
