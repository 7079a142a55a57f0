// What somebody has set for this browser, whoever signs in there; its windows share it.
import { SEVERITIES } from "../api-types";
import type { Severity } from "../types";
import { store } from "./store";

export const THEMES = ["system", "dark", "light"] as const;
export const TEXTS = [100, 125, 150, 175, 200] as const;

/** Tiles of the wall of cameras. */
export const WALLS = [1, 4, 9, 16] as const;

export interface Settings {
  /** Whether unacknowledged alerts sound. */
  sound: boolean;
  /** From 0 to 1. */
  volume: number;
  /** The least severity that sounds. */
  from: Severity;
  /** `Date.now()` until when nothing sounds; 0: not muted. */
  muted: number;
  /** Whether the browser shows alerts while this window is not looked at. */
  notices: boolean;
  theme: (typeof THEMES)[number];
  /** Per cent of the usual size. */
  text: (typeof TEXTS)[number];
  wall: (typeof WALLS)[number];
}

const REMEMBERED = "cityops-settings";
const USUAL: Settings = {
  sound: true,
  volume: 0.5,
  from: "low",
  muted: 0,
  notices: false,
  theme: "dark",
  text: 100,
  wall: 4,
};

/** Each by itself: what another release, or somebody, has written there may be anything. */
function read(): Settings {
  let found: Partial<Record<keyof Settings, unknown>> = {};
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(REMEMBERED) ?? "{}");
    if (kept instanceof Object) found = kept;
  } catch {
    // as if nothing had been set
  }
  const one = <T>(value: unknown, among: readonly T[], usual: T): T =>
    among.includes(value as T) ? (value as T) : usual;
  const number = (value: unknown, usual: number) =>
    typeof value === "number" && Number.isFinite(value) ? value : usual;
  return {
    sound: one(found.sound, [true, false], USUAL.sound),
    volume: Math.min(1, Math.max(0.05, number(found.volume, USUAL.volume))),
    from: one(found.from, SEVERITIES, USUAL.from),
    muted: number(found.muted, USUAL.muted),
    notices: one(found.notices, [true, false], USUAL.notices),
    theme: one(found.theme, THEMES, USUAL.theme),
    text: one(found.text, TEXTS, USUAL.text),
    wall: one(found.wall, WALLS, USUAL.wall),
  };
}

export const settings = store<Settings>(read());

window.addEventListener("storage", ({ key }) => {
  if (key === REMEMBERED || key === null) settings.set(read());
});

export function set(change: Partial<Settings>): void {
  const next = { ...settings.get(), ...change };
  localStorage.setItem(REMEMBERED, JSON.stringify(next));
  settings.set(next);
}
