"""Layout of what ``services/api/signin.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "sign_in_failures",
    "Failed sign-ins of the last minutes, so that guessing is slowed down",
    (
        Column("user_name", "text", "The name that was tried"),
        Column("address", "text", "The client's network address"),
        Column("failed_at", "timestamptz", "Wall-clock time (UTC)"),
        Column("browser", "bytea", "As in browsers.token_hash; null: none that is known"),
    ),
    kept="for some minutes",
)
