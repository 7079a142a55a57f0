"""Layout of what ``services/api/factors.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "second_factors",
    "Second factors of those who have one: codes that a telephone computes (TOTP, RFC 6238)",
    (
        Column("user_name", "text", "As in users.name"),
        Column("secret", "bytea", "Encrypted with a key from the secrets folder (Fernet)"),
        Column("confirmed", "boolean", "Whether a code has shown that the telephone has it"),
        Column("last_step", "bigint", "Of the last code that was used, in 30 s since 1970"),
        Column("recovery", "bytea[]", "SHA-256 of each recovery code that was not used yet"),
        Column("created_at", "timestamptz", "Wall-clock time (UTC)"),
    ),
    kept="until it is removed, or the password is reset",
)
