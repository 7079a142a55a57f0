// Which cameras stand where on the wall. Pure.
import type { Alert, Source } from "../types";
import { isUnacknowledged } from "./alerts";
import { before } from "./rows";

/** The most pressing alert of each camera that nobody has acknowledged: its own, or of its road. */
export function alarms(
  cameras: readonly Source[],
  alerts: Iterable<Alert>,
): ReadonlyMap<string, Alert> {
  const found = new Map<string, Alert>();
  for (const alert of [...alerts].filter(isUnacknowledged).sort(before))
    for (const { id, segment } of cameras) {
      const sees = segment !== "" && segment === alert.place?.segment;
      if (!found.has(id) && (alert.sources.includes(id) || sees)) found.set(id, alert);
    }
  return found;
}

/** Those with alarms come forward, the most pressing first; the others stay in the order of their names. */
export function ordered(
  cameras: readonly Source[],
  alarms: ReadonlyMap<string, Alert>,
  name: (camera: Source) => string,
): Source[] {
  return [...cameras].sort((a, b) => {
    const [one, other] = [alarms.get(a.id), alarms.get(b.id)];
    if (one && other && one !== other) return before(one, other);
    return (
      Number(!one) - Number(!other) || name(a).localeCompare(name(b)) || (a.id < b.id ? -1 : 1)
    );
  });
}
