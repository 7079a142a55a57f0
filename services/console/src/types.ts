// What the alerts service sends; /openapi.json describes it.
export type Severity = "informational" | "low" | "medium" | "high" | "critical";
export type State =
  "unacknowledged" | "acknowledged" | "returned_unacknowledged" | "normal" | "resolved";
export type Origin = "live" | "recorded" | "simulated" | "replayed";

export interface Place {
  latitude: number;
  longitude: number;
  segment: string;
}

export interface Evidence {
  model: string;
  version: string;
  picture: string | null;
  source: string;
  time: string;
  boxes: { label: string; score: number }[];
  metric: string;
  series: { time: string; value: number | null; score: number | null }[];
  missing: string | null;
}

export interface Alert {
  id: string;
  version: number;
  kind: string;
  origin: Origin;
  source: string;
  sources: string[];
  zone: string;
  severity: Severity;
  state: State;
  active: boolean;
  count: number;
  event_time: string;
  latest_time: string;
  decided_at: string;
  ended: string | null;
  acknowledged_by: string | null;
  acknowledged_at: string | null;
  resolved_by: string | null;
  resolved_at: string | null;
  /** The alert that goes on in its place. */
  merged_into: string | null;
  /** Where event time stood still when it was announced: an end, or a merge, may be missing. */
  stood_since: string | null;
  place: Place | null;
  names: {
    kind_vi: string;
    kind_en: string;
    source_vi: string;
    source_en: string;
    zone_vi: string;
    zone_en: string;
  };
  evidence: Evidence | null;
}

export interface Transition {
  sequence: number;
  version: number;
  kind:
    | "raised"
    | "repeated"
    | "amended"
    | "returned"
    | "merged"
    | "acknowledged"
    | "resolved"
    | "commented";
  time: string;
  actor: string | null;
  comment: string | null;
  /** Merged: the alert that goes on in its place. */
  into: string | null;
  /** Where event time stood still when this was announced. */
  stood_since: string | null;
  picture: string | null;
}

export interface Detail extends Alert {
  /** All evidence of the latest occurrence. */
  exhibits: Evidence[];
  timeline: Transition[];
}

export interface Page {
  alerts: Alert[];
  next: string | null;
  last_event_id: number;
}

export interface Change {
  transition: Transition;
  alert: Alert;
}

export interface Part {
  part: string;
  age_seconds: number;
  ok: boolean;
  detail: string;
}

export interface Silent {
  id: string;
  kind: "camera" | "loop";
  name_vi: string;
  name_en: string;
  newest: string | null;
}

export interface Status {
  time: string;
  parts: Part[];
  sources: Record<string, { up: number; all: number } | undefined>;
  newest: string | null;
  silent: Silent[];
  origins: Origin[];
  /** The last tick where the stages are furthest behind. */
  event_time: string | null;
  /** Event time does not go on: alerts come, what amends them waits. */
  stands: boolean;
  broker: boolean;
}

export interface Source {
  id: string;
  kind: "camera" | "loop";
  name_vi: string;
  name_en: string;
  origin: Origin;
  latitude: number;
  longitude: number;
  segment: string;
  up: boolean;
}

export interface Session {
  name: string;
  role: "operator" | "engineer" | "analyst" | "admin";
}
