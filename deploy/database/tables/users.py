"""Layout of what ``services/api/users.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "users",
    "People who may sign in",
    (
        Column("name", "text", "What they sign in with; the actor of what they do"),
        Column("role", "text", "operator, engineer, analyst or admin"),
        Column("password_hash", "text", "Argon2id"),
        Column("created_at", "timestamptz", "Wall-clock time (UTC)"),
    ),
    kept="until the owner of the database removes them",
)
