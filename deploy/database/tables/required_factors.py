"""Layout of what ``services/api/roles.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "required_factors",
    "Roles whose people must have a second factor before they may do anything else",
    (
        Column("role", "text", "As in users.role"),
        Column("created_at", "timestamptz", "Wall-clock time (UTC)"),
    ),
    kept="until it is not required any more",
)
