// Whether everything lives: asked every second, so that ten are enough to notice.
import type { Source, Status } from "../types";
import { sources as askSources, status as askStatus, Problem } from "./api";
import { learn } from "./clock";
import { store } from "./store";

const EVERY_MS = 1_000;
const HIDDEN_MS = 5_000;
const SOURCES_MS = 10_000;

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

let running = 0;
let asked = 0;
let silent = "";

export function start(): void {
  running += 1;
  void poll(running);
}

export function stop(): void {
  running += 1;
  asked = 0;
  health.set(unknown());
}

async function poll(mine: number): Promise<void> {
  while (mine === running) {
    try {
      const status = await askStatus();
      if (mine !== running) return;
      learn(status.time);
      health.set({ status, away: "", heard: Date.now() });
      await refreshSources(status);
    } catch (error) {
      if (mine !== running) return;
      const database = error instanceof Problem && error.reason === "database_away";
      health.set({ ...health.get(), away: database ? "database" : "server" });
    }
    await pause(document.hidden ? HIDDEN_MS : EVERY_MS);
  }
}

/** Shorter where somebody turns to the page meanwhile. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms);
    document.addEventListener("visibilitychange", done);
    function done() {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", done);
      resolve();
    }
  });
}

async function refreshSources(status: Status): Promise<void> {
  const now = [...status.silent, ...status.resting].map((source) => source.id).join();
  if (now === silent && performance.now() - asked < SOURCES_MS && asked > 0) return;
  sources.set(await askSources());
  silent = now;
  asked = performance.now();
}
