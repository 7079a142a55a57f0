// What the service finds that this screen does not know: any text, and closed alerts of any age.
import { alerts as ask, Away, Problem } from "./api";
import type { Filter } from "./address";
import { CLOSED, keep, put } from "./alerts";
import { STATES } from "./rows";
import type { Page } from "../types";
import { store } from "./store";

const PAGE = 200;
/** Somebody who types is asked for once they have stopped. */
export const TYPED_MS = 250;

export interface Found {
  /** Of the filter that it is about. */
  key: string;
  /** Those found so far. */
  ids: ReadonlySet<string>;
  /** How many there are that match, and without what narrows them; null: not known. */
  matching: number | null;
  all: number | null;
  next: string | null;
  state: "known" | "asking" | "away";
}

const NONE: Found = {
  key: "",
  ids: new Set(),
  matching: null,
  all: null,
  next: null,
  state: "known",
};
export const found = store<Found>(NONE);

let timer: number | undefined;
let generation = 0;

export const keyOf = ({ show, severity, kind, text }: Filter): string =>
  [show, severity, kind, text].join("\n");

/** What is open is here, unless it is looked for by words, which the service knows more of. */
const isAsked = ({ show, text }: Filter): boolean => show === "closed" || text.trim() !== "";

export function look(filter: Filter): void {
  generation += 1;
  window.clearTimeout(timer);
  keep(new Set());
  if (!isAsked(filter)) return found.set(NONE);
  const mine = generation;
  found.set({ ...NONE, key: keyOf(filter), state: "asking" });
  timer = window.setTimeout(() => void page(filter, mine), filter.text ? TYPED_MS : 0);
}

/** The next ones, where somebody has scrolled to the end. */
export function more(filter: Filter): void {
  const { next, state, key } = found.get();
  if (next === null || state === "asking" || key !== keyOf(filter)) return;
  void page(filter, generation);
}

async function page(filter: Filter, mine: number): Promise<void> {
  const before = found.get();
  found.set({ ...before, state: "asking" });
  try {
    const answer = await ask(STATES[filter.show], PAGE, before.next, filter);
    const all = filter.show === "closed" ? (before.all ?? (await allClosed(filter, answer))) : null;
    if (mine !== generation) return;
    const ids = new Set([...before.ids, ...answer.alerts.map(({ id }) => id)]);
    keep(ids);
    for (const alert of answer.alerts) put(alert);
    found.set({
      key: before.key,
      ids,
      matching: sum(answer.counts),
      all,
      next: answer.next,
      state: "known",
    });
  } catch (error) {
    if (!(error instanceof Away || error instanceof Problem)) throw error;
    if (mine === generation) found.set({ ...found.get(), state: "away" });
  }
}

async function allClosed({ severity, kind, text }: Filter, answer: Page): Promise<number> {
  const narrowed = severity || kind || text.trim();
  return sum((narrowed ? await ask(CLOSED, 1, null) : answer).counts);
}

const sum = (counts: Record<string, number>): number =>
  Object.values(counts).reduce((total, n) => total + n, 0);
