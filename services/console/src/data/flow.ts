// What passes through the system now, from counts that only grow: what is shed, not judged, could not
// be used, and who falls behind. A part that speaks may still do nothing.
import type { Status } from "../types";
import { health } from "./status";
import { store } from "./store";

/** Rates are those of so long, and known after a third of it. */
const OVER_MS = 60_000;
const LEAST_MS = OVER_MS / 3;
/** Messages; fewer are what comes within a second or two. */
const BEHIND = 2_000;

export interface Behind {
  part: string;
  lag: number;
}

export interface Flow {
  /** By name of a count, what was added a second; empty: not known yet. */
  rates: Readonly<Record<string, number>>;
  /** Messages that could not be used, within the last minute. */
  dead: number;
  /** Parts that have much to read, and not less than before. */
  behind: readonly Behind[];
}

interface Sample {
  at: number;
  counts: Readonly<Record<string, number>>;
  dead: number;
  lags: ReadonlyMap<string, number>;
}

const NOTHING: Flow = { rates: {}, dead: 0, behind: [] };
export const flow = store<Flow>(NOTHING);

let samples: Sample[] = [];

export function sampleOf(status: Status): Sample {
  return {
    at: Date.parse(status.time),
    counts: status.counts,
    dead: status.dead_lettered.count,
    lags: new Map(status.parts.map(({ part, lag }) => [part, lag])),
  };
}

/** What went on between two samples. A part that was restarted counts from 0: that is no flow. */
export function between(first: Sample, last: Sample): Flow {
  const seconds = (last.at - first.at) / 1000;
  const rates: Record<string, number> = {};
  for (const [name, count] of Object.entries(last.counts))
    rates[name] = Math.max(0, count - (first.counts[name] ?? 0)) / seconds;
  const behind = [...last.lags]
    .map(([part, lag]) => ({ part, lag }))
    .filter(({ part, lag }) => lag >= BEHIND && lag >= (first.lags.get(part) ?? 0));
  return { rates, dead: Math.max(0, last.dead - first.dead), behind };
}

health.subscribe(() => {
  const { status, away } = health.get();
  if (!status || away) {
    samples = [];
    return flow.set(NOTHING);
  }
  const sample = sampleOf(status);
  if (samples.at(-1)?.at === sample.at) return;
  samples = [...samples.filter(({ at }) => at > sample.at - OVER_MS && at < sample.at), sample];
  const [first] = samples;
  if (first && sample.at - first.at >= LEAST_MS) flow.set(between(first, sample));
});
