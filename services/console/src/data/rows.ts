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

/** Characters; fewer would be in any id. */
const ID_PART = 4;

/** Lower case without diacritics, so that "cau rao" finds "Cầu Rào". */
export function plain(text: string): string {
  return text.toLowerCase().replaceAll("đ", "d").normalize("NFD").replace(/\p{M}/gu, "");
}

/** `found`: ids of those that the service says match the text. */
export function matches(alert: Alert, filter: Filter, found: ReadonlySet<string>): boolean {
  if (filter.show === "aside" ? !isAside(alert) : !STATES[filter.show].includes(alert.state))
    return false;
  if (filter.severity && alert.severity !== filter.severity) return false;
  if (filter.kind && alert.kind !== filter.kind) return false;
  const words = plain(filter.text).split(/\s+/).filter(Boolean);
  if (words.length === 0 || found.has(alert.id)) return true;
  const told = saidOf(alert);
  return words.every(
    (word) => told.includes(word) || (word.length >= ID_PART && alert.id.includes(word)),
  );
}

/** As the service has it (`_search` in `services/alerts/store.py`), so that what comes meanwhile is found. */
function saidOf(alert: Alert): string {
  const { names, kind, source, sources, zone, rule, subject } = alert;
  const people = [alert.acknowledged_by, alert.assigned_to, alert.resolved_by];
  const words = [...Object.values(names), kind, source, ...sources, zone, rule, subject, ...people];
  return plain(words.filter(Boolean).join("\n"));
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
export function arranged(
  alerts: Iterable<Alert>,
  filter: Filter,
  found: ReadonlySet<string>,
): string[] {
  const rows = [...alerts].filter((alert) => matches(alert, filter, found));
  if (filter.show === "closed") rows.sort((a, b) => (a.latest_time < b.latest_time ? 1 : -1));
  else rows.sort(before);
  return rows.map((alert) => alert.id);
}

/** While rows are held nothing moves: new ones wait, gone ones stay where they were. */
export function waiting(shown: readonly string[], wanted: readonly string[]): string[] {
  const there = new Set(shown);
  return wanted.filter((id) => !there.has(id));
}
