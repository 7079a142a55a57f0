"""Layout of what ``services/privacy/erasures.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "erasures",
    "Orders to erase pictures; what they name is not kept again",
    (
        Column("id", "bigint", "Number, in the order in which they were given"),
        Column("source", "text", "Id of the camera"),
        Column("after", "timestamptz", "Event time from which on its pictures are erased (UTC)"),
        Column("until", "timestamptz", "Event time before which they are (UTC)"),
        Column("actor", "text", "User who gave the order"),
        Column("reason", "text", "Why, in the user's words"),
        Column("ordered_at", "timestamptz", "Wall-clock time (UTC)"),
        Column("reached", "jsonb", "What was erased where; null: it was interrupted, give it anew"),
    ),
)
