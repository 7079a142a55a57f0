// How the console looks in this browser: dark or light, and how large its text is.
import { settings } from "./settings";
import { store } from "./store";

const LIGHT = matchMedia("(prefers-color-scheme: light)");

/** The one that is shown, for what is drawn and not styled. */
export const theme = store<"dark" | "light">("dark");

function show(): void {
  const chosen = settings.get();
  const now = chosen.theme === "system" ? (LIGHT.matches ? "light" : "dark") : chosen.theme;
  const root = document.documentElement;
  root.dataset.theme = now;
  root.style.setProperty("--text", String(chosen.text / 100));
  document.querySelector("meta[name=theme-color]")?.setAttribute("content", colour("--ground"));
  theme.set(now);
}

/** Of a style's variable, as it is now. */
export const colour = (name: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/** Called once the page is there: Chromium judges its first container queries by the usual size of text,
 * and by the one that is set as soon as that changes. */
export function judgeAnew(): void {
  const { style } = document.body;
  style.fontSize = "0";
  void document.body.offsetWidth;
  style.fontSize = "";
}

settings.subscribe(show);
LIGHT.addEventListener("change", show);
show();
