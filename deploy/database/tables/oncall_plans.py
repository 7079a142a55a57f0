"""Layout of what ``services/oncall/record.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "oncall_plans",
    "Who takes turns, and who is told of which alerts: as it is now",
    (
        Column("sort", "text", "rotation, override, policy, channel; people, clock, held are ours"),
        Column("name", "text", "Its name; empty where there is but one"),
        Column("body", "jsonb", "The plan; times in microseconds since 1970 UTC"),
    ),
    kept="until it is removed",
)
