"""Layout of what ``services/oncall/record.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "oncall_log",
    "All by which it was decided who is told of what, in its one order, append only",
    (
        Column("sequence", "bigint", "Number in order of commit"),
        Column("body", "jsonb", "What happened; times in microseconds since 1970 UTC"),
        Column("recorded_at", "timestamptz", "Wall-clock time at which it was written (UTC)"),
    ),
    kept="as long as the setting message_retention_days says",
)
