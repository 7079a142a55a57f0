// The tone of the worst alert that nobody has acknowledged, again and again until somebody does; and
// the browser's own notice of a new one, where nobody looks at the console.
import { speaking } from "../i18n";
import type { Severity } from "../types";
import { address, go } from "./address";
import { find, known, latest } from "./alerts";
import { session } from "./api";
import { now, secondsSince } from "./clock";
import { set, settings } from "./settings";
import { store } from "./store";
import { loudest, sounds, TONES } from "./tones";

const NOTE_SECONDS = 0.16;
const PAUSE_SECONDS = 0.09;
const EDGE_SECONDS = 0.012;
/** Two tones are never nearer together, however fast alerts come. */
const APART_MS = 2_000;
/** Of the windows of a browser, the one that holds this sounds. */
const LOCK = "cityops-sound";
const LOOK_MS = 1_000;
const NEWS_SECONDS = 60;
const REFUSED_MS = 200;

/** `blocked`: the browser lets a page sound only after a key or a click in it. */
export type State = "off" | "blocked" | "muted" | "on";
export const state = store<State>("off");

let context: AudioContext | null = null;
let holds = false;
let asking = false;
let release: () => void = () => undefined;
let timer: number | undefined;
let sounding: Severity | null = null;
let began = -Infinity;

/** Until what it gives is called. */
export function listen(): () => void {
  let ended = false;
  const wake = () => {
    if (ended) return;
    context ??= typeof AudioContext === "undefined" ? null : new AudioContext();
    void context?.resume().then(look, () => undefined);
  };
  const every = window.setInterval(look, LOOK_MS);
  const unfollow = [known.subscribe(look), settings.subscribe(look), latest.subscribe(notify)];
  for (const sign of ["pointerdown", "keydown"]) window.addEventListener(sign, wake, true);
  void soundsUnasked().then((allowed) => allowed && wake());
  look();
  return () => {
    ended = true;
    window.clearInterval(every);
    window.clearTimeout(timer);
    for (const sign of ["pointerdown", "keydown"]) window.removeEventListener(sign, wake, true);
    for (const end of unfollow) end();
    release();
    void context?.close();
    context = null;
    sounding = null;
  };
}

/** Switches it on; called where somebody has pressed something, which is what browsers ask for. */
export function turnOn(): void {
  set({ sound: true, muted: 0 });
  void context?.resume().then(look, () => undefined);
}

/** Whether the browser lets this page sound now: asked first, as it logs a warning of each AudioContext
 * that has to wait for a key or a click. */
async function soundsUnasked(): Promise<boolean> {
  if (navigator.userActivation?.hasBeenActive) return true;
  // A player without anything to play: refused at once, or never answered.
  const refused = new Audio().play().then(
    () => false,
    (error: unknown) => error instanceof DOMException && error.name === "NotAllowedError",
  );
  const answered = new Promise<false>((resolve) => setTimeout(resolve, REFUSED_MS, false));
  return !(await Promise.race([refused, answered]));
}

export const mute = (minutes: number) => set({ muted: Date.now() + minutes * 60_000 });
export const unmute = () => set({ muted: 0 });

/** Plays a severity once, for somebody to hear what it is. */
export function sample(severity: Severity): void {
  void context?.resume().then(
    () => play(severity),
    () => undefined,
  );
}

function look(): void {
  const { sound, muted, from } = settings.get();
  const running = context?.state === "running";
  let found: State = "on";
  if (!sound) found = "off";
  else if (!running) found = "blocked";
  else if (muted > Date.now()) found = "muted";
  state.set(found);
  if (sound && running) hold();
  const worst = found === "on" && holds ? loudest(known.get().byId.values(), from) : null;
  if (worst === sounding) return;
  sounding = worst;
  window.clearTimeout(timer);
  if (worst) timer = window.setTimeout(ring, Math.max(0, began + APART_MS - performance.now()));
}

function ring(): void {
  if (!sounding) return;
  play(sounding);
  timer = window.setTimeout(ring, TONES[sounding].every_ms);
}

function play(severity: Severity): void {
  if (!context) return;
  began = performance.now();
  const { volume } = settings.get();
  let at = context.currentTime + 0.02;
  for (const note of TONES[severity].notes) {
    const source = context.createOscillator();
    const gain = context.createGain();
    source.type = "triangle";
    source.frequency.value = note;
    // With edges as steep as a square's it would click.
    gain.gain.setValueAtTime(0, at);
    gain.gain.linearRampToValueAtTime(volume, at + EDGE_SECONDS);
    gain.gain.setValueAtTime(volume, at + NOTE_SECONDS - EDGE_SECONDS);
    gain.gain.linearRampToValueAtTime(0, at + NOTE_SECONDS);
    source.connect(gain).connect(context.destination);
    source.start(at);
    source.stop(at + NOTE_SECONDS);
    at += NOTE_SECONDS + PAUSE_SECONDS;
  }
}

/** Asks to be the one window that sounds, for as long as it is there. Where browsers have no locks
 * (plain HTTP from another machine), each sounds. */
function hold(): void {
  if (holds || asking) return;
  if (!("locks" in navigator)) {
    holds = true;
    return;
  }
  asking = true;
  const ended = new Promise<void>((resolve) => {
    release = () => {
      holds = asking = false;
      resolve();
    };
  });
  void navigator.locks.request(LOCK, () => {
    if (!asking) return;
    holds = true;
    look();
    return ended;
  });
}

function notify(): void {
  const transition = latest.get();
  const alert = transition && find(transition.alert);
  if (!alert || !sounds(alert) || !settings.get().notices || document.hasFocus()) return;
  if (transition.kind !== "raised" && transition.manner !== "anew") return;
  // What was missed while the line was down is in the list; it is no news.
  if (secondsSince(transition.time, now()) > NEWS_SECONDS) return;
  if (typeof Notification === "undefined" || Notification.permission !== "granted") return;
  const { t, pick } = speaking(address.get().language);
  const { names } = alert;
  const what = `${pick(names.kind_vi, names.kind_en)} — ${pick(names.source_vi, names.source_en) || alert.source}`;
  const origin = alert.origin === "live" ? "" : ` · ${t(`origin.${alert.origin}`)}`;
  // The windows of a browser say the same, which is shown once.
  const shown = new Notification(`${t(`severity.${alert.severity}`)}${origin}`, {
    body: what,
    tag: alert.id,
    silent: true,
    requireInteraction: alert.severity === "critical",
  });
  shown.onclick = () => {
    window.focus();
    if (session.get()) go({ page: "", alert: alert.id });
    shown.close();
  };
}

/** Whether the browser lets us; asks the user where it has not been said yet. */
export async function allowNotices(): Promise<boolean> {
  if (typeof Notification === "undefined") return false;
  return (await Notification.requestPermission()) === "granted";
}
