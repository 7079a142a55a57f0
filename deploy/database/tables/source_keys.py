"""Layout of what ``services/api/source_keys.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "source_keys",
    "Keys by which readings are sent over HTTP",
    (
        Column("id", "text", "By which it is listed and revoked"),
        Column("token_hash", "bytea", "SHA-256 of the random key; the key itself is not kept"),
        Column("label", "text", "Whose it is, in the words of whoever has made it"),
        Column("sources", "text[]", "Sources whose readings it may send"),
        Column("gateways", "text[]", "Gateways all of whose sources' readings it may send"),
        Column("rate", "double precision", "Readings per second that it may send"),
        Column("daily", "bigint", "Readings that it may send in a day (UTC)"),
        Column("created_by", "text", "User who has made it"),
        Column("created_at", "timestamptz", "Wall-clock time (UTC)"),
        Column("expires_at", "timestamptz", "After which it is void (UTC); null: never"),
        Column("revoked_by", "text", "User who has revoked it; null: nobody"),
        Column("revoked_at", "timestamptz", "From when on it is void (UTC); null: it is not"),
    ),
)
