"""Layout of what ``services/alerts/store.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import ORIGIN, Column

TABLE = Kept(
    "alerts",
    "Every alert as it is now: the projection of alert_transitions, which can be computed again"
    " at any time",
    (
        Column("id", "text", "UUIDv5 of the id of the first incident"),
        Column("version", "int4", "How many transitions it has had"),
        Column("sequence", "int8", "Sequence of its last transition"),
        Column("kind", "text", "Kind of its latest occurrence, as in kinds.id"),
        Column("rule", "text", "Id of the rule that was met"),
        Column("origin", "text", ORIGIN),
        Column(
            "severity", "text", "informational, low, medium, high, critical (Smart Data Models)"
        ),
        Column(
            "severity_rank",
            "int2",
            "The severity as a number, 0 (informational) to 4 (critical), to order by",
        ),
        Column(
            "priority", "int2", "How urgent it is, 1 (at once) to 4, by the table of priorities"
        ),
        Column("source", "text", "Id of the camera or sensor"),
        Column("zone", "text", "Id of the zone; empty where the rule has none"),
        Column(
            "state",
            "text",
            "unacknowledged, acknowledged, returned_unacknowledged, normal, shelved, suppressed (by"
            " design: it is maintained, or a consequence), out_of_service (ISA-18.2), or resolved",
        ),
        Column("active", "bool", "Whether the condition is there; false: returned to normal"),
        Column(
            "count",
            "int4",
            "Occurrences: incidents of the same rule, source and zone, each at most ten minutes"
            " after the last",
        ),
        Column("event_time", "timestamptz", "Event time at which the first occurrence began (UTC)"),
        Column(
            "latest_time", "timestamptz", "Event time at which the latest occurrence began (UTC)"
        ),
        Column(
            "decided_at",
            "timestamptz",
            "Event time at which the latest occurrence was proven (UTC)",
        ),
        Column(
            "last_activity",
            "timestamptz",
            "Latest event time at which an incident of it began, changed or ended (UTC)",
        ),
        Column(
            "ended",
            "timestamptz",
            "Event time at which the condition returned to normal (UTC); null while it is there",
        ),
        Column(
            "acknowledged_by",
            "text",
            "User who acknowledged the latest occurrence; null: nobody yet",
        ),
        Column("acknowledged_at", "timestamptz", "When (wall clock, UTC)"),
        Column("resolved_by", "text", "User who closed it; null: open"),
        Column("resolved_at", "timestamptz", "When (wall clock, UTC)"),
        Column(
            "asked_at",
            "timestamptz",
            "Event time at which it last began to ask to be acknowledged (UTC); null: never, or it"
            " was stored by an earlier release",
        ),
        Column(
            "due",
            "timestamptz",
            "Event time at which something becomes otherwise by itself: a shelf or a suppression"
            " ends, an acknowledgement outlasts its limit (UTC); null: nothing will",
        ),
        Column(
            "active_since",
            "timestamptz",
            "Event time since when the condition has been there without a break (UTC); null: it is"
            " not, or it was stored by an earlier release",
        ),
        Column(
            "flapping_since",
            "timestamptz",
            "Event time at which the first of its occurrences that flap began (UTC); null: it does"
            " not flap",
        ),
        Column(
            "disposition",
            "text",
            "What it turned out to be: true, false, nuisance, test, duplicate; null: nobody said",
        ),
        Column("assigned_to", "text", "User who sees to it; null: nobody"),
        Column(
            "search",
            "text",
            "What a text search looks at: ids and names, lower case, without diacritics",
        ),
        Column("ward", "text", "In which its source was when it was raised; empty: none is known"),
        Column(
            "wards",
            "text[]",
            "In which the sources were that it has ever had, when they came to it; an empty one"
            " stands for those in none that is known",
        ),
        Column(
            "explained_by",
            "text",
            "Id of the incident that its latest occurrence is, or was until it ended, a consequence"
            " of; null: of none",
        ),
        Column(
            "body",
            "jsonb",
            "The whole alert; times in microseconds since 1970 UTC, boxes in pixels",
        ),
    ),
    kept="for ever",
)
