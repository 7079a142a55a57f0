"""Layout of what ``services/receiver/usage.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "source_key_usage",
    "What was sent by each key for readings, by day; written every few seconds",
    (
        Column("key_id", "text", "As in source_keys.id"),
        Column("day", "date", "The day (UTC)"),
        Column("readings", "bigint", "Readings that were taken"),
        Column("refused", "bigint", "Rows that were refused, and requests that could not be read"),
        Column("used_at", "timestamptz", "Wall-clock time of its last use that day (UTC)"),
    ),
    kept="for 90 days",
)
