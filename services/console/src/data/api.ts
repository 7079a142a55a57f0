// Asking the alerts service. Every failure is one of two: it said no, or it did not answer.

import type {
  Alert,
  Asset,
  AssetPage,
  AuditOutcome,
  AuditPage,
  Catalogue,
  Channel,
  Computed,
  Detail,
  Disposition,
  Duty,
  Indicator,
  Kind,
  Load,
  Mask,
  Measured,
  NewFactor,
  Notification,
  NotificationState,
  OneTimePassword,
  Page,
  Permission,
  Precision,
  PriorityRow,
  PriorityTable,
  Privacy,
  Provider,
  PublicWarning,
  Push,
  Station,
  Quality,
  Role,
  Scenery,
  Session,
  SessionRow,
  Shift,
  State,
  Suppression,
  Team,
  User,
  Value,
  Ward,
  Zone,
} from "../types";
import type { DeviceIn, NewSourceKey, ProblemBody, RuleIn, SourceIn } from "../api-types";
import { now } from "./clock";
import { here, unsubscribe } from "./push";
import { store } from "./store";
import { parsed } from "./visible";

const TIMEOUT_MS = 8_000;
const EXPORT_TIMEOUT_MS = 120_000;
const TRIES = 3;
const PAUSE_MS = 700;

/** The service said no; `reason` is a word for programs, `message` a line for people. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly reason: string,
    detail: string,
    readonly by: string,
    readonly at: string,
    readonly retryAfter: number,
  ) {
    super(detail);
  }
}

/** The service did not answer. */
export class Away extends Error {}

/** Who is signed in; null: nobody; undefined: not known yet. */
export const session = store<Session | null | undefined>(undefined);
/** Whether they may do it; where they may not, the service would say so (`services/api/permissions.py`). */
export function may(permission: Permission, who = session.get()): boolean {
  return who?.permissions.includes(permission) ?? false;
}
/** Whether the session ended by itself, which the sign-in page then says. */
export const ended = store(false);

async function request(path: string, init: RequestInit = {}, timeout = TIMEOUT_MS) {
  let response: Response;
  try {
    response = await fetch(path, { ...init, signal: AbortSignal.timeout(timeout) });
  } catch (error) {
    throw new Away(String(error));
  }
  if (response.ok || response.status === 304) return response;
  const retryAfter = Number(response.headers.get("Retry-After") ?? 0);
  const said = await response.text().catch(() => "");
  throw refused(response.status, said, response.statusText, retryAfter);
}

/** What a refusal is, whoever asked; `text` is the answer's. */
export function refused(status: number, text: string, otherwise = "", retryAfter = 0): Problem {
  let body: Partial<ProblemBody> = {};
  try {
    body = parsed<typeof body>(text);
  } catch {
    // not the service's own words
  }
  if (status === 401 && body.reason === "not_signed_in" && session.get()) {
    ended.set(true);
    session.set(null);
  }
  // What they may has changed since the console asked.
  if (["role", "must_change_password", "must_enrol", "limited_area"].includes(body.reason ?? ""))
    void whoAmI().catch(() => undefined);
  return new Problem(
    status,
    body.reason ?? "refused",
    body.detail ?? otherwise,
    body.by ?? "",
    body.at ?? "",
    retryAfter,
  );
}

async function json<T>(path: string, init?: RequestInit, timeout?: number): Promise<T> {
  const response = await request(path, init, timeout);
  try {
    return parsed<T>(await response.text());
  } catch (error) {
    throw new Away(String(error));
  }
}

function post(body: unknown): RequestInit {
  return {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
  };
}

export async function whoAmI(): Promise<void> {
  try {
    session.set(await json<Session>("/api/session"));
  } catch (error) {
    if (!(error instanceof Problem && error.status === 401)) throw error;
    session.set(null);
  }
}

export async function signIn(name: string, password: string, code: string): Promise<void> {
  const found = await json<Session>("/api/session", post({ name, password, code }), 20_000);
  ended.set(false);
  session.set(found);
}

export async function changePassword(old: string, password: string): Promise<void> {
  const body = JSON.stringify({ old, new: password });
  session.set(
    await json<Session>("/api/session/password", { ...post({}), method: "PUT", body }, 20_000),
  );
}

/** Says that somebody is there: reading, which a console does by itself, does not. */
export const sayUsed = () => request("/api/session", { method: "PUT" });

const PROVIDER = "/api/session/provider";
export const provider = () => json<Provider>(PROVIDER, {}, 2_000);
/** Where the browser goes to sign in by the provider, and comes back to what it shows now. */
export const byProvider = () =>
  `${PROVIDER}/begin?${new URLSearchParams({ back: location.pathname + location.search })}`;

export async function signOut(): Promise<void> {
  const there = session.get()?.by_provider ? await provider().catch(() => null) : null;
  await request("/api/session", { method: "DELETE" });
  void unsubscribe().catch(() => undefined); // the service tells it nothing any more, either
  session.set(null);
  if (there?.signs_out) location.assign(`${PROVIDER}/end`);
}

/** Of alerts; each that is not empty narrows the list. */
export interface Narrowed {
  /** Or one of several. */
  severity?: string | readonly string[];
  kind?: string;
  origin?: string;
  text?: string;
}

export function alerts(
  states: readonly State[],
  limit: number,
  cursor: string | null,
  narrowed: Narrowed = {},
) {
  const query = new URLSearchParams({ limit: String(limit) });
  for (const name of ["severity", "kind", "origin", "text"] as const)
    for (const value of [narrowed[name] ?? []].flat()) if (value) query.append(name, value);
  for (const state of states) query.append("state", state);
  if (cursor) query.set("cursor", cursor);
  return json<Page>(`/api/alerts?${query}`, {}, 20_000);
}

export interface Exported {
  file: Blob;
  name: string;
  rows: number;
}

/** All alerts that match, as a file; the service makes it whole before it sends any of it. */
export async function exportAlerts(
  states: readonly State[],
  filters: Record<string, string>,
): Promise<Exported> {
  const query = new URLSearchParams(Object.entries(filters).filter(([, value]) => value));
  for (const state of states) query.append("state", state);
  const response = await request(`/api/exports/alerts.csv?${query}`, {}, EXPORT_TIMEOUT_MS);
  const said = response.headers.get("Content-Disposition") ?? "";
  return {
    file: await response.blob().catch((error: unknown) => Promise.reject(new Away(String(error)))),
    name: /filename="([\w.-]+)"/.exec(said)?.[1] ?? "cityops-alerts.csv",
    rows: Number(response.headers.get("X-Rows")),
  };
}

export const sessions = () => json<SessionRow[]>("/api/sessions");
export const tokens = () => json<SessionRow[]>("/api/tokens");
export const endSession = ({ id, kind }: SessionRow) =>
  request(`/api/${kind === "token" ? "tokens" : "sessions"}/${encodeURIComponent(id)}`, {
    method: "DELETE",
  });

export function audit(outcome: AuditOutcome | "", actor: string, cursor: string | null) {
  const asked = new URLSearchParams({ limit: "50" });
  for (const [name, value] of Object.entries({ outcome, actor, cursor })) {
    if (value) asked.set(name, value);
  }
  return json<AuditPage>(`/api/audit?${asked}`);
}

export const indicators = () =>
  json<{ indicators: Indicator[] }>("/api/indicators").then((found) => found.indicators);
export function computed(id: string, origin: string, start: string) {
  const asked = new URLSearchParams({ origin, ...(start && { start }) });
  return json<Computed>(`/api/indicators/${encodeURIComponent(id)}/computed?${asked}`);
}
export const quality = () => json<Quality>("/api/quality");
/** Of every source. */
export const qualities = () =>
  json<Quality>("/api/quality?limit=10000&hours=3", {}, 20_000).then(({ sources }) => sources);
export const values = () =>
  json<{ values: Value[] }>("/api/measured", {}, 20_000).then((found) => found.values);
export const measured = (source: string, hours: number) =>
  json<Measured>(`/api/measured/${encodeURIComponent(source)}?hours=${hours}`, {}, 20_000);
/** All that the city has, as far as who asks may see it. */
export async function assets(): Promise<Asset[]> {
  const found: Asset[] = [];
  let cursor: string | null = "";
  while (cursor !== null) {
    const asked = new URLSearchParams({ limit: "1000", cursor });
    const page: AssetPage = await json<AssetPage>(`/api/assets?${asked}`, {}, 20_000);
    found.push(...page.assets);
    cursor = page.next;
  }
  return found;
}
export const addSource = (source: SourceIn) => json<unknown>("/api/sources", post(source));
export const addRule = (rule: RuleIn) => json<unknown>("/api/rules", post(rule));
/** By which the source's readings are sent; it is said this once. */
export const addSourceKey = (source: string) =>
  json<NewSourceKey>("/api/source-keys", post({ label: source, sources: [source] }));
export const catalogue = () => json<Catalogue>("/api/catalogue", {}, 20_000);
export const duties = () => json<Duty[]>("/api/oncall");
export const channels = () => json<Channel[]>("/api/channels");
export function notifications(state: NotificationState | "") {
  const asked = new URLSearchParams({ limit: "100" });
  if (state) asked.set("state", state);
  return json<Notification[]>(`/api/notifications?${asked}`);
}
export const testChannel = (name: string, address: string) =>
  request(`/api/channels/${encodeURIComponent(name)}/test`, post({ address }));

const DEVICES = "/api/push/devices";
export const push = () => json<Push>("/api/push");
export const addDevice = (device: DeviceIn) => json<Push>(DEVICES, post(device), 20_000);
export const removeDevice = (id: string) => request(`${DEVICES}/${id}`, { method: "DELETE" });
/** What this browser was told for somebody else, who was signed in before, is over. */
export async function ownPush(): Promise<void> {
  const own = await here();
  if (own && !(await push()).devices.some((one) => one.id === own)) await unsubscribe();
}
export const testDevice = (id: string) => request(`${DEVICES}/${id}/test`, post({}));

const FACTOR = "/api/session/factor";
export const factor = async () => (await json<{ active: boolean }>(FACTOR)).active;
export const beginFactor = (password: string) =>
  json<NewFactor>(FACTOR, post({ password }), 20_000);
export const confirmFactor = async (code: string) =>
  (await json<{ codes: string[] }>(FACTOR, { ...post({ code }), method: "PUT" })).codes;
export const removeFactor = (password: string, code: string) =>
  request(`${FACTOR}/remove`, post({ password, code }), 20_000);

export const users = () => json<User[]>("/api/users");
export const roles = () => json<Role[]>("/api/roles");
export const addUser = (name: string, role: string) =>
  json<OneTimePassword>("/api/users", post({ name, role }), 20_000);
const ofUser = (name: string, what: string) => `/api/users/${encodeURIComponent(name)}/${what}`;
export const resetUser = (name: string) =>
  json<OneTimePassword>(ofUser(name, "reset"), post({}), 20_000);
export const disableUser = (name: string) => request(ofUser(name, "disable"), post({}));
export const enableUser = (name: string) => request(ofUser(name, "enable"), post({}));
export const endSessionsOf = (name: string) =>
  request(ofUser(name, "sessions"), { method: "DELETE" });
export const setRole = (name: string, role: string) =>
  request(ofUser(name, "role"), { ...post({ role }), method: "PUT" });

/** Wards that are known, and those that no source need be in yet; null: everywhere. */
export type Area = { wards: readonly string[]; new_wards: readonly string[] } | null;
const area = (area: Area) => ({ ...post(area ?? { everywhere: true }), method: "PUT" });
export const setArea = (name: string, chosen: Area) => request(ofUser(name, "area"), area(chosen));
export const wards = () => json<Ward[]>("/api/wards");

const ofTeam = (name: string) => `/api/teams/${encodeURIComponent(name)}`;
const ofMember = (team: string, user: string) =>
  `${ofTeam(team)}/members/${encodeURIComponent(user)}`;
export const teams = () => json<Team[]>("/api/teams");
export const putTeam = (name: string, chosen: Area) => request(ofTeam(name), area(chosen));
export const removeTeam = (name: string) => request(ofTeam(name), { method: "DELETE" });
export const joinTeam = (team: string, user: string) =>
  request(ofMember(team, user), { method: "PUT" });
export const leaveTeam = (team: string, user: string) =>
  request(ofMember(team, user), { method: "DELETE" });

export const alert = (id: string) => json<Detail>(`/api/alerts/${id}`);

const of = (camera: string) => new URLSearchParams({ camera });
export const scenery = (camera: string) => json<Scenery[]>(`/api/scenery?${of(camera)}`);
export const masks = (camera: string) => json<Mask[]>(`/api/masks?${of(camera)}`);

/** Confirms or denies that a place is scenery; null takes back what was said. */
export async function judgeScenery(camera: string, id: string, confirmed: boolean | null) {
  const path = `/api/cameras/${encodeURIComponent(camera)}/scenery/${encodeURIComponent(id)}`;
  await request(path, confirmed === null ? { method: "DELETE" } : post({ confirmed }));
}

/** A mask more on the camera, under the first name that is free. */
export async function addMask(
  camera: string,
  polygon: readonly (readonly [number, number])[],
  known: readonly Mask[],
) {
  const taken = new Set(known.map((mask) => mask.id));
  let number = 1;
  const name = () => `${camera.slice(0, 52)}-mask-${number}`;
  while (taken.has(name())) number += 1;
  await request("/api/masks", post({ id: name(), source: camera, polygon }));
}

export async function removeMask(id: string) {
  await request(`/api/masks/${encodeURIComponent(id)}`, { method: "DELETE" });
}

export type Action =
  | "acknowledge"
  | "resolve"
  | "comment"
  | "shelve"
  | "unshelve"
  | "reopen"
  | "assign"
  | "merge"
  | "split"
  | "step"
  | "undo";

/** What an action takes beside a comment. */
export interface More {
  disposition?: Disposition;
  minutes?: number;
  to?: string;
  /** Of a merge: the alert that goes on. */
  other?: string;
  step?: number;
  done?: boolean;
}

export const act = (id: string, action: Action, comment: string, more: More = {}) =>
  once<Alert>(`/api/alerts/${id}/${action}`, { comment, ...more });
/** Of the last so many hours. */
export const load = (hours: number) => {
  const since = new Date(now() - hours * 3_600_000).toISOString();
  return json<Load>(`/api/load?${new URLSearchParams({ since })}`, {}, 20_000);
};
export const kinds = async () => (await json<{ kinds: Kind[] }>("/api/catalogue")).kinds;
export const priorities = () => json<PriorityTable>("/api/priority");
/** Refused where the table is at another version than the expected one. */
export const putPriorities = (rows: readonly PriorityRow[], reason: string, expected: number) =>
  json<PriorityTable>("/api/priority", {
    ...post({ rows, reason, expected_version: expected }),
    method: "PUT",
  });
export const stations = () => json<Station[]>("/api/stations");
export const warnings = () => json<PublicWarning[]>("/api/warnings");
export const proposeWarning = (alert: string, channel: string, reason: string) =>
  json<PublicWarning>("/api/warnings", post({ alert, channel, reason }));
export const decideWarning = (id: string, decision: "confirm" | "withdraw") =>
  json<PublicWarning>(`/api/warnings/${encodeURIComponent(id)}/${decision}`, post({}));
/** Alerts that the public can be told of: live, and there. */
export async function tellable(): Promise<Alert[]> {
  const query = new URLSearchParams({ origin: "live", limit: "200", order: "priority" });
  for (const state of ["unacknowledged", "acknowledged"]) query.append("state", state);
  const { alerts } = await json<Page>(`/api/alerts?${query}`, {}, 20_000);
  return alerts.filter((one) => one.active);
}
export const precision = () => json<Precision>("/api/load/precision", {}, 20_000);
export const shifts = () => json<Shift[]>("/api/shifts");
export const shiftAct = (action: string, area: string, more: object) =>
  once<Shift>(`/api/shifts/${action}`, { area, ...more });
/** Takes a source out of service, until it is returned. */
export const suppress = (source: string, reason: string) =>
  once<Suppression>("/api/suppressions", {
    kind: "out_of_service",
    scope: "source",
    subject: source,
    reason,
  });
export const restore = (id: string, reason: string) =>
  once<Suppression>(`/api/suppressions/${id}/end`, { reason });

/** Asked again with the same id after a lost answer, so that it is done once. */
async function once<T>(path: string, asked: object): Promise<T> {
  const body = { command_id: commandId(), ...asked };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await json<T>(path, post(body));
    } catch (error) {
      const again = error instanceof Away || (error instanceof Problem && error.status === 503);
      if (!again || attempt === TRIES) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

/** `crypto.randomUUID` is not there on plain http from another machine. */
function commandId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const privacy = () => json<Privacy>("/api/privacy");

/** The camera's own picture of an alert; who asks, and why, is kept. */
export async function original(alert: string, exhibit: number, reason: string): Promise<Blob> {
  const path = `/api/alerts/${alert}/original?exhibit=${exhibit}`;
  return (await request(path, { ...post({ reason }), cache: "no-store" })).blob();
}

/** What the service sends of several cameras, for as long as it is read (`tiles.ts`). */
export async function openWall(
  cameras: readonly string[],
  width: number | null,
  boxes: boolean,
  signal: AbortSignal,
) {
  const query = new URLSearchParams({ boxes: String(boxes) });
  for (const camera of cameras) query.append("id", camera);
  if (width !== null) query.set("width", String(width));
  const response = await fetch(`/api/wall?${query}`, { signal, cache: "no-store" });
  if (!response.ok || !response.body)
    throw refused(response.status, await response.text(), response.statusText);
  return response.body.getReader();
}

export const zones = () => json<Zone[]>("/api/zones");

export interface LivePicture {
  blob: Blob | null;
  time: string;
  origin: string;
  /** `parts`, or why the whole picture is masked. */
  masked: string;
  tag: string;
}

/** A camera's newest frame; `blob` is null where it is still the one that `tag` names. */
export async function livePicture(camera: string, tag: string): Promise<LivePicture> {
  const headers: Record<string, string> = tag ? { "If-None-Match": tag } : {};
  const path = `/api/cameras/${encodeURIComponent(camera)}/picture`;
  const response = await request(path, { headers, cache: "no-store" });
  return {
    blob: response.status === 304 ? null : await response.blob(),
    time: response.headers.get("X-Frame-Time") ?? "",
    origin: response.headers.get("X-Frame-Origin") ?? "",
    masked: response.headers.get("X-Picture-Masked") ?? "",
    tag: response.headers.get("ETag") ?? "",
  };
}
