"""Layout of what ``services/alerts/shift_store.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "shift_log",
    "Who was on shift, what they noted and handed over, append only",
    (
        Column("sequence", "int8", "Number in the order in which the rows were written"),
        Column("area", "text", "Ward; empty: the whole city"),
        Column("kind", "text", "began, ended, noted, offered, accepted"),
        Column("time", "timestamptz", "Event time at which somebody said so (UTC)"),
        Column("actor", "text", "User name"),
        Column(
            "command", "text", "Client's id of the request, so that one sent twice is done once"
        ),
        Column("body", "jsonb", "What happened; times in microseconds since 1970 UTC"),
        Column("recorded_at", "timestamptz", "Wall-clock time at which the row was written (UTC)"),
    ),
)
