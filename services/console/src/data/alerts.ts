// All alerts that this screen knows, kept up to date by the live stream.
import { SEVERITIES } from "../api-types";
import type { Alert, State, Streamed, Transition } from "../types";
import { Away, alerts as ask, Problem, whoAmI } from "./api";
import { learn } from "./clock";
import { type Following, follow as share } from "./shared";
import { store } from "./store";
import { parsed } from "./visible";

export const OPEN: readonly State[] = ["unacknowledged", "acknowledged", "returned_unacknowledged"];
export const UNACKNOWLEDGED: readonly State[] = ["unacknowledged", "returned_unacknowledged"];
/** What asks for nothing although its condition may be there; consequences among it. */
export const ASIDE: readonly State[] = ["shelved", "suppressed", "out_of_service"];
export const CLOSED: readonly State[] = ["normal", "resolved"];
const PAGE = 500;
/** Closed ones beyond this are forgotten, the oldest first: a screen runs for weeks. */
const KEEP_CLOSED = 2_000;
/** Changes are shown together this often at most. */
const FLUSH_MS = 60;
const AGAIN_MS = 1_500;

export interface Known {
  byId: ReadonlyMap<string, Alert>;
  /** Of an alert, how many of these are its consequences. */
  followers: ReadonlyMap<string, number>;
  /** Whether all open ones are here, and those that are aside. */
  complete: boolean;
}

export interface Connection {
  live: boolean;
  /** `Date.now()` when it was lost. */
  since: number;
  /** How often it has come back. */
  recoveries: number;
}

const NONE: Known = { byId: new Map(), followers: new Map(), complete: false };
export const known = store<Known>(NONE);
export const connection = store<Connection>({ live: true, since: 0, recoveries: 0 });
/** The newest transition, for whoever shows one alert's timeline. */
export const latest = store<(Transition & { alert: string }) | null>(null);

let byId = new Map<string, Alert>();
let complete = false;
let stream: Following | null = null;
let generation = 0;
let flushing = false;
let kept: ReadonlySet<string> = new Set();

/** Also one that is shown a moment later only. */
export const find = (id: string): Alert | undefined => byId.get(id);

export const isOpen = (alert: Alert): boolean => OPEN.includes(alert.state);
/** A consequence is listed with its cause. */
export const isAside = ({ state, suppressions }: Alert): boolean =>
  ASIDE.includes(state) && (state !== "suppressed" || suppressions.length > 0);
export const isUnacknowledged = (alert: Alert): boolean => UNACKNOWLEDGED.includes(alert.state);

/** Alerts offered at a time, of which another may be part. */
export const OFFERED = 30;
const whole = (): State[] => [...OPEN, ...ASIDE, "normal"];

/** As severe at least: what is less so takes no alert into it. */
const severest = ({ severity }: Alert) => SEVERITIES.slice(SEVERITIES.indexOf(severity));

/** As `wholes`, of those that the service finds by words. */
export async function findWholes(alert: Alert, text: string) {
  const { alerts, counts } = await ask(whole(), OFFERED + 1, null, {
    severity: severest(alert),
    origin: alert.origin,
    text,
  });
  for (const one of alerts) put(one);
  const offered = alerts.filter((one) => one.id !== alert.id && one.own).slice(0, OFFERED);
  const matching = Object.values(counts).reduce((total, n) => total + n, 0);
  return { alerts: offered, more: alerts.length > OFFERED ? matching - OFFERED : 0 };
}

/** What an alert may be made part of: open, as severe at least, of its origin; the nearest in time first. */
export function wholes(alert: Alert, byId: ReadonlyMap<string, Alert>): Alert[] {
  const apart = (one: Alert) =>
    Math.abs(Date.parse(one.latest_time) - Date.parse(alert.latest_time));
  return [...byId.values()]
    .filter((one) => one.id !== alert.id && one.own && whole().includes(one.state))
    .filter((one) => one.origin === alert.origin && severest(alert).includes(one.severity))
    .sort((a, b) => apart(a) - apart(b))
    .slice(0, OFFERED);
}

/** Loads what is open and follows the stream from there. */
export function start(): void {
  stop();
  void load(generation);
}

export function stop(): void {
  generation += 1;
  stream?.close();
  stream = null;
  byId = new Map();
  complete = false;
  known.set(NONE);
  connection.set({ live: true, since: 0, recoveries: 0 });
}

/** Takes an answer to a command; the stream says the same, sooner or later. */
export function put(alert: Alert): void {
  const before = byId.get(alert.id);
  if (before && before.version > alert.version) return;
  // The stream does not count consequences, and their number is not the alert's own.
  const count = alert.consequence_count ?? before?.consequence_count ?? null;
  if (before?.version === alert.version && before.consequence_count === count) return;
  byId.set(alert.id, { ...alert, consequence_count: count });
  if (flushing) return;
  flushing = true;
  window.setTimeout(() => {
    flushing = false;
    forget();
    show();
  }, FLUSH_MS);
}

/** Closed ones that are looked for, and not forgotten meanwhile. */
export function keep(ids: ReadonlySet<string>): void {
  kept = ids;
}

async function load(mine: number): Promise<void> {
  let cursor: string | null = null;
  do {
    try {
      const page = await ask([...OPEN, ...ASIDE], PAGE, cursor);
      if (mine !== generation) return;
      cursor = page.next;
      for (const alert of page.alerts) put(alert);
      stream ??= follow(page.last_event_id);
    } catch (error) {
      if (mine !== generation) return;
      if (!(error instanceof Away || error instanceof Problem)) throw error;
      lost();
      await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
      if (mine !== generation) return;
    }
  } while (cursor !== null || stream === null);
  complete = true;
  show();
}

function show(): void {
  const followers = new Map<string, number>();
  for (const { consequence_of: cause } of byId.values())
    if (cause) followers.set(cause, (followers.get(cause) ?? 0) + 1);
  known.set({ byId: new Map(byId), followers, complete });
}

function follow(after: number): Following {
  back();
  return share(after, {
    transition(_id, text) {
      const { transition, alert } = parsed<Streamed>(text);
      put(alert);
      latest.set({ ...transition, alert: alert.id });
    },
    reset: start,
    live(time) {
      learn(time);
      back();
    },
    lost,
  });
}

function lost(): void {
  const now = connection.get();
  if (!now.live) return;
  connection.set({ ...now, live: false, since: Date.now() });
  // It also ends where the session has, or may something else from now on.
  void whoAmI().catch(() => undefined);
}

function back(): void {
  const now = connection.get();
  if (!now.live) connection.set({ live: true, since: 0, recoveries: now.recoveries + 1 });
}

function forget(): void {
  const closed = [...byId.values()].filter(
    ({ id, state }) => CLOSED.includes(state) && !kept.has(id),
  );
  if (closed.length <= KEEP_CLOSED) return;
  closed.sort((a, b) => (a.latest_time < b.latest_time ? -1 : 1));
  for (const alert of closed.slice(0, closed.length - KEEP_CLOSED)) byId.delete(alert.id);
}
