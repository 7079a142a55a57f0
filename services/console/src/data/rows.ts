// Which rows the list shows, and in what order. Pure.
import { SEVERITIES } from "../api-types";
import type { Alert, Severity, State } from "../types";
import type { Filter, Show } from "./address";
import { ASIDE, CLOSED, isAside, isUnacknowledged, OPEN, UNACKNOWLEDGED } from "./alerts";

export const WORST_FIRST: readonly Severity[] = [...SEVERITIES].reverse();

/** States of the alerts that are shown. */
export const STATES: Record<Show, readonly State[]> = {
  open: OPEN,
  unacknowledged: UNACKNOWLEDGED,
  aside: ASIDE,
  closed: CLOSED,
};

/** Lower case without diacritics, so that "cau rao" finds "Cầu Rào". */
export function plain(text: string): string {
  return text.toLowerCase().replaceAll("đ", "d").normalize("NFD").replace(/\p{M}/gu, "");
}

export function matches(alert: Alert, filter: Filter): boolean {
  if (filter.show === "aside" ? !isAside(alert) : !STATES[filter.show].includes(alert.state))
    return false;
  if (filter.severity && alert.severity !== filter.severity) return false;
  if (filter.kind && alert.kind !== filter.kind) return false;
  if (!filter.text) return true;
  const names = [...Object.values(alert.names), alert.source, alert.zone, alert.id].join(" ");
  return plain(names).includes(plain(filter.text));
}

/** What asks for somebody comes first, then the more urgent, then the more severe, then the later. */
export function before(a: Alert, b: Alert): number {
  return (
    Number(isUnacknowledged(b)) - Number(isUnacknowledged(a)) ||
    a.priority.level - b.priority.level ||
    WORST_FIRST.indexOf(a.severity) - WORST_FIRST.indexOf(b.severity) ||
    (a.latest_time < b.latest_time ? 1 : a.latest_time > b.latest_time ? -1 : 0) ||
    (a.id < b.id ? -1 : 1)
  );
}

/** Ids of the rows in their order; closed ones simply by time. */
export function arranged(alerts: Iterable<Alert>, filter: Filter): string[] {
  const found = [...alerts].filter((alert) => matches(alert, filter));
  if (filter.show === "closed") found.sort((a, b) => (a.latest_time < b.latest_time ? 1 : -1));
  else found.sort(before);
  return found.map((alert) => alert.id);
}

/** While rows are held nothing moves: new ones wait, gone ones stay where they were. */
export function waiting(shown: readonly string[], wanted: readonly string[]): string[] {
  const there = new Set(shown);
  return wanted.filter((id) => !there.has(id));
}
