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
            "purpose",
            "text",
            "console: a person signed in; service: a program on this machine; token: what a person"
            " made for a program",
        ),
        Column("created_at", "timestamptz", "Wall-clock time (UTC)"),
        Column(
            "expires_at",
            "timestamptz",
            "Wall-clock time after which the token is void (UTC); null: never",
        ),
        Column("id", "text", "By which it is listed and ended"),
        Column("label", "text", "A token's name; of a session the program that signed in"),
        Column("scopes", "text[]", "What a token may do of what its user may; null: all of it"),
        Column("wards", "text[]", "What a token may see of what its user may; null: all of it"),
        Column("used_at", "timestamptz", "Wall-clock time of its last use, to the minute (UTC)"),
        Column("address", "text", "The network address that signed in"),
        Column("second_factor", "boolean", "Whether the identity provider said that one was shown"),
    ),
    kept="until they are void",
)
