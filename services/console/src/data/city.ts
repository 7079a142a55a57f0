// What the city has on a map: in which state, by type, and what explains what. Pure.
import type { Alert, Asset, Source } from "../types";
import { stateOf } from "./estate";

/** `faulty`: something lasts that an alert is about; `quiet`: it reports nothing, and nothing is said of it. */
export type Health = "well" | "faulty" | "silent" | "rests" | "quiet";

const HEALTH: Record<ReturnType<typeof stateOf>, Health> = {
  up: "well",
  awaited: "quiet",
  silent: "silent",
  off: "rests",
  ended: "rests",
};

/** [longitude, latitude], degrees. */
export type Spot = readonly [number, number];

export interface Placed {
  asset: Asset;
  spot: Spot;
  health: Health;
}

export interface Layer {
  type: string;
  all: number;
  faulty: number;
  silent: number;
}

/** An open alert with what is explained by it. */
export interface Cause {
  alert: Alert;
  root: Spot | null;
  consequences: readonly Alert[];
  /** Where those are whose place is known. */
  spots: readonly Spot[];
  /** `event`: they tell of the same, as of a flood; `outage`: they depend on it. */
  form: "event" | "outage";
}

/** Where it stands; of a line or an area its middle point. */
export function spotOf({ latitude, longitude, shape }: Asset): Spot | null {
  if (latitude !== null && longitude !== null) return [longitude, latitude];
  const middle = shape?.points[Math.floor(shape.points.length / 2)];
  return middle ? [middle[1], middle[0]] : null;
}

/** Sources that lasting alerts are about. */
export function troubled(alerts: Iterable<Alert>): Set<string> {
  const found = new Set<string>();
  for (const { active, sources, source } of alerts)
    if (active) for (const id of [source, ...sources]) found.add(id);
  return found;
}

export function placed(
  assets: readonly Asset[],
  sources: readonly Source[],
  faulty: ReadonlySet<string>,
): Placed[] {
  const reporting = new Map(sources.map((source) => [source.id, source]));
  return assets.flatMap((asset) => {
    const spot = spotOf(asset);
    if (!spot) return [];
    const source = reporting.get(asset.id);
    let health: Health = "quiet";
    if (faulty.has(asset.id)) health = "faulty";
    else if (source) health = HEALTH[stateOf(source)];
    return [{ asset, spot, health }];
  });
}

/** Where most of it is: an island a hundred kilometres away must not make a dot of the city. */
export function core(spots: readonly Spot[]): Spot[] {
  const between = (axis: 0 | 1): [number, number] => {
    const sorted = spots.map((spot) => spot[axis]).sort((a, b) => a - b);
    const aside = Math.floor(sorted.length * 0.03);
    return [sorted[aside] ?? 0, sorted[sorted.length - 1 - aside] ?? 0];
  };
  const [west, east] = between(0);
  const [south, north] = between(1);
  return spots.filter(
    ([longitude, latitude]) =>
      longitude >= west && longitude <= east && latitude >= south && latitude <= north,
  );
}

/** The layers, the largest first. */
export function layers(all: readonly Placed[]): Layer[] {
  const found = new Map<string, Layer>();
  for (const { asset, health } of all) {
    const layer = found.get(asset.type) ?? { type: asset.type, all: 0, faulty: 0, silent: 0 };
    layer.all += 1;
    if (health === "faulty" || health === "silent") layer[health] += 1;
    found.set(asset.type, layer);
  }
  return [...found.values()].sort((a, b) => b.all - a.all || (a.type < b.type ? -1 : 1));
}

/** Open alerts, each with its lasting consequences, those with most of them first. */
export function causes(
  byId: ReadonlyMap<string, Alert>,
  spotBy: ReadonlyMap<string, Spot>,
  isOpen: (alert: Alert) => boolean,
): Cause[] {
  const under = new Map<string, Alert[]>();
  for (const alert of byId.values()) {
    if (!alert.consequence_of || !alert.active) continue;
    const of = under.get(alert.consequence_of);
    if (of) of.push(alert);
    else under.set(alert.consequence_of, [alert]);
  }
  const at = ({ source, place }: Alert): Spot | null => {
    if (place && place.latitude !== null && place.longitude !== null)
      return [place.longitude, place.latitude];
    return spotBy.get(source) ?? null;
  };
  return [...byId.values()]
    .filter((alert) => isOpen(alert) && !alert.consequence_of)
    .map((alert) => {
      const consequences = under.get(alert.id) ?? [];
      const near = consequences.filter(({ why }) => why === "near" || why === "road").length;
      return {
        alert,
        root: at(alert),
        consequences,
        spots: consequences.map(at).filter((spot) => spot !== null),
        form: near * 2 > consequences.length ? ("event" as const) : ("outage" as const),
      };
    })
    .sort((a, b) => b.consequences.length - a.consequences.length);
}

const METRES_A_DEGREE = 111_320;
const CORNERS = 12;

/** Those no further away; a tide station tells of a flood, and is not flooded. */
export function within(root: Spot, spots: readonly Spot[], metres: number): Spot[] {
  const narrow = Math.cos((root[1] * Math.PI) / 180);
  return spots.filter(
    ([longitude, latitude]) =>
      Math.hypot((longitude - root[0]) * narrow, latitude - root[1]) * METRES_A_DEGREE <= metres,
  );
}

/** The outline of what lies within so many metres of any of the spots; closed. */
export function outline(spots: readonly Spot[], metres: number): Spot[] {
  const around = spots.flatMap(([longitude, latitude]) => {
    const up = metres / METRES_A_DEGREE;
    const across = up / Math.cos((latitude * Math.PI) / 180);
    return Array.from({ length: CORNERS }, (_, n): Spot => {
      const angle = (2 * Math.PI * n) / CORNERS;
      return [longitude + across * Math.cos(angle), latitude + up * Math.sin(angle)];
    });
  });
  return hull(around);
}

/** The convex hull (Andrew's monotone chain), counter-clockwise and closed. */
export function hull(spots: readonly Spot[]): Spot[] {
  const sorted = [...spots].sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  if (sorted.length < 3) return sorted;
  const half = (points: readonly Spot[]): Spot[] => {
    const line: Spot[] = [];
    for (const point of points) {
      for (;;) {
        const [a, b] = [line.at(-2), line.at(-1)];
        if (!a || !b) break;
        const turn = (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]);
        if (turn > 0) break;
        line.pop();
      }
      line.push(point);
    }
    return line;
  };
  const below = half(sorted);
  const above = half(sorted.reverse());
  return [...below.slice(0, -1), ...above];
}
