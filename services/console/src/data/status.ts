// Whether everything lives, as all windows of a browser are told once a second.
import type { Source, Status } from "../types";
import { refused } from "./api";
import { learn } from "./clock";
import { asOf } from "./estate";
import { type Answer, SOURCES } from "./poll";
import { type Following, watch } from "./shared";
import { store } from "./store";
import { parsed } from "./visible";

export interface Health {
  status: Status | null;
  /** `database`: it is the database that does not answer; `server`: nobody does. */
  away: "" | "server" | "database";
  /** `Date.now()` when there was an answer last. */
  heard: number;
}

const unknown = (): Health => ({ status: null, away: "", heard: Date.now() });
export const health = store<Health>(unknown());
export const sources = store<readonly Source[]>([]);

let watching: Following | null = null;

export function start(): void {
  stop();
  watching = watch(take);
}

export function stop(): void {
  watching?.close();
  watching = null;
  health.set(unknown());
}

function take({ path, status, text }: Answer): void {
  if (status === 200 && path === SOURCES) {
    sources.set(parsed<{ sources: Source[] }>(text).sources);
    follow();
  } else if (status === 200) {
    const found = parsed<Status>(text);
    learn(found.time);
    health.set({ status: found, away: "", heard: Date.now() });
    follow();
  } else {
    const said = status === 0 ? null : refused(status, text);
    const away = said?.reason === "database_away" ? "database" : "server";
    health.set({ ...health.get(), away });
  }
}

/** The map and the header say the same of a source. */
function follow(): void {
  const { status } = health.get();
  const now = sources.get();
  const found = status ? asOf(now, status) : now;
  if (found !== now) sources.set(found);
}
