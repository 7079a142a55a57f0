// What unacknowledged alerts sound like: which of them, how often, and the notes. Pure.
import { SEVERITIES } from "../api-types";
import type { Alert, Origin, Severity } from "../types";
import { isUnacknowledged } from "./alerts";

/** Nobody is woken by a recording, nor by a replay: the simulated city is there to be worked with. */
const SOUND: ReadonlySet<Origin> = new Set<Origin>(["live", "simulated"]);

export const sounds = (alert: Alert): boolean => isUnacknowledged(alert) && SOUND.has(alert.origin);

export interface Tone {
  /** Hertz, one after the other: the more there are, and the higher, the more it presses. */
  notes: readonly number[];
  /** From the beginning of one to that of the next. */
  every_ms: number;
}

export const TONES: Readonly<Record<Severity, Tone>> = {
  critical: { notes: [988, 784, 988, 784, 988], every_ms: 4_000 },
  high: { notes: [784, 784, 784], every_ms: 8_000 },
  medium: { notes: [622, 622], every_ms: 20_000 },
  low: { notes: [494], every_ms: 60_000 },
  informational: { notes: [392], every_ms: 300_000 },
};

/** The worst of those that sound; null: silence. */
export function loudest(alerts: Iterable<Alert>, from: Severity): Severity | null {
  let worst = SEVERITIES.indexOf(from) - 1;
  const least = worst;
  for (const alert of alerts)
    if (sounds(alert)) worst = Math.max(worst, SEVERITIES.indexOf(alert.severity));
  return worst > least ? (SEVERITIES[worst] ?? null) : null;
}
