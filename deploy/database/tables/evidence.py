"""Layout of what earlier releases wrote: ``services/privacy/vault.py`` seals and empties it."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "evidence",
    "Frames that earlier releases kept in the clear",
    (
        Column("sha256", "text", "SHA-256 of jpeg, hexadecimal; what the alert's evidence names"),
        Column("jpeg", "bytea", "The picture as the camera sent it, byte for byte"),
        Column("stored_at", "timestamptz", "Wall-clock time of the copy (UTC)"),
    ),
    kept="until this release has run for a minute",
)
