"""Layout of what ``services/alerts/handbook.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "handbook",
    "What the site goes by and edits, every version of it, append only",
    (
        Column("sort", "text", "priority: the table by which alerts get theirs; or runbook"),
        Column("name", "text", "Empty where there is but one of the sort; of a runbook its kind"),
        Column("version", "int4", "1, 2, 3 … within the name; the highest holds"),
        Column("actor", "text", "User who wrote it"),
        Column("time", "timestamptz", "Event time at which it was written (UTC)"),
        Column("reason", "text", "Why it was changed"),
        Column("body", "jsonb", "What it says"),
        Column("recorded_at", "timestamptz", "Wall-clock time at which the row was written (UTC)"),
    ),
)
