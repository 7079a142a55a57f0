// Where the lines of a chart go. Pure.

/** Round values to label an axis by, from the first at or below `low` to the first at or above `high`. */
export function ticks(low: number, high: number, most = 4): number[] {
  const span = high - low;
  if (!(span > 0)) {
    const away = Math.abs(low) * 0.05 || 1;
    return ticks(low - away, low + away, most);
  }
  const raw = span / most;
  const power = 10 ** Math.floor(Math.log10(raw));
  const step = power * ([1, 2, 5].find((n) => n * power >= raw * (1 - 1e-9)) ?? 10);
  const first = Math.floor(low / step + 1e-9);
  const last = Math.ceil(high / step - 1e-9);
  return Array.from({ length: last - first + 1 }, (_, n) =>
    Number(((first + n) * step).toPrecision(12)),
  );
}

/** What belongs together: broken where something is missing for longer than `gap`. */
export function pieces<T extends { at: number }>(points: readonly T[], gap: number): T[][] {
  const found: T[][] = [];
  for (const point of points) {
    const last = found.at(-1);
    const before = last?.at(-1);
    if (last && before && point.at - before.at <= gap) last.push(point);
    else found.push([point]);
  }
  return found;
}

/** Times to label, each a whole number of some usual span, in the zone that is `offset` ahead of UTC. */
export function moments(since: number, until: number, most: number, offset: number): number[] {
  const minute = 60_000;
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880].map((n) => n * minute);
  const step = steps.find((one) => (until - since) / one <= most) ?? 10_080 * minute;
  const found: number[] = [];
  for (let at = Math.ceil((since + offset) / step) * step - offset; at < until; at += step)
    found.push(at);
  return found;
}
