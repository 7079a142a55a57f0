"""Layout of what ``deploy/database/migrate.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "migrations",
    "Migrations that have been applied to this namespace",
    (
        Column("name", "text", "File, relative to the folder of migrations"),
        Column("sha256", "text", "SHA-256 of the file as it was applied (hexadecimal)"),
        Column("applied_at", "timestamptz", "Wall-clock time (UTC)"),
    ),
    kept="for ever",
)
