// Asking the alerts service. Every failure is one of two: it said no, or it did not answer.

import type { Alert, Detail, Mask, Page, Scenery, Session, Source, State, Status } from "../types";
import { store } from "./store";

const TIMEOUT_MS = 8_000;
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
  const body = await response.json().catch(() => ({}));
  if (response.status === 401 && body.reason === "not_signed_in" && session.get()) {
    ended.set(true);
    session.set(null);
  }
  throw new Problem(
    response.status,
    body.reason ?? "refused",
    body.detail ?? response.statusText,
    body.by ?? "",
    body.at ?? "",
    Number(response.headers.get("Retry-After") ?? 0),
  );
}

async function json<T>(path: string, init?: RequestInit, timeout?: number): Promise<T> {
  const response = await request(path, init, timeout);
  try {
    return (await response.json()) as T;
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

export async function signIn(name: string, password: string): Promise<void> {
  const found = await json<Session>("/api/session", post({ name, password }), 20_000);
  ended.set(false);
  session.set(found);
}

export async function signOut(): Promise<void> {
  await request("/api/session", { method: "DELETE" });
  session.set(null);
}

export function alerts(states: readonly State[], limit: number, cursor: string | null) {
  const query = new URLSearchParams({ limit: String(limit) });
  for (const state of states) query.append("state", state);
  if (cursor) query.set("cursor", cursor);
  return json<Page>(`/api/alerts?${query}`, {}, 20_000);
}

export const alert = (id: string) => json<Detail>(`/api/alerts/${id}`);
export const status = () => json<Status>("/api/status", {}, 4_000);
export const sources = async () => (await json<{ sources: Source[] }>("/api/sources")).sources;

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

export type Action = "acknowledge" | "resolve" | "comment";

/** Asked again with the same id after a lost answer, so that it is done once. */
export async function act(id: string, action: Action, comment: string): Promise<Alert> {
  const body = { command_id: commandId(), comment };
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await json<Alert>(`/api/alerts/${id}/${action}`, post(body));
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

export interface LivePicture {
  blob: Blob | null;
  time: string;
  origin: string;
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
    tag: response.headers.get("ETag") ?? "",
  };
}
