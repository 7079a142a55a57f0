"""Layout of what ``services/api/teams.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "teams",
    "Teams of users, which may be limited to wards",
    (
        Column("name", "text", "What it is called"),
        Column("wards", "text[]", "What its members may see; null: it limits nobody"),
        Column("created_at", "timestamptz", "Wall-clock time (UTC)"),
    ),
    kept="until an administrator removes them",
)
