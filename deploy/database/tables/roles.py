"""Layout of what ``services/api/roles.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "roles",
    "Roles of this site's own, beside those that come with CityOps",
    (
        Column("name", "text", "As in users.role"),
        Column("permissions", "text[]", "As in services/api/permissions.py"),
        Column("created_at", "timestamptz", "Wall-clock time (UTC)"),
    ),
    kept="until an administrator removes them",
)
