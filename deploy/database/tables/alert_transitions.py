"""Layout of what ``services/alerts/store.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "alert_transitions",
    "Everything that ever happened to alerts, append only: the truth that table alerts is"
    " computed from",
    (
        Column(
            "sequence",
            "int8",
            "Number in order of commit, over all alerts; the id of the live stream's events",
        ),
        Column("alert", "text", "Id of the alert (UUIDv5 of its first incident's id)"),
        Column("version", "int4", "Version of the alert after this transition: 1, 2, 3 …"),
        Column(
            "kind",
            "text",
            "raised, repeated (its manner: anew, flapping, held or past), amended, returned,"
            " merged, unknown (its source is not heard), proven (heard again, it lasts), explained"
            " (it is a consequence of another, or none any more) by incidents; asked (the"
            " acknowledgement is void) by incidents or event time; suppressed, restored by what is"
            " out of service or maintained; acknowledged, withdrawn, shelved, unshelved (also by"
            " event time), resolved, reopened, assigned, linked, unlinked, joined (it is part of"
            " another), parted (it is no more), absorbed, released (said by that other one),"
            " stepped (of its runbook), commented by people",
        ),
        Column(
            "time",
            "timestamptz",
            "Event time at which the incident was proven, or wall-clock time of the person's"
            " request (UTC)",
        ),
        Column("actor", "text", "User name; empty where an incident caused it"),
        Column(
            "command",
            "text",
            "Client's id of the request, so that one sent twice is done once; empty where an"
            " incident caused it",
        ),
        Column("incident", "text", "Id of the incident that caused it; null where a person did"),
        Column("revision", "int4", "Revision of that incident; null where a person caused it"),
        Column(
            "body",
            "jsonb",
            "The change itself; times in microseconds since 1970 UTC, boxes in pixels",
        ),
        Column("recorded_at", "timestamptz", "Wall-clock time at which the row was written (UTC)"),
        Column(
            "stalled_since",
            "timestamptz",
            "Where event time had stalled when this was written (UTC): ends and merges decided"
            " later than that were still to come; null: it went on, or a person caused this",
        ),
        Column("form", "int2", "Form of body; a release that does not know it refuses to read on"),
    ),
    kept="for ever",
)
