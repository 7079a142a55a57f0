"""Layout of what ``services/api/users.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "sessions",
    "Who is signed in, and the tokens of programs",
    (
        Column("token_hash", "bytea", "SHA-256 of the random token; the token itself is not kept"),
        Column("user_name", "text", "In whose name the token acts"),
        Column(
            "purpose", "text", "console: a person signed in; service: a program on this machine"
        ),
        Column("created_at", "timestamptz", "Wall-clock time (UTC)"),
        Column(
            "expires_at",
            "timestamptz",
            "Wall-clock time after which the token is void (UTC); null: never",
        ),
    ),
    kept="until they are void",
)
