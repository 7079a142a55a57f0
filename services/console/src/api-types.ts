// Written by `npm run types` from the API's description; change services/api instead.

/** The change is in the log. */
export interface Accepted {
  /** Of the newest change of the configuration. */
  sequence: number;
}

export interface AccountsBody {
  /** Its start; of the values' own event time */
  hour: string;
  /** Sensor or camera; empty: of none that is known */
  source: string;
  /** Values, or pictures of a camera: the sum of what follows */
  came: number;
  /** Stored in time, also where a later value corrected it since */
  accepted: number;
  /** Stored, after the allowed lateness, and no second value */
  late: number;
  /** Another value of the same time counts instead, or this one replaced it late */
  corrected: number;
  /** The same had come before */
  repeated: number;
  /** Used by nobody, see reasons */
  refused: number;
  /** Never published, see reasons */
  shed: number;
  /** Pictures that came too late, or that show nothing */
  not_judged: number;
  /** Of those that were refused or shed */
  reasons: Record<string, number>;
}

export interface AccountsPage {
  accounts: AccountsBody[];
  /** Cursor of the next page; null: this is the last */
  next: string | null;
  /** Event time until which all stages have said theirs, once in five minutes; null: some have not yet, see unsaid */
  counted: string | null;
  /** Stages that have said none yet, in some partition */
  unsaid: string[];
  /** How often what was stored was not what had been sent on; each is an incident */
  differences: number;
  /** Values counted since then, of hours before since: not listed */
  earlier: number;
  /** The first of these hours; null: there are none */
  earlier_since: string | null;
}

/** What an operator asks. Send the same `command_id` again after a lost answer: it is done once, and the answer is the same. */
export interface Act {
  command_id: string;
  /** Refuse with 409 unless the alert is still at this version */
  expected_version?: number | null;
  comment?: string;
}

/** An alert as it is now. */
export interface AlertBody {
  id: string;
  /** Rises by one with every transition */
  version: number;
  kind: string;
  /** Smart Data Models Alert */
  category: string;
  subCategory: string | null;
  origin: "live" | "recorded" | "simulated" | "replayed";
  source: string;
  sources: string[];
  /** How many of its sources are outside your area: nothing more is said of them */
  outside: number;
  /** False: its first source is outside your area, and so is what is done about it; source, rule, zone and subject are empty */
  own: boolean;
  zone: string;
  rule: string;
  subject: string;
  severity: "informational" | "low" | "medium" | "high" | "critical";
  priority: PriorityBody;
  cap: CapBody;
  /** ISA-18.2, or resolved */
  state: "unacknowledged" | "acknowledged" | "returned_unacknowledged" | "normal" | "shelved" | "suppressed" | "out_of_service" | "resolved";
  /** Whether the condition is there */
  active: boolean;
  /** Occurrences, each within ten minutes of the last; none that was past when it was heard of */
  count: number;
  /** Start of the first occurrence */
  event_time: string;
  /** Start of the latest occurrence */
  latest_time: string;
  /** When the latest occurrence was proven (event time) */
  decided_at: string;
  /** When the condition returned to normal */
  ended: string | null;
  acknowledged_by: string | null;
  acknowledged_at: string | null;
  resolved_by: string | null;
  resolved_at: string | null;
  /** The alert that goes on in its place */
  merged_into: string | null;
  /** Where event time had stalled when the streams last said anything of this alert: an end, or a merge, decided later may be missing; null: it went on */
  stalled_since: string | null;
  /** When the condition was last proven, where its source is not heard: nobody knows whether it lasts; null: it does, or it is over */
  unknown_since: string | null;
  /** Start of the first of its occurrences that flap: three or more that begin within five minutes, each after the end of the one before. While it flaps an acknowledgement stands, unless it becomes more severe; null: it does not flap */
  flapping_since: string | null;
  /** Since when the condition has been there without a break; null: it is not, or an earlier release stored it. For longer than 24 hours: stale */
  active_since: string | null;
  /** Null: it is not shelved */
  shelf: ShelfBody | null;
  /** In force */
  suppressions: SuppressionBody[];
  /** User who sees to it; null: nobody */
  assigned_to: string | null;
  /** What it turned out to be; empty: nobody has said, or it is not closed */
  disposition: "" | "true" | "false" | "nuisance" | "test" | "duplicate";
  /** What was said when it was closed */
  resolution: string | null;
  /** Ids of alerts that have to do with it */
  links: string[];
  /** Null: there is nothing to be taken back */
  undo: UndoBody | null;
  /** The alert of which it is a consequence, or was until it ended, as what its source depends on is down, or that leads the event of which both tell: so it asks for nothing; null: of none */
  consequence_of: string | null;
  /** What was decided last of whether it is a consequence: `depends`, what it depends on is down; `late`, that was over when this was proven; `again`, that is down again; `near`, `road`, it tells of the same event, near by or on the same road; `outlasts`, that is over and this lasts; `off`, nothing is explained; empty: nothing was decided */
  why: "" | "depends" | "late" | "again" | "outlasts" | "off" | "near" | "road";
  /** How many alerts are consequences of it, or were until they ended; null: in the live stream, where they are not counted */
  consequence_count: number | null;
  place: PlaceBody | null;
  names: NamesBody;
  /** Of the latest occurrence */
  evidence: EvidenceBody | null;
}

/** With everything that happened to it, oldest first. */
export interface AlertDetail {
  id: string;
  /** Rises by one with every transition */
  version: number;
  kind: string;
  /** Smart Data Models Alert */
  category: string;
  subCategory: string | null;
  origin: "live" | "recorded" | "simulated" | "replayed";
  source: string;
  sources: string[];
  /** How many of its sources are outside your area: nothing more is said of them */
  outside: number;
  /** False: its first source is outside your area, and so is what is done about it; source, rule, zone and subject are empty */
  own: boolean;
  zone: string;
  rule: string;
  subject: string;
  severity: "informational" | "low" | "medium" | "high" | "critical";
  priority: PriorityBody;
  cap: CapBody;
  /** ISA-18.2, or resolved */
  state: "unacknowledged" | "acknowledged" | "returned_unacknowledged" | "normal" | "shelved" | "suppressed" | "out_of_service" | "resolved";
  /** Whether the condition is there */
  active: boolean;
  /** Occurrences, each within ten minutes of the last; none that was past when it was heard of */
  count: number;
  /** Start of the first occurrence */
  event_time: string;
  /** Start of the latest occurrence */
  latest_time: string;
  /** When the latest occurrence was proven (event time) */
  decided_at: string;
  /** When the condition returned to normal */
  ended: string | null;
  acknowledged_by: string | null;
  acknowledged_at: string | null;
  resolved_by: string | null;
  resolved_at: string | null;
  /** The alert that goes on in its place */
  merged_into: string | null;
  /** Where event time had stalled when the streams last said anything of this alert: an end, or a merge, decided later may be missing; null: it went on */
  stalled_since: string | null;
  /** When the condition was last proven, where its source is not heard: nobody knows whether it lasts; null: it does, or it is over */
  unknown_since: string | null;
  /** Start of the first of its occurrences that flap: three or more that begin within five minutes, each after the end of the one before. While it flaps an acknowledgement stands, unless it becomes more severe; null: it does not flap */
  flapping_since: string | null;
  /** Since when the condition has been there without a break; null: it is not, or an earlier release stored it. For longer than 24 hours: stale */
  active_since: string | null;
  /** Null: it is not shelved */
  shelf: ShelfBody | null;
  /** In force */
  suppressions: SuppressionBody[];
  /** User who sees to it; null: nobody */
  assigned_to: string | null;
  /** What it turned out to be; empty: nobody has said, or it is not closed */
  disposition: "" | "true" | "false" | "nuisance" | "test" | "duplicate";
  /** What was said when it was closed */
  resolution: string | null;
  /** Ids of alerts that have to do with it */
  links: string[];
  /** Null: there is nothing to be taken back */
  undo: UndoBody | null;
  /** The alert of which it is a consequence, or was until it ended, as what its source depends on is down, or that leads the event of which both tell: so it asks for nothing; null: of none */
  consequence_of: string | null;
  /** What was decided last of whether it is a consequence: `depends`, what it depends on is down; `late`, that was over when this was proven; `again`, that is down again; `near`, `road`, it tells of the same event, near by or on the same road; `outlasts`, that is over and this lasts; `off`, nothing is explained; empty: nothing was decided */
  why: "" | "depends" | "late" | "again" | "outlasts" | "off" | "near" | "road";
  /** How many alerts are consequences of it, or were until they ended; null: in the live stream, where they are not counted */
  consequence_count: number | null;
  place: PlaceBody | null;
  names: NamesBody;
  /** Of the latest occurrence */
  evidence: EvidenceBody | null;
  /** Of its latest occurrence; null: this installation no longer has its kind */
  rationale: RationaleBody | null;
  /** Of what other incidents that became part of it were raised for */
  members: RationaleBody[];
  /** What is to be done, step by step, with who did what; null: this installation no longer has its kind, or it is another ward's */
  runbook: RunbookBody | null;
  /** All evidence of the latest occurrence */
  exhibits: EvidenceBody[];
  /** What it is a consequence of; null: of nothing, or of nothing that you may see */
  cause: LinkedBody | null;
  /** Those that are consequences of it, the longest first; at most 1000 */
  consequences: LinkedBody[];
  timeline: TransitionBody[];
}

export interface AlertPage {
  alerts: AlertBody[];
  /** Cursor of the next page; null: this is the last */
  next: string | null;
  /** The list holds every transition up to this one: open /api/events with it, and none is missed or seen twice */
  last_event_id: number;
  /** How many alerts match, by state */
  counts: Record<string, number>;
  /** How many open alerts flap now, whatever the filters */
  flapping: number;
  /** How many have been there for longer than a day, likewise */
  stale: number;
}

export interface AreaIn {
  /** Names as sources have them, see `GET /api/wards`; null: say `everywhere` */
  wards?: string[] | null;
  /** More, that no source need be in yet; spelled as sources will have them */
  new_wards?: string[];
  /** No limit, instead of `wards` */
  everywhere?: boolean;
}

export interface AssetBody {
  id: string;
  /** See /api/catalogue */
  type: string;
  /** That declares the type; empty: none does here */
  feed: string;
  /** Whether events come of it; else nobody misses any */
  reports: boolean;
  name_vi: string;
  name_en: string;
  /** Degrees north, WGS 84; null: not known */
  latitude: number | null;
  /** Degrees east, WGS 84; null: not known */
  longitude: number | null;
  /** Road segment; empty: none known */
  segment: string;
  /** Of a line or an area; null: it is a point */
  shape: ShapeBody | null;
  /** Ward, commune or special zone; empty: not known */
  ward: string;
  /** Who runs it; empty: not known */
  owner: string;
  /** Whom to call; empty: nobody is known; null: you may not see it */
  contact: string | null;
  origin: "live" | "recorded" | "simulated" | "replayed";
  /** What it depends on directly */
  parents: string[];
}

export interface AssetDetail {
  id: string;
  /** See /api/catalogue */
  type: string;
  /** That declares the type; empty: none does here */
  feed: string;
  /** Whether events come of it; else nobody misses any */
  reports: boolean;
  name_vi: string;
  name_en: string;
  /** Degrees north, WGS 84; null: not known */
  latitude: number | null;
  /** Degrees east, WGS 84; null: not known */
  longitude: number | null;
  /** Road segment; empty: none known */
  segment: string;
  /** Of a line or an area; null: it is a point */
  shape: ShapeBody | null;
  /** Ward, commune or special zone; empty: not known */
  ward: string;
  /** Who runs it; empty: not known */
  owner: string;
  /** Whom to call; empty: nobody is known; null: you may not see it */
  contact: string | null;
  origin: "live" | "recorded" | "simulated" | "replayed";
  /** What it depends on directly */
  parents: string[];
  /** All that it depends on, the nearest first */
  above: LinkBody[];
  /** What depends on it, the nearest first; at most a thousand */
  below: LinkBody[];
  /** How many depend on it */
  dependants: number;
}

export interface AssetPage {
  assets: AssetBody[];
  /** How many match, on all pages */
  matching: number;
  /** Cursor of the next page; null: this is the last */
  next: string | null;
}

export interface AssetTypeBody {
  id: string;
  name: WordsBody;
  /** Between its events; 0: it differs */
  period_seconds: number;
  /** False: nothing ever comes of it */
  reports: boolean;
}

export interface Assigning {
  command_id: string;
  /** Refuse with 409 unless the alert is still at this version */
  expected_version?: number | null;
  comment?: string;
  /** A user's name; empty: nobody's any more */
  to: string;
}

export interface AuditLine {
  /** Its place in the chain */
  sequence: number;
  /** RFC 3339 */
  time: string;
  /** When the last of several acts alike was */
  last_time: string;
  /** How many acts alike the line stands for */
  times: number;
  /** A user's name, or machine; empty: nobody that is known */
  actor: string;
  /** Of the actor, then */
  role: string;
  /** system: CityOps itself */
  means: "browser" | "command line" | "api" | "token" | "system";
  /** Of the token */
  label: string;
  /** Network address; empty: this machine itself */
  address: string;
  /** noun:verb */
  action: string;
  subject: string;
  /** refused: they may not; failed: it could not be done */
  outcome: "done" | "refused" | "failed";
  /** A word: why it was refused or failed */
  reason: string;
  /** The reason that was given, where one is asked for */
  why: string;
  detail: string;
  /** SHA-256 in hexadecimal */
  hash: string;
}

export interface AuditPage {
  lines: AuditLine[];
  /** Cursor of the next page; null: this is the last */
  next: string | null;
}

/** How long a part may be away before inputs are refused or data is lost. */
export interface AwayBody {
  /** The writer, the database, a group of workers or the alerts */
  part: string;
  /** As of an outage */
  seconds: number | null;
  /** Which of its readers has least time left, or is not known */
  reader: string;
  topic: string;
  partition: number;
}

/** Percent; null: nobody knows. */
export interface AxesBody {
  /** Đủ: of the readings that are to come, those that do */
  complete: number | null;
  /** Đúng: of those that came, those with no refused value */
  valid: number | null;
  /** Sạch: not stuck, sent twice or corrected */
  clean: number | null;
  /** Sống: in time to be judged */
  live: number | null;
}

/** In pixels of the original picture; score 0–1. */
export interface BoxBody {
  x0: number;
  y0: number;
  x1: number;
  y1: number;
  label: string;
  score: number;
}

/** The same for several alerts. Each is done or refused by itself. */
export interface Bulk {
  command_id: string;
  ids: string[];
  action: "acknowledge" | "resolve" | "comment" | "shelve" | "unshelve" | "assign";
  comment?: string;
  disposition?: "" | "true" | "false" | "nuisance" | "test" | "duplicate";
  minutes?: number | null;
  to?: string;
}

export interface BulkResult {
  id: string;
  done: boolean;
  /** Why not, in a word; null: it was done */
  reason: string | null;
  /** Why not, in a line */
  detail: string | null;
}

export interface CameraBody {
  id: string;
  kind: string;
  name_vi: string;
  name_en: string;
  origin: "live" | "recorded" | "simulated" | "replayed";
  place: PlaceBody;
  /** Of a line or an area; null: it is a point */
  shape: ShapeBody | null;
  ward: string;
  owner: string;
  parents: string[];
  gateway: string;
  /** name@version; empty: the active detector */
  model: string;
  /** Microseconds between two frames; 0: not known */
  period: number;
  /** Without credentials; empty: the gateway does not read it */
  address: string;
  /** Maximum frames per second; null: the gateway does not read it */
  fps: number | null;
  loop: boolean | null;
  /** Whether its certificate is looked at; null: it is not asked by TLS */
  verified: boolean | null;
  /** False: the detector looks at every picture, also where nothing changed */
  gated: boolean;
  zones: string[];
  /** Raised where what it sees is another view, accepted by somebody */
  view: number;
  /** It turns by itself from view to view: whether it was moved is not judged */
  tours: boolean;
  /** off: it is switched off; ended: its recording is over; empty: it is to speak */
  rests: "" | "off" | "ended";
}

export interface CameraIn {
  id: string;
  /** File on the server or URL; may carry user:password@, or have {user} and {password} where they belong. Credentials are sealed, and shown nowhere. */
  address: string;
  /** Empty: as in the address. */
  user?: string;
  /** Empty: as in the address. */
  password?: string;
  /** False: its certificate is not looked at, by https, rtmps or rtsps */
  verified?: boolean;
  /** name@version; empty: the active detector, or else the best for real streets that is there. */
  model?: string;
  /** Repeat a recording when it ends. */
  loop?: boolean;
  /** The address plays a recording; that of a file always does. */
  recorded?: boolean;
  /** Refuse it where another camera has the same address. */
  alone?: boolean;
  /** Maximum frames per second. */
  fps?: number;
  name_vi?: string;
  name_en?: string;
  /** Degrees north; null: not known */
  latitude?: number | null;
  /** Degrees east; null: not known */
  longitude?: number | null;
  /** Road segment that it looks at */
  segment?: string;
  /** Where it is no point */
  shape?: ShapeBody | null;
  /** Ward, commune or special zone */
  ward?: string;
  /** Who runs it */
  owner?: string;
  /** Sources that it depends on */
  parents?: string[];
  /** False: the detector looks at every picture, also where nothing has changed. */
  gated?: boolean;
  /** It turns by itself from view to view: whether it was moved is not judged. */
  tours?: boolean;
  zones?: ZoneIn[];
  rules?: RuleIn[];
}

/** As in CAP 1.2; what is not live is an exercise. */
export interface CapBody {
  status: string;
  urgency: string;
  severity: string;
  certainty: string;
}

/** What became of cases, or happened, in one hour, at one source or of one kind. */
export interface CasesBody {
  /** Its start, where it is by hour */
  hour: string | null;
  /** Where it is by source */
  source: string | null;
  name_vi: string | null;
  name_en: string | null;
  /** Where it is by procedure; 0: nobody said */
  procedure: number | null;
  begun: number;
  forwarded: number;
  ended: number;
  /** Of those that ended: in time; or done, and not failed */
  in_time: number;
  /** What these come to, in đồng, where anything is paid */
  amount: number;
  /** In the indicator's unit; null: none ended */
  value: number | null;
}

export interface CasesList {
  origin: "live" | "recorded" | "simulated" | "replayed";
  since: string;
  until: string;
  rows: CasesBody[];
}

export interface CatalogueBody {
  kinds: KindBody[];
  feeds: FeedBody[];
  /** Of `joins.yaml`, in the order in which they count */
  joins: JoinBody[];
  /** Of `combinations.yaml` */
  combinations: CombinationBody[];
}

export interface ChannelBody {
  name: string;
  type: string;
  configuration: Record<string, string | number | boolean>;
  public: boolean;
  wards: string[] | null;
  language: "vi" | "en";
  /** RFC 3339: exercises are accepted until then; null: none are */
  exercises_until: string | null;
  /** Recipients have addresses of their own there */
  addressed: boolean;
}

export interface ChannelIn {
  type: string;
  /** What may be seen of it, by type */
  configuration?: Record<string, string | number | boolean>;
  /** Those that are not given stay as they are */
  secrets?: Record<string, string> | null;
  /** Its readers are not known by name: nothing but what is live goes there */
  public?: boolean;
  /** Whose alerts it is told of; null: everywhere */
  wards?: string[] | null;
  language?: "vi" | "en";
  /** For which exercises (simulated, recorded alerts) are accepted from now on, each marked as one; null: none are */
  exercise_hours?: number | null;
}

export interface ChannelMade {
  name: string;
  type: string;
  configuration: Record<string, string | number | boolean>;
  public: boolean;
  wards: string[] | null;
  language: "vi" | "en";
  /** RFC 3339: exercises are accepted until then; null: none are */
  exercises_until: string | null;
  /** Recipients have addresses of their own there */
  addressed: boolean;
  /** That was made for it, said this once; null: none was */
  secret: string | null;
}

export interface ClockBody {
  /** What the machine's clock shows */
  time: string;
  /** What event time should be by now */
  event_time: string;
  /** By how much the machine's clock is ahead of event time and not believed; negative: behind; 0: it is believed */
  ahead_seconds: number;
  /** As above, for people; empty: it is believed */
  ahead: string;
}

export interface Code {
  code: string;
}

/** A FeatureCollection; what is wrong with a feature is said with its index. */
export interface CollectionIn {
  type: "FeatureCollection";
  features: Record<string, unknown>[];
}

/** Incidents that together are one of their own, of the kind `signs_together`. */
export interface CombinationBody {
  id: string;
  name: WordsBody;
  severity: "informational" | "low" | "medium" | "high" | "critical";
  /** From the first's beginning to the last's */
  within_minutes: number;
  /** Of the one that came last; 0: of one source */
  within_m: number;
  signs: SignBody[];
}

export interface CommandIn {
  action: "recording:make" | "replay:run" | "replay:compare" | "replay:remove" | "letter:view" | "letter:retry" | "model:fetch" | "stack:stop" | "stack:reset" | "audit:accept" | "key:renew" | "key:revoke" | "feed:add";
  subject?: string;
  /** The reason that was given */
  why?: string;
  detail?: string;
}

/** A period, and the same computed anew from what is stored now. */
export interface ComputedBody {
  /** The last 1000 that were said of it, in order */
  said: PeriodBody[];
  /** The query; analysts may ask it themselves */
  sql: string;
  numerator: number;
  denominator: number;
  readings: number;
  /** That these readings are of */
  sources: number;
  value: number | null;
  /** Whether it is what was said last; else something has come late since, or is not placed */
  same: boolean;
}

/** An asset above, or what may tell of the same event, and why it is the cause or is not. */
export interface ConsideredBody {
  source: string;
  name_vi: string;
  name_en: string;
  /** 1: it depends on that directly; 0: not at all, it may tell of the same event */
  steps: number;
  /** That says that it was down; null: none does */
  incident: string | null;
  since: string | null;
  /** null: it lasts, or was not down */
  until: string | null;
  verdict: "cause" | "between" | "over" | "possible" | "later" | "not_down" | "cause" | "with" | "far" | "before" | "another";
  told: WordsBody;
}

export interface ContactBody {
  user: string;
  channel: string;
  address: string;
  language: "vi" | "en";
  rank: number;
  /** RFC 3339: exercises are accepted until then; null: none are */
  exercises_until: string | null;
}

export interface ContactIn {
  address: string;
  language?: "vi" | "en";
  /** The lowest is tried first */
  rank?: number;
  /** For which exercises (simulated, recorded alerts) are accepted from now on, each marked as one; null: none are */
  exercise_hours?: number | null;
}

/** A rule whose parameters contradict each other: what proves it does not end it. */
export interface ContradictoryRule {
  id: string;
  kind: string;
  reason: string;
}

export interface CorrectionBody {
  source: string;
  metric: string;
  /** Of the measurement */
  time: string;
  /** In the metric's unit; null: nothing was measured */
  old: number | null;
  new: number;
  /** Event time at which the new value came */
  decided_at: string;
  origin: "live" | "recorded" | "simulated" | "replayed";
  /** Which delivered the new value */
  gateway: string;
}

export interface CorrectionPage {
  corrections: CorrectionBody[];
  /** Cursor of the next page; null: this is the last */
  next: string | null;
}

export interface CourseBody {
  metric: string;
  name: WordsBody;
  unit: WordsBody;
  /** Those in which something was measured */
  points: PointBody[];
  limits: LimitBody[];
}

/** Messages that could not be used. */
export interface DeadLetteredBody {
  /** All of them, be they kept as dead letters or not */
  count: number;
  /** By reason: beyond the quota of their source, and so only counted */
  not_kept: Record<string, number>;
  /** By reason: not signed by who may publish it, and so perhaps an attack */
  untrusted: Record<string, number>;
  /** Since when; null: an earlier release began to count */
  since: string | null;
}

/** One revision that says whether it is a consequence. */
export interface DecisionBody {
  revision: number;
  decided_at: string;
  /** The incident; null: of none */
  cause: string | null;
  /** Sources from its own to the cause's, of your area */
  via: string[];
  why: "" | "depends" | "late" | "again" | "outlasts" | "off" | "near" | "road";
  told: WordsBody;
}

export interface DefaultRuleBody {
  kind: string;
  severity: "informational" | "low" | "medium" | "high" | "critical";
  /** Those that differ from the kind's defaults */
  parameters: Record<string, number>;
}

export interface DeviceBody {
  /** SHA-256 of its address at the push service: its first 32 digits */
  id: string;
  channel: string;
  name: string;
  /** Of its push service; the rest of its address is sealed */
  host: string;
  /** When it was turned on; all times by the clock */
  made_at: string;
  /** When it took a message last; null: never */
  taken_at: string | null;
  /** Why the last message was not taken, or why it has ended */
  detail: string;
  /** Its push service says since then that it is no more */
  ended_at: string | null;
}

export interface DeviceIn {
  channel: string;
  /** What you call it */
  name: string;
  /** As the browser's `PushSubscription` has */
  endpoint: string;
  p256dh: string;
  auth: string;
  /** In which you are told; what was said before stays */
  language?: "vi" | "en";
}

export interface Done {
  id: string;
}

export interface DriftBody {
  source: string;
  name_vi: string;
  name_en: string;
  /** things: seen in a good picture; score: that half of them are below; bad: share of pictures that nothing can be judged by */
  measure: "things" | "score" | "bad";
  state: "drifts" | "as usual" | "not known yet";
  /** The first hour of the last two days that deviates; null: none does */
  since: string | null;
  /** In the last hour that deviates, else in the last */
  found: number | null;
  /** At that hour of days of its kind, at the median; null: not known yet */
  usual: number | null;
}

export interface DriftList {
  drift: DriftBody[];
}

export interface DutyBody {
  rotation: string;
  /** Null: nobody, as its first turn has not begun */
  user: string | null;
  /** RFC 3339: when that may change; null: never */
  until: string | null;
}

export interface Ended {
  /** How many sessions and tokens */
  ended: number;
}

export interface ErasureBody {
  id: number;
  source: string;
  since: string;
  until: string;
  actor: string;
  reason: string;
  ordered_at: string;
  /** null: it was interrupted; give it again */
  reached: ReachedBody | null;
}

export interface ErasureIn {
  /** Id of the camera */
  source: string;
  /** RFC 3339, event time */
  since: string;
  /** RFC 3339, event time; before which */
  until: string;
  reason: string;
}

export interface ErasureList {
  erasures: ErasureBody[];
}

export interface EvidenceBody {
  /** The model's name; empty: no model was asked */
  model: string;
  /** The model's version */
  version: string;
  /** Address of the picture with boxes, zone, model and time drawn on it (cameras) or of the readings as a chart (sensors); null: there is none, see `missing` */
  picture: string | null;
  source: string;
  time: string;
  frame: FrameBody | null;
  boxes: BoxBody[];
  /** A polygon, or a line where it has two corners, in fractions of the picture's width and height; empty: the whole picture, or no picture */
  zone: [number, number][];
  metric: string;
  series: SampleBody[];
  /** The values between which the last reading was expected; null: nobody knows, or its rule has a limit that says so */
  between: [number, number] | null;
  /** Why the frame could not be kept */
  missing: string | null;
}

export interface ExplanationBody {
  incident: string;
  kind: string;
  source: string;
  start: string;
  end: string | null;
  explained_by: string | null;
  /** What holds now, in a sentence */
  told: WordsBody;
  /** Oldest first */
  decisions: DecisionBody[];
  /** All that it depends on now, the nearest first; then what may tell of the same event, the nearest first */
  considered: ConsideredBody[];
}

export interface FactorBody {
  /** Signing in asks for a code, too */
  active: boolean;
}

export interface FactorChange {
  required: boolean;
}

/** As in RFC 7946. */
export interface FeatureBody {
  type: "Feature";
  id: string;
  geometry: Record<string, unknown> | null;
  properties: Record<string, unknown>;
}

/** A FeatureCollection; the last two members are ours. */
export interface FeaturePage {
  type: "FeatureCollection";
  features: FeatureBody[];
  /** How many match, on all pages */
  matching: number;
  /** Cursor of the next page; null: this is the last */
  next: string | null;
}

export interface FeedBody {
  id: string;
  version: number;
  name: WordsBody;
  carries: "frames" | "readings";
  /** Whose clock stamps its events; arrival: the tick at which they come */
  clock: "source" | "gateway" | "arrival";
  lateness_seconds: number;
  /** Values that stand for nothing measured */
  missing: number[];
  asset_types: AssetTypeBody[];
  metrics: MetricBody[];
  /** What `POST /api/feeds/{id}/rules` puts in force on its sources */
  default_rules: DefaultRuleBody[];
}

export interface FeedQualityBody {
  feed: string;
  name_vi: string;
  name_en: string;
  /** The agency that answers for it; empty: nobody named */
  owner_vi: string;
  owner_en: string;
  origin: "live" | "recorded" | "simulated" | "replayed";
  promise: AxesBody;
  /** That were looked at */
  hours: number;
  /** In which the promise was kept */
  kept: number;
  /** Percent of the hours in which it was */
  score: number;
  /** Start of the last one */
  hour: string;
  last: AxesBody;
  /** Axes below the promise in the last hour */
  broken: string[];
}

/** What came first in it: what followed may be its consequence. */
export interface FirstBody {
  alert: string;
  time: string;
  kind: string;
  kind_vi: string;
  kind_en: string;
  source_vi: string;
  source_en: string;
}

/** More than ten alerts in ten minutes of event time ask for each operator (ISA-18.2). */
export interface FloodBody {
  since: string;
  /** Alerts that have asked since; each once */
  count: number;
  last_ten_minutes: number;
  /** Who share them: those on shift; at least one */
  operators: number;
  first: FirstBody;
  /** By kind and ward, the largest first */
  groups: FloodGroupBody[];
}

export interface FloodGroupBody {
  kind: string;
  kind_vi: string;
  kind_en: string;
  ward: string | null;
  count: number;
  /** The worst */
  severity: "informational" | "low" | "medium" | "high" | "critical";
}

/** The exact frame: where it lay in the log, and what its bytes hash to. */
export interface FrameBody {
  partition: number;
  offset: number;
  sha256: string;
}

export interface Given {
  /** In whose name it is recorded */
  name: string;
}

/** Two signatures under one document. */
export interface HandoverBody {
  /** SHA-256 of the document */
  digest: string;
  from_user: string;
  time: string;
  /** Null: nobody has accepted it yet */
  to_user: string | null;
  accepted_at: string | null;
  comment: string;
  /** What was open or put aside, by state */
  counts: Record<string, number>;
  notes: NoteBody[];
}

export interface Health {
  ok?: boolean;
}

export interface HiddenZone {
  rule: string;
  /** Empty: the whole picture */
  zone: string;
  /** Of it in which the rule judges nothing */
  percent: number;
}

/** Values, of which a row may have several. */
export interface HistoryBody {
  added: number;
  /** Of those that were there with another value */
  changed: number;
  unchanged: number;
  /** Scores that are new, or others than before */
  scored: number;
  /** Rows */
  refused: number;
  /** The first 1000 that were refused */
  rows: RefusedRow[];
}

export interface HistoryIn {
  /** As `POST /v1/events` takes it, with times */
  csv: string;
  /** Nothing of the same file will follow: it can be scored */
  last?: boolean;
}

/** What an import did, or would do. */
export interface ImportBody {
  /** False: it was only looked at, or parts are still to come */
  done: boolean;
  /** Features, of all parts; 0: parts are still to come */
  received: number;
  added: number;
  changed: number;
  unchanged: number;
  /** The first 100 */
  added_ids: string[];
  /** The first 100 */
  changed_ids: string[];
}

export interface IncidentBody {
  id: string;
  kind: string;
  rule: string;
  severity: "informational" | "low" | "medium" | "high" | "critical";
  origin: "live" | "recorded" | "simulated" | "replayed";
  sources: string[];
  /** How many of its sources are outside your area: nothing more is said of them */
  outside: number;
  zone: string;
  subject: string;
  start: string;
  /** Event time at which it was first proven */
  decided_at: string;
  /** Event time at which its latest revision was proven */
  amended_at: string;
  /** null: it lasts */
  end: string | null;
  revision: number;
  /** The incident that it turned out to be part of */
  part_of: string | null;
  /** name@version; empty: no model was asked */
  model: string;
  /** When it was last proven, where its source was not heard since: nobody knows whether it lasts, or saw it end; null: its source was heard */
  unknown_since: string | null;
  /** It ended because what proved it never moved and never came in */
  scenery: boolean;
  /** The incident that it is a consequence of: what its source depends on is down; null: none is known, or it has outlasted that */
  explained_by: string | null;
  /** Sources from its own to the cause's, each depending on the next, of those in your area */
  via: string[];
  /** What was decided last of whether it is a consequence: depends, late, again, outlasts, off; empty: nothing was */
  why: "" | "depends" | "late" | "again" | "outlasts" | "off" | "near" | "road";
}

export interface IncidentPage {
  incidents: IncidentBody[];
  /** Cursor of the next page; null: this is the last */
  next: string | null;
}

export interface IndicatorBody {
  id: string;
  name_vi: string;
  name_en: string;
  unit_vi: string;
  unit_en: string;
  /** up or down: where it gets better */
  direction: string;
  period: "hour" | "day" | "month" | "year";
  /** Itself still good; null: nobody has set one */
  target: number | null;
  /** Who set the target */
  says: "published" | "elsewhere" | "proposed" | "nobody";
  responsible_vi: string;
  responsible_en: string;
  legal_vi: string;
  legal_en: string;
  /** What it lacks to be computed; null: it is */
  needs_vi: string | null;
  needs_en: string | null;
  series: SeriesBody[];
}

export interface IndicatorList {
  indicators: IndicatorBody[];
}

/** An event of which several incidents tell; they are one alert. */
export interface JoinBody {
  id: string;
  name: WordsBody;
  /** How far it may extend from what leads it */
  reach_m: number;
  /** In the order in which they lead */
  signs: JoiningSignBody[];
}

export interface JoiningSignBody {
  kind: string;
  name: WordsBody;
  /** That its evidence shows; empty: any */
  metric: string;
  metric_name: WordsBody | null;
  /** From what extends the event, in metres */
  within_m: number;
  /** So much earlier than that it may have begun */
  before_minutes: number;
  /** Whether others join it there, too */
  extends: boolean;
}

export interface KeptBody {
  what: "frames" | "originals" | "pictures" | "dead_letters" | "boxes" | "detections" | "incidents" | "incidents_sent" | "messages" | "alerts" | "erasures" | "recordings";
  /** Of event time; null: until somebody removes it */
  days: number | null;
  /** What is beyond these goes before; null: no such bound */
  bytes: number | null;
}

export interface KindBody {
  id: string;
  version: number;
  formerly: string[];
  name: WordsBody;
  category: string;
  sub_category: string | null;
  /** CAP 1.2, section 3.2.2 */
  cap_category: string;
  certainty: "Observed" | "Likely" | "Possible";
  watches: Watches;
  classes: string[];
  /** Metrics without which a sensor cannot be judged */
  needs: string[];
  parameters: ParameterBody[];
  /** Of a kind of limits: the side on which a value is too far */
  beyond: "above" | "below" | "";
  /** {name} stands for a parameter's value */
  why: WordsBody;
  cause: WordsBody;
  consequence: WordsBody;
  response: WordsBody;
}

export interface LaggingBody {
  id: string;
  kind: string;
  name_vi: string;
  name_en: string;
  /** How long its newest event took; negative: it was ahead */
  lag_ms: number;
}

/** Of a rule in force. */
export interface LimitBody {
  rule: string;
  /** Of its kind */
  name: WordsBody;
  severity: "informational" | "low" | "medium" | "high" | "critical";
  /** On which a value is too far */
  side: "above" | "below";
  value: number;
}

/** An asset that another depends on, or that depends on it. */
export interface LinkBody {
  id: string;
  type: string;
  name_vi: string;
  name_en: string;
  /** 1: directly */
  steps: number;
}

/** Another alert: a consequence of this one, or its cause. */
export interface LinkedBody {
  id: string;
  kind: string;
  source: string;
  names: NamesBody;
  severity: "informational" | "low" | "medium" | "high" | "critical";
  state: "unacknowledged" | "acknowledged" | "returned_unacknowledged" | "normal" | "shelved" | "suppressed" | "out_of_service" | "resolved";
  active: boolean;
  /** Start of its latest occurrence */
  since: string;
  ended: string | null;
  why: "" | "depends" | "late" | "again" | "outlasts" | "off" | "near" | "road";
  /** How the two have to do with each other: `depends on it`, `40 m away` */
  how: WordsBody | null;
}

export interface Linking {
  command_id: string;
  /** Refuse with 409 unless the alert is still at this version */
  expected_version?: number | null;
  comment?: string;
  /** The other alert's id, or its beginning */
  other: string;
}

export interface LoadBody {
  since: string;
  until: string;
  /** Who shared it evenly */
  operators: number;
  /** How often an alert began to ask to be acknowledged: raised, come again after that, back from a shelf; of all operators */
  alarms: number;
  /** Of one operator, on average */
  per_hour: number;
  /** Likewise. ISA-18.2: 1 can be managed, 2 at most */
  per_ten_minutes: number;
  /** Of one operator */
  most_in_ten_minutes: number;
  /** More than 10 in ten minutes, until fewer than 5 are */
  floods: number;
  /** Of the time, 0 to 1. ISA-18.2: less than 0.01 */
  flood_share: number;
  /** Alerts that flapped */
  chattering: number;
  /** There for longer than 24 hours at the end */
  stale: number;
  /** Nobody had acknowledged at the end */
  unacknowledged: number;
  /** The ten sources that asked most */
  worst: WorstBody[];
  /** Priority to how many asked with it */
  priorities: Record<string, number>;
  /** How long it took, from when it asked */
  acknowledged: TimesBody;
  /** How long it took, from when it was raised */
  resolved: TimesBody;
}

export interface MaskBody {
  id: string;
  source: string;
  polygon: [number, number][];
  /** What the camera's masks together hide of what rules watch */
  hides: HiddenZone[];
}

export interface MaskIn {
  id: string;
  /** The camera */
  source: string;
  /** Three or more corners in fractions of the picture */
  polygon: [number, number][];
}

export interface MaskedPlace {
  rule: string;
  source: string;
  name_vi: string;
  name_en: string;
  /** Empty: the whole picture */
  zone: string;
  /** Of it that is masked */
  percent: number;
}

export interface MaskingBody {
  /** `name@version` of what looks for people in real pictures; empty: none is there, and they are masked whole */
  real: string;
  simulated: string;
}

export interface MeasuredBody {
  source: string;
  since: string;
  until: string;
  /** Of a stretch */
  step_seconds: number;
  /** Of each metric that was measured */
  courses: CourseBody[];
  incidents: MomentBody[];
  /** The last two days, oldest first */
  hours: SourceQualityBody[];
}

export interface MetricBody {
  name: string;
  words: WordsBody;
  unit: WordsBody;
  least: number;
  most: number;
}

/** An incident of the source. */
export interface MomentBody {
  id: string;
  /** Of its kind */
  name: WordsBody;
  severity: "informational" | "low" | "medium" | "high" | "critical";
  start: string;
  /** null: it lasts */
  end: string | null;
  /** Whether what it depends on explains it */
  consequence: boolean;
  /** Which has it; null: none, or you may not see alerts */
  alert: string | null;
}

/** In Vietnamese and English, as configured when it happened. */
export interface NamesBody {
  kind_vi: string;
  kind_en: string;
  source_vi: string;
  source_en: string;
  zone_vi: string;
  zone_en: string;
}

export interface NewFactor {
  /** For an app that takes no picture; it is said this once */
  secret: string;
  /** `otpauth://…` */
  address: string;
  /** The address as a QR code: PNG, as a `data:` address */
  picture: string;
}

export interface NewPassword {
  old: string;
  /** At least 12 characters, and not guessed easily */
  new: string;
}

export interface NewSession {
  name: string;
  role: string;
  /** RFC 3339; null: never */
  expires_at: string | null;
  permissions: Permission[];
  /** Only of these is anything shown; null: everywhere; none: nowhere */
  wards: string[] | null;
  /** Nothing is allowed before `PUT /api/session/password` */
  must_change_password: boolean;
  /** The role needs a second factor: nothing is allowed before one is set up by `/api/session/factor`, or, by an identity provider, shown there */
  must_enrol: boolean;
  /** The account is an identity provider's: it has no password here */
  by_provider: boolean;
  /** Without use for so long it ends; reading by cookie is none, `PUT /api/session` is; 0: it does not */
  idle_seconds: number;
  /** For `Authorization: Bearer`; browsers have it as a cookie */
  token: string;
}

export interface NewSourceKey {
  id: string;
  /** For `Authorization: Bearer`; it is said this once */
  key: string;
}

export interface NewToken {
  id: string;
  /** For `Authorization: Bearer`; it is said this once */
  token: string;
}

export interface NoteBody {
  time: string;
  by: string;
  text: string;
}

export interface NoteIn {
  command_id: string;
  /** A ward; empty: the whole city */
  area?: string;
  text: string;
}

export interface NotificationBody {
  /** In order of deciding */
  sequence: number;
  /** Its idempotency key */
  id: string;
  /** Null: it tries a channel out */
  alert: string | null;
  policy: string | null;
  step: number;
  /** For how many it stands: in a flood one is for several */
  alerts: number;
  severity: "informational" | "low" | "medium" | "high" | "critical";
  kind: string | null;
  kind_vi: string | null;
  kind_en: string | null;
  origin: "live" | "recorded" | "simulated" | "replayed";
  /** Whom it is for; null: there was nobody */
  recipient: string | null;
  /** Event time at which it was decided, RFC 3339 */
  time: string;
  state: "waiting" | "sending" | "sent" | "failed" | "withheld";
  /** Whom it went to, or is tried for */
  told: string | null;
  channel: string | null;
  /** It was marked as an exercise */
  exercise: boolean;
  attempts: number;
  /** Why it was not sent, or not to whom it was for */
  detail: string;
  /** By the clock; null: nothing was tried yet */
  changed_at: string | null;
}

export interface OfferIn {
  command_id: string;
  /** A ward; empty: the whole city */
  area?: string;
  comment?: string;
}

export interface OnShiftBody {
  user: string;
  since: string;
}

/** It is said this once; whoever signs in with it must choose another. */
export interface OneTimePassword {
  name: string;
  password: string;
  /** For which it is good */
  hours: number;
}

/** How long a reader of a topic may be away before inputs are refused or data is lost. */
export interface OutageBody {
  /** A stage, which workers run, or the writer or the alerts */
  reader: string;
  topic: string;
  /** Where least time is left */
  partition: number;
  /** From now on; 0: inputs are refused, or something is lost; null: it has not said how far it has read, or the rate is not known yet */
  seconds: number | null;
  unread_bytes: number;
  /** What is written there, lately at most; null: not measured yet */
  bytes_per_second: number | null;
  /** Part of what the broker keeps that is unread, from 0 to 1 */
  used: number;
}

export interface OverrideBody {
  id: string;
  rotation: string;
  user: string;
  since: string;
  until: string;
}

export interface OverrideIn {
  user: string;
  /** RFC 3339 */
  since: string;
  /** RFC 3339: the first moment at which it is over */
  until: string;
}

export interface ParameterBody {
  name: string;
  default: number;
  least: number;
  most: number;
  /** Whether it takes whole numbers only */
  whole: boolean;
  unit: WordsBody;
  meaning: WordsBody;
}

export interface PartBody {
  part: string;
  version: string;
  pid: number;
  /** Of its last heartbeat */
  time: string;
  age_seconds: number;
  /** It says that it is well, and said so lately */
  ok: boolean;
  detail: string;
  /** Messages behind the end of its inputs */
  lag: number;
  counts: Record<string, number>;
}

/** A rule that is not judged by some sources that it reaches. */
export interface PartlyJudged {
  rule: string;
  kind: string;
  /** By how many */
  sources: number;
  /** Reason to by how many, see places; most first */
  reasons: Record<string, number>;
  /** Since when by the first of them; null: not known */
  since: string | null;
  /** At most 3, those of the most frequent reason first; every one is in GET /api/unjudged */
  places: UnjudgedPlace[];
}

export interface PeriodBody {
  start: string;
  end: string;
  /** Event time at which it was computed last */
  computed_at: string;
  state: "running" | "ended" | "closed" | "restated";
  /** 0 until it closes; each restatement one more */
  revision: number;
  numerator: number;
  denominator: number;
  /** That are in it; of how things stand: sources */
  readings: number;
  /** Readings that came so late that nobody knows whether they had come before: they are not in it */
  unplaced: number;
  /** In the indicator's unit; null: nothing was measured */
  value: number | null;
  /** What it is to be at the period's end, at least */
  low: number | null;
  /** The same, at most; null: nobody can tell yet */
  high: number | null;
  /** Whether it is as good as the target; null: no value */
  met: boolean | null;
}

/** ``noun:verb``; every route asks for one of these, or stands in ``PUBLIC``. */
export type Permission = "session:read" | "session:end" | "password:own" | "sessions:own" | "tokens:own" | "devices:own" | "commands:own" | "alerts:read" | "alerts:act" | "alerts:comment" | "alerts:suppress" | "alerts:warn" | "evidence:read" | "incidents:read" | "sources:read" | "data:export" | "pictures:read" | "pictures:original" | "pictures:erase" | "configuration:read" | "configuration:change" | "keys:manage" | "oncall:read" | "oncall:manage" | "handbook:change" | "channels:manage" | "status:read" | "catalogue:read" | "users:read" | "users:manage" | "sessions:manage" | "roles:manage" | "audit:read";

export interface PlaceBody {
  /** Degrees north, WGS 84; null: not known */
  latitude: number | null;
  /** Degrees east, WGS 84; null: not known */
  longitude: number | null;
  /** Road segment; empty: none known */
  segment: string;
}

/** A stretch of the course. */
export interface PointBody {
  /** Its beginning */
  time: string;
  least: number;
  mean: number;
  most: number;
  /** What would have been usual by what came before; null: too little had */
  usual_low: number | null;
  usual_high: number | null;
}

export interface PolicyBody {
  name: string;
  severity: "informational" | "low" | "medium" | "high" | "critical";
  kinds: string[];
  wards: string[];
  priority: number;
  steps: StepIn[];
  fallback: string[];
  /** Whom it names who may not see all that it tells, and so are not told of it; people only for who may see what people may (`users:read`) */
  unseen: UnseenBody[];
}

export interface PolicyIn {
  /** At least */
  severity?: "informational" | "low" | "medium" | "high" | "critical";
  /** Empty: all */
  kinds?: string[];
  /** Empty: all, and what is in none */
  wards?: string[];
  /** At least this urgent, 1 to 4; 0: whatever it is */
  priority?: number;
  steps: StepIn[];
  /** Told where nobody of a step is reached */
  fallback?: string[];
}

/** How often it was right, by what people said when they closed; 95 % interval (Wilson). */
export interface PrecisionBody {
  name: string;
  /** Closed as `true` or `nuisance` */
  right: number;
  /** Closed as `false` */
  wrong: number;
  nuisance: number;
  precision: number;
  low: number;
  high: number;
}

export interface PrecisionList {
  /** The least precise first */
  rows: PrecisionBody[];
  /** How many closed alerts that is of */
  judged: number;
  /** There are more: these are the latest closed of them */
  cut: boolean;
}

/** How urgent it is, and which row of the table of priorities says so. */
export interface PriorityBody {
  /** 1: at once … 4: when there is time */
  level: 1 | 2 | 3 | 4;
  /** Null: an earlier release stored it, so it goes by its severity, or it is another ward's */
  row: string | null;
  /** Version of the table; 0: the default */
  table: number;
  /** How many assets depended on its sources then */
  dependents: number;
}

/** What is left out fits anything. */
export interface PriorityRow {
  /** Shown with the alert */
  name: string;
  /** 1: at once … 4: when there is time */
  priority: 1 | 2 | 3 | 4;
  severities?: ("informational" | "low" | "medium" | "high" | "critical")[];
  kinds?: string[];
  /** Of CAP: Transport, Security … */
  categories?: string[];
  /** Of the alert's first source */
  wards?: string[];
  /** At least so many assets depend on one of its sources */
  dependents?: number;
  /** Of the city's day, from the first until before the second; over midnight where that is less */
  hours?: [number, number] | null;
  /** 0: Monday … 6: Sunday */
  days?: number[];
}

export interface PriorityTable {
  /** 0: the one that comes with CityOps */
  version: number;
  /** The first that fits holds */
  rows: PriorityRow[];
  /** Who wrote this version */
  by: string | null;
  /** When, by event time */
  time: string | null;
  reason: string | null;
}

export interface PriorityTableIn {
  rows: PriorityRow[];
  reason: string;
  /** Refuse with 409 unless the table is still at this version */
  expected_version?: number | null;
}

export interface PrivacyBody {
  kept: KeptBody[];
  masking: MaskingBody;
  /** Of the evidence, kept now */
  pictures: number;
  /** Of those, as cameras sent them */
  originals: number;
  /** Of those, that nobody has masked yet */
  waiting: number;
  /** When the oldest was taken, RFC 3339; null: none is */
  oldest_at: string | null;
}

/** As in RFC 9457. */
export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail: string;
  reason: string;
  by?: string | null;
  at?: string | null;
}

export interface Proof {
  /** Your own, once more */
  password: string;
}

export interface ProviderBody {
  /** People may sign in by a provider, too */
  there: boolean;
  /** What people call it */
  name: string;
  /** It answered when it was last asked, a minute ago at most */
  up: boolean;
  /** `/api/session/provider/end` ends the session there, too */
  signs_out: boolean;
}

export interface PushBody {
  /** That can be turned on; none: not here */
  channels: PushChannel[];
  /** Yours, the newest first */
  devices: DeviceBody[];
  /** So many may you have at a time */
  most: number;
}

export interface PushChannel {
  name: string;
  /** By which a browser knows who may send to it: base64url */
  key: string;
}

export interface QualityBody {
  feeds: FeedQualityBody[];
  /** Those below the promise first */
  sources: SourceQualityBody[];
  /** How many sources there are in all */
  matching: number;
}

/** Of one kind of incident, as ISA-18.2 (clause 8) asks. */
export interface RationaleBody {
  kind: string;
  name: WordsBody;
  /** What raised it; the kind's own id where the system did */
  rule: string;
  /** With the rule's values as they were when it was proven; null: they are not all known */
  why: WordsBody | null;
  cause: WordsBody;
  consequence: WordsBody;
  response: WordsBody;
}

export interface ReachedBody {
  /** Of the evidence */
  pictures: number;
  /** UTC; their keys were destroyed whole */
  days: string[];
  /** UTC; what is left of them was sealed anew */
  parts: string[];
  /** Of the camera, that left Kafka */
  frames: number;
  /** The same, still there as not everybody has read them: give the order again */
  frames_left: number;
  /** Frames of the camera that could not be used */
  dead_letters: number;
  /** Other messages that left Kafka with them */
  others: number;
  /** Why nothing left Kafka: give the order again; empty: some did */
  away: string;
}

export interface Reasoned {
  /** Why it has to be seen */
  reason: string;
}

export interface RecoveryCodes {
  /** Each good for once, in place of a code; said this once */
  codes: string[];
}

export interface RefusedRow {
  /** From 0, behind the header */
  index: number;
  /** A word for programs */
  reason: string;
  detail: string;
}

/** Both, or a recovery code in place of the telephone's. */
export interface Removal {
  code: string;
  /** Your own, once more */
  password: string;
}

/** Closing it, with what it turned out to be. */
export interface Resolving {
  command_id: string;
  /** Refuse with 409 unless the alert is still at this version */
  expected_version?: number | null;
  comment?: string;
  /** `true`: as it said; `false`: nothing of that kind; `nuisance`: true, and nothing to be done about it; `test`; `duplicate`: the same as another; empty: nobody can say */
  disposition?: "" | "true" | "false" | "nuisance" | "test" | "duplicate";
}

/** A source of which nothing is to come now: nobody misses it. */
export interface RestingBody {
  id: string;
  kind: string;
  carries: "frames" | "readings" | null;
  name_vi: string;
  name_en: string;
  /** off: switched off; ended: its recording is over */
  rests: "" | "off" | "ended";
}

export interface Revoked {
  id: string;
}

export interface RoleBody {
  name: string;
  permissions: Permission[];
  /** It comes with CityOps, and stays as it is */
  built_in: boolean;
  /** Whoever has it may do nothing before they have set up a second factor; tokens are not concerned */
  second_factor: boolean;
}

export interface RoleChange {
  /** Beside what concerns only oneself, which everybody may */
  permissions: Permission[];
}

export interface RoleIn {
  role: string;
}

export interface RotationBody {
  name: string;
  people: string[];
  start: string;
  hours: number;
  holidays: string[];
  holiday_people: string[];
  overrides: OverrideBody[];
}

export interface RotationIn {
  /** In turn */
  people: string[];
  /** RFC 3339: the first hand-over, and so the time of the others */
  start: string;
  /** Of a turn */
  hours?: number;
  /** Days of Viet Nam's calendar, such as `2027-01-01`: others have the turn then */
  holidays?: string[];
  /** Who take turns of a holiday each */
  holiday_people?: string[];
}

export interface RuleBody {
  id: string;
  kind: string;
  severity: "informational" | "low" | "medium" | "high" | "critical";
  sources: string[];
  /** Asset types, every source of which it watches too */
  types: string[];
  zones: string[];
  classes: string[];
  parameters: Record<string, number>;
  /** Of its kind when it was accepted, with every parameter written out; 0: from before that was done */
  version: number;
}

/** What to watch for; ``sources``, ``types`` and ``zones`` empty: wherever the kind applies. */
export interface RuleIn {
  id: string;
  /** See /api/catalogue */
  kind: string;
  severity: "informational" | "low" | "medium" | "high" | "critical";
  sources?: string[];
  /** Asset types: every source of these, those added later too, beside `sources` */
  types?: string[];
  zones?: string[];
  classes?: string[];
  parameters?: Record<string, number>;
}

/** What is to be done about alerts of a kind. */
export interface RunbookBody {
  kind: string;
  /** 0: the one that comes with CityOps */
  version: number;
  /** Markdown, without its steps */
  text: WordsBody;
  steps: StepBody[];
  contacts: RunbookContact[];
  /** Who wrote this version */
  by: string | null;
  time: string | null;
  reason: string | null;
}

export interface RunbookContact {
  name: string;
  phone: string;
  note: string;
}

export interface RunbookContactIn {
  name: string;
  phone?: string;
  note?: string;
}

export interface RunbookIn {
  /** Markdown; lines that begin with `- [ ]` are steps */
  vi: string;
  /** As many steps */
  en: string;
  contacts?: RunbookContactIn[];
  reason: string;
  /** Refuse with 409 unless it is still at this version */
  expected_version?: number | null;
}

export interface SampleBody {
  time: string;
  value: number | null;
  /** How unusual it is, 0–1; null: not scored */
  score: number | null;
}

export interface SceneryBody {
  id: string;
  camera: string;
  /** What it is taken for; vehicle: anything but a person */
  label: "person" | "vehicle";
  /** Left, top, right, bottom in fractions of the picture */
  box: [number, number, number, number];
  /** learned: hidden from kinds about what comes and goes; confirmed by an engineer: hidden from all; denied: never hidden */
  verdict: "learned" | "confirmed" | "denied";
  /** When it was seen there first; null: nothing is learned there now */
  since: string | null;
  /** That sees it; empty: nothing is learned there now */
  model: string;
}

export interface SceneryIn {
  /** True: it is scenery, to every kind. False: it is never scenery */
  confirmed: boolean;
}

export interface SeriesBody {
  origin: "live" | "recorded" | "simulated" | "replayed";
  /** The latest first */
  periods: PeriodBody[];
  /** By how much the last period that is over differs from the one before */
  trend: number | null;
}

export interface SessionBody {
  name: string;
  role: string;
  /** RFC 3339; null: never */
  expires_at: string | null;
  permissions: Permission[];
  /** Only of these is anything shown; null: everywhere; none: nowhere */
  wards: string[] | null;
  /** Nothing is allowed before `PUT /api/session/password` */
  must_change_password: boolean;
  /** The role needs a second factor: nothing is allowed before one is set up by `/api/session/factor`, or, by an identity provider, shown there */
  must_enrol: boolean;
  /** The account is an identity provider's: it has no password here */
  by_provider: boolean;
  /** Without use for so long it ends; reading by cookie is none, `PUT /api/session` is; 0: it does not */
  idle_seconds: number;
}

export interface SessionRow {
  id: string;
  user: string;
  kind: "session" | "token";
  /** A token's name; of a session the program that signed in */
  label: string;
  /** What a token may; null: all that its user may */
  scopes: string[] | null;
  /** What a token may see of what its user may; null: all that */
  wards: string[] | null;
  /** That signed in; empty: not known */
  address: string;
  /** RFC 3339, as all times */
  created_at: string;
  /** To the minute */
  used_at: string;
  expires_at: string | null;
  /** It is the one that asks */
  current: boolean;
}

/** The shape of an asset that is no point. */
export interface ShapeBody {
  form: "line" | "area";
  /** Latitude and longitude of each, in order */
  points: [number, number][];
}

export interface ShelfBody {
  by: string;
  at: string;
  /** Event time at which it comes back by itself */
  until: string;
  reason: string;
}

/** Putting it aside; `comment` is the reason, and there is always an end. */
export interface Shelving {
  command_id: string;
  /** Refuse with 409 unless the alert is still at this version */
  expected_version?: number | null;
  comment?: string;
  /** From now, in event time; 5 to 720 */
  minutes: number;
}

export interface ShiftBody {
  /** Empty: the whole city */
  area: string;
  on: OnShiftBody[];
  /** Since the last hand-over */
  notes: NoteBody[];
  /** Waits to be accepted by somebody else */
  offered: HandoverBody | null;
  /** The latest first */
  handed: HandoverBody[];
}

export interface ShiftIn {
  command_id: string;
  /** A ward; empty: the whole city */
  area?: string;
}

/** An incident that is looked for. */
export interface SignBody {
  kind: string;
  name: WordsBody;
  /** That its evidence shows; empty: any */
  metric: string;
  metric_name: WordsBody | null;
}

export interface SignIn {
  name: string;
  password: string;
  /** Of the second factor, or a recovery code, where asked for */
  code?: string;
}

export interface SilentBody {
  id: string;
  kind: string;
  carries: "frames" | "readings" | null;
  name_vi: string;
  name_en: string;
  /** When it was last heard; null: not lately */
  newest: string | null;
}

export interface SourceBody {
  id: string;
  /** Its asset type, see /api/catalogue */
  kind: string;
  /** What it sends; null: its feed is gone */
  carries: "frames" | "readings" | null;
  name_vi: string;
  name_en: string;
  origin: "live" | "recorded" | "simulated" | "replayed";
  /** Degrees north, WGS 84; null: not known */
  latitude: number | null;
  /** Degrees east, WGS 84; null: not known */
  longitude: number | null;
  segment: string;
  /** Of a line or an area; null: it is a point */
  shape: ShapeBody | null;
  /** Ward, commune or special zone; empty: not known */
  ward: string;
  /** Who runs it; empty: not known */
  owner: string;
  /** Sources that it depends on */
  parents: string[];
  model: string;
  /** Time of its newest event; null: none heard of lately */
  newest: string | null;
  /** Event time at which that arrived, whatever time it had; null: as newest */
  heard: string | null;
  /** How long it took, to a second; negative: it is ahead; null: not known */
  lag_ms: number | null;
  /** Whether it was heard lately, for how often it speaks */
  up: boolean;
  /** Why nothing is to come of it. off: it is switched off; ended: its recording is over; empty: it is up, or should be */
  rests: "" | "off" | "ended";
  /** Nothing was heard of it since the service knows it, and it may be its turn yet */
  awaited: boolean;
  /** Its gateway; empty: it has none, as a camera */
  gateway: string;
  /** When any source was last heard through its gateway; null: none lately */
  gateway_heard: string | null;
  zones: string[];
  /** Whether its certificate is looked at; null: it is not asked by TLS */
  verified: boolean | null;
  /** Rules that are not judged by it now, and why */
  unjudged: UnjudgedPlace[];
}

/** A sensor, as its feed declares its type. */
export interface SourceIn {
  id: string;
  /** Its asset type, see /api/catalogue */
  kind: string;
  /** The roadside device whose packs carry its readings */
  gateway: string;
  /** Between its readings; null: as its type */
  period_seconds?: number | null;
  /** Empty: the English name, or the id. */
  name_vi?: string;
  name_en?: string;
  origin?: "live" | "recorded" | "simulated" | "replayed";
  /** Degrees north; null: not known */
  latitude?: number | null;
  /** Degrees east; null: not known */
  longitude?: number | null;
  /** Road segment that it is on */
  segment?: string;
  /** Where it is no point */
  shape?: ShapeBody | null;
  /** Ward, commune or special zone */
  ward?: string;
  /** Who runs it */
  owner?: string;
  /** Sources that it depends on */
  parents?: string[];
}

export interface SourceKeyBody {
  id: string;
  label: string;
  sources: string[];
  gateways: string[];
  /** Readings per second */
  rate: number;
  /** Readings in a day (UTC) */
  daily: number;
  created_by: string;
  /** RFC 3339, as all times */
  created_at: string;
  /** Null: never */
  expires_at: string | null;
  revoked_by: string | null;
  /** Null: it is not */
  revoked_at: string | null;
  /** Readings that were taken today (UTC), to some seconds */
  taken: number;
  /** Rows and requests that were refused today */
  refused: number;
  /** To some seconds; null: never, or long ago */
  used_at: string | null;
}

export interface SourceKeyIn {
  /** Who is to hold it, or what for */
  label: string;
  /** Sources whose readings it may send */
  sources?: string[];
  /** Gateways all of whose sources it may speak for, later ones too */
  gateways?: string[];
  /** Readings per second */
  rate?: number;
  /** Readings in a day (UTC) */
  daily?: number;
  /** After which it is void; null: never */
  days?: number | null;
}

export interface SourceList {
  sources: SourceBody[];
}

export interface SourceQualityBody {
  source: string;
  name_vi: string;
  name_en: string;
  feed: string;
  origin: "live" | "recorded" | "simulated" | "replayed";
  hour: string;
  /** Readings that its period asks for; 0: nobody knows how many */
  expected: number;
  arrived: number;
  refused: number;
  unclean: number;
  late: number;
  axes: AxesBody;
  broken: string[];
}

export interface SqlRole {
  /** Of the database, which the machine itself makes or drops */
  role: string;
}

export interface StationBody {
  name: string;
  channel: string;
  ward: string;
  /** Of its address; the rest is sealed */
  host: string;
  /** `dead`: it did not answer the last time it was asked, which is every minute; `unknown`: it was not asked yet, or not for five minutes */
  state: "alive" | "dead" | "unknown";
  /** By the clock */
  asked_at: string | null;
  /** When it answered last, by the clock; null: never */
  heard_at: string | null;
  /** Why it is taken for dead */
  detail: string;
}

export interface StationIn {
  /** Of the type `public_address` */
  channel: string;
  /** Whose public warnings it speaks */
  ward: string;
  /** Where it takes CAP; sealed */
  address: string;
}

export interface StatusBody {
  time: string;
  /** Every part that has spoken lately is well */
  ok: boolean;
  parts: PartBody[];
  /** Of all parts together */
  counts: Record<string, number>;
  dead_lettered: DeadLetteredBody;
  /** By what they send, frames or readings: how many speak, of how many that are to */
  sources: Record<string, Up>;
  /** Time of the newest event of any source */
  newest: string | null;
  last_event_id: number;
  /** Sources that speak, and whose events take longer than their feed allows, or come from a clock that is ahead */
  lagging: LaggingBody[];
  /** Sources of which nothing was heard since the service knows them, as it may not be their turn yet; not among the silent ones */
  awaited: number;
  /** Sources that do not speak, cameras first, without those that rest */
  silent: SilentBody[];
  /** Sources that are switched off, and cameras whose recording has ended */
  resting: RestingBody[];
  unjudged: UnjudgedBody;
  /** Cameras that do not see what is usual at that hour; see GET /api/drift */
  drifting: DriftBody[];
  /** Rules of an earlier release that would be refused now */
  contradictory: ContradictoryRule[];
  /** Of the configured sources */
  origins: ("live" | "recorded" | "simulated" | "replayed")[];
  /** The last tick where the stages are furthest behind; null: no worker says */
  event_time: string | null;
  /** Empty: Kafka has not said how much it keeps */
  away: AwayBody[];
  /** Empty: Kafka has not said how much it keeps */
  outages: OutageBody[];
  /** Event time does not go on: alerts come, what amends them waits */
  stalled: boolean;
  /** Null: no more alerts ask than people can answer */
  flood: FloodBody | null;
  /** By how much the gateway's machine's clock is ahead and not believed; negative: behind; 0: it is believed */
  clock_ahead_seconds: number;
  /** Whether Kafka delivers; if not, nothing is known of the rest */
  broker: boolean;
}

export interface StepBody {
  number: number;
  words: WordsBody;
  /** Null: it is not done */
  done_by: string | null;
  done_at: string | null;
}

export interface StepIn {
  /** Minutes of event time since the alert */
  after: number;
  /** `user:…`, `rotation:…`, `team:…`, `channel:…` */
  tell: string[];
}

export interface Stepping {
  command_id: string;
  /** Refuse with 409 unless the alert is still at this version */
  expected_version?: number | null;
  comment?: string;
  /** Of its runbook */
  step: number;
  /** False: it is not done any more */
  done?: boolean;
}

/** Data of an `alert` event of the live stream. */
export interface StreamedBody {
  transition: TransitionBody;
  /** As it is now; its version may be ahead of the transition */
  alert: AlertBody;
}

/** Why a source, a rule or a ward asks for nothing. */
export interface SuppressionBody {
  id: string;
  /** `out_of_service`: under repair until somebody returns it; `maintenance`: a planned window (in ISA-18.2 suppressed by design) */
  kind: "out_of_service" | "maintenance";
  scope: "source" | "rule" | "ward";
  /** Id of the source or rule, or the ward's name */
  subject: string;
  begin: string;
  /** Event time; null: nobody knows yet */
  until: string | null;
  by: string;
  reason: string;
  /** Who ended it; null: nobody did */
  ended_by: string | null;
  ended_reason: string | null;
}

export interface SuppressionEnd {
  command_id: string;
  reason: string;
}

export interface SuppressionIn {
  command_id: string;
  kind: "out_of_service" | "maintenance";
  /** Out of service: a source or a rule. Maintenance: a source or a ward */
  scope: "source" | "rule" | "ward";
  subject: string;
  /** Event time (RFC 3339); null: now. Maintenance only */
  begin?: string | null;
  /** Event time; maintenance always has one, out of service never */
  until?: string | null;
  reason: string;
}

export interface TeamBody {
  name: string;
  /** What its members may see; null: it limits nobody */
  wards: string[] | null;
  members: string[];
}

export interface TestBody {
  /** Of the message, see `GET /api/notifications?id=` */
  id: string;
}

export interface TestIn {
  /** Where the channel is addressed */
  address?: string;
}

/** Seconds; null: it never happened. */
export interface TimesBody {
  number: number;
  median: number | null;
  p90: number | null;
  most: number | null;
}

export interface TokenIn {
  label: string;
  /** A part of what you may; it may nothing that you may no more */
  scopes: Permission[];
  /** A part of what you may see; null: all that, whatever that is */
  wards?: string[] | null;
  /** After which it is void */
  days: number;
}

export interface TouringCamera {
  id: string;
  name_vi: string;
  name_en: string;
}

/** One line of an alert's timeline. */
export interface TransitionBody {
  /** Place in the order of commit; the live stream's event id */
  sequence: number;
  version: number;
  /** `raised` to `explained` by incidents */
  kind: "raised" | "repeated" | "amended" | "returned" | "merged" | "unknown" | "proven" | "explained" | "asked" | "suppressed" | "restored" | "acknowledged" | "withdrawn" | "shelved" | "unshelved" | "resolved" | "reopened" | "assigned" | "linked" | "unlinked" | "joined" | "parted" | "absorbed" | "released" | "stepped" | "commented";
  time: string;
  recorded_at: string;
  /** User; null: an incident caused it */
  actor: string | null;
  comment: string | null;
  incident: string | null;
  /** Merged: the alert that goes on in its place. Explained: the alert of which it is a consequence; null: of none any more */
  into: string | null;
  /** Explained: why, as of the alert */
  why: "" | "depends" | "late" | "again" | "outlasts" | "off" | "near" | "road";
  /** Evidence of this occurrence */
  picture: string | null;
  /** Where event time had stalled when this was announced; null: it went on */
  stalled_since: string | null;
  /** Unknown: when it was last proven. Repeated, and past: when it began */
  since: string | null;
  /** Repeated, and past: when it ended. Shelved: when it comes back */
  until: string | null;
  /** Asked, and repeated anew: what is new since it was acknowledged. Unshelved: the time was up (`time`), it became worse (`severity`), or somebody took it (`person`). Parted: the last two */
  because: "" | "severity" | "kind" | "place" | "subject" | "hold" | "limit" | "closed" | "time" | "person" | null;
  /** Resolved: what it turned out to be */
  disposition: "" | "true" | "false" | "nuisance" | "test" | "duplicate" | null;
  /** Assigned: to whom. Linked, unlinked, joined, absorbed, released: the other alert's id */
  to: string | null;
  /** Stepped: which step of its runbook */
  step: number | null;
  /** Stepped: it is done, or is not any more */
  done: boolean | null;
  suppression: SuppressionBody | null;
  /** Repeated: `anew`, it asks to be acknowledged; `flapping`, the alert flaps and stays acknowledged; `held`, it comes again soon after that, or is shelved or suppressed; `past`, it was over, before the alert was acknowledged or closed, when it was heard of, and changes nothing */
  manner: "anew" | "flapping" | "held" | "past" | null;
  /** Returned: nobody saw it end, since its source was not heard; it is over as of when it was last proven */
  unseen: boolean;
  /** Returned: what proved it never moved and never came in */
  scenery: boolean;
}

/** What somebody did last, and may take back. */
export interface UndoBody {
  by: string;
  kind: "raised" | "repeated" | "amended" | "returned" | "merged" | "unknown" | "proven" | "explained" | "asked" | "suppressed" | "restored" | "acknowledged" | "withdrawn" | "shelved" | "unshelved" | "resolved" | "reopened" | "assigned" | "linked" | "unlinked" | "joined" | "parted" | "absorbed" | "released" | "stepped" | "commented";
}

/** Configured, and passed over: it needs a kind or a feed that is not in this installation, or more than its sources tell now, or it is masked, or a view that does not stay. */
export interface UnjudgedBody {
  rules: UnjudgedRule[];
  sources: UnjudgedSource[];
  partly: PartlyJudged[];
  masked: MaskedPlace[];
  /** Cameras that turn by themselves: whether they were moved is not judged */
  tours: TouringCamera[];
}

export interface UnjudgedHour {
  /** Its start, event time */
  hour: string;
  rule: string;
  /** As in GET /api/unjudged; missing: accounts say what became */
  reason: string;
  /** By how many it was not judged for a time */
  sources: number;
  /** For how long, of all of them together */
  seconds: number;
}

export interface UnjudgedHours {
  hours: UnjudgedHour[];
}

export interface UnjudgedList {
  unjudged: UnjudgedPlace[];
}

/** A source by which a rule is not judged. */
export interface UnjudgedPlace {
  rule: string;
  source: string;
  name_vi: string;
  name_en: string;
  /** sparse: its pictures are too far apart; missing: fewer came than it is to send; shed, refused, late, not_judged: what became of them; damaged, frozen, dark, covered, blinded, moved: what pictures show; unheard: nothing comes; behind: workers have not come so far; lagging: what it says comes so late that nothing is known any more of its peers at that time */
  reason: string;
  /** Why they were shed or refused, as accounts say; may be empty */
  detail: string;
  /** Since when; null: it is configured so, or not known */
  since: string | null;
  /** How far apart its good pictures are for most of the time; null: none come, or it is no camera */
  apart_seconds: number | null;
  /** How far apart they may be for the rule; null: it is no camera */
  needs_seconds: number | null;
}

export interface UnjudgedRule {
  id: string;
  /** No kind of that name is in this installation */
  kind: string;
}

export interface UnjudgedSource {
  id: string;
  /** No feed of this installation declares that asset type */
  kind: string;
  name_vi: string;
  name_en: string;
}

export interface UnseenBody {
  /** As the policy names it */
  recipient: string;
  /** A person or a channel that is meant by it: `user:…`, `channel:…` */
  who: string;
  /** Wards that they may see: they are told of alerts that have a source there; empty: they may see no alerts, or cannot sign in */
  hears: string[];
  /** Wards that the policy names and that they may not see; empty: it names none, and they miss whatever is elsewhere */
  misses: string[];
}

export interface Up {
  up: number;
  all: number;
}

export interface UserBody {
  name: string;
  role: string;
  /** False: the programs of the service's own machine */
  person: boolean;
  disabled: boolean;
  must_change_password: boolean;
  /** The one-time password was not used in time: reset it */
  one_time_expired: boolean;
  /** An identity provider vouches for them, and says their groups */
  by_provider: boolean;
  /** RFC 3339 */
  created_at: string;
  /** To which they are limited; null: no limit */
  own_wards: string[] | null;
  /** What they may see, with what their teams may; null: everywhere */
  wards: string[] | null;
  teams: string[];
}

export interface UserIn {
  name: string;
  role: string;
  /** To which they are limited; null: as whoever adds them is */
  wards?: string[] | null;
  /** More, that no source need be in yet; spelled as sources will have them */
  new_wards?: string[];
}

export interface ValueBody {
  source: string;
  metric: string;
  value: number;
  /** Of the reading, by its own clock */
  time: string;
}

export interface ValueList {
  values: ValueBody[];
}

export interface WardBody {
  name: string;
  /** In it now; 0: somebody is limited to it, and sees nothing */
  sources: number;
}

export interface WarnedBody {
  /** `channel:NAME`, or `station:NAME` of one that speaks */
  recipient: string;
  /** It is the end of the warning */
  over: boolean;
  /** `sent`: it has it; a station has acknowledged it */
  state: "waiting" | "sending" | "sent" | "failed" | "withheld";
  detail: string;
  /** By the clock */
  changed_at: string | null;
}

export interface WarningBody {
  id: string;
  alert: string;
  channel: string;
  reason: string;
  proposed_by: string;
  proposed_at: string;
  state: "proposed" | "confirmed" | "withdrawn";
  /** Who confirmed or withdrew it; null: nobody yet */
  decided_by: string | null;
  decided_at: string | null;
  /** What became of it, and of its end, one by one */
  told: WarnedBody[];
}

export interface WarningIn {
  /** Its id, or its beginning */
  alert: string;
  /** A public one */
  channel: string;
  /** For who is to confirm it */
  reason: string;
}

/** What a kind watches. */
export type Watches = "zone" | "line" | "picture" | "readings" | "source" | "system";

export interface WordsBody {
  vi: string;
  en: string;
}

export interface WorstBody {
  source: string;
  alarms: number;
  /** Of all, 0 to 1 */
  share: number;
}

export interface ZoneBody {
  id: string;
  source: string;
  name_vi: string;
  name_en: string;
  polygon: [number, number][];
}

/** A polygon on a camera's picture, or a line where it has two corners. Corners are fractions of the picture's width and height. Kinds that watch lines take a line's direction from its first corner to its second. */
export interface ZoneIn {
  id: string;
  /** The camera; may be left out inside a camera. */
  source?: string;
  /** Empty: the English name, or the id. */
  name_vi?: string;
  name_en?: string;
  polygon: [number, number][];
}

export interface services__api__routes__clock__AcceptIn {
  /** As it was shown, so that no other step is meant */
  ahead_seconds: number;
}

export interface services__api__routes__shifts__AcceptIn {
  command_id: string;
  /** A ward; empty: the whole city */
  area?: string;
  /** Of the document that was read: it is signed by it */
  digest: string;
}

/** From least to most. */
export const SEVERITIES = ["informational", "low", "medium", "high", "critical"] as const;
