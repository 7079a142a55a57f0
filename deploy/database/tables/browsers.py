"""Layout of what ``services/api/signin.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "browsers",
    "Browsers in which somebody has signed in: guesses from elsewhere do not keep them waiting",
    (
        Column("token_hash", "bytea", "SHA-256 of a random cookie; the cookie itself is not kept"),
        Column("user_name", "text", "Who signed in there"),
        Column("used_at", "timestamptz", "Wall-clock time of the last sign-in (UTC)"),
    ),
    kept="for half a year after the last sign-in",
)
