"""Layout of what ``services/api/users.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "users",
    "People who may sign in, and the account of this machine's own programs",
    (
        Column("name", "text", "What they sign in with; the actor of what they do"),
        Column("role", "text", "As in services/api/permissions.py, or roles.name"),
        Column("password_hash", "text", "Argon2id; empty: nobody signs in with a password"),
        Column("created_at", "timestamptz", "Wall-clock time (UTC)"),
        Column("person", "boolean", "False: the programs of this machine"),
        Column("must_change", "boolean", "Whether the password is good for choosing another only"),
        Column("one_time", "boolean", "Whether the password was generated: nobody guesses it"),
        Column(
            "password_until",
            "timestamptz",
            "Wall-clock time after which nobody signs in with it (UTC); null: no such time",
        ),
        Column("wards", "text[]", "What they may see, beside what their teams may; null: no limit"),
        Column("sql_role", "text", "Role of the database by which they ask in SQL; null: none"),
        Column("issuer", "text", "Identity provider that vouches for them; empty: an account here"),
        Column("subject", "text", "Whom that provider means, in its own words"),
        Column("disabled_at", "timestamptz", "Wall-clock time (UTC); null: the account is in use"),
    ),
    kept="for ever: what somebody did stays readable",
)
