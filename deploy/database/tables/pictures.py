"""Layout of what ``services/privacy/vault.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import ORIGIN, Column

TABLE = Kept(
    "pictures",
    "The exact frames that alerts rest on, sealed by keys that are not in the database",
    (
        Column("source", "text", "Id of the camera"),
        Column("taken", "timestamptz", "Event time of the frame (UTC)"),
        Column("sha256", "text", "SHA-256 of the original, hexadecimal; what the evidence names"),
        Column("origin", "text", ORIGIN),
        Column("seen", "jsonb", "Boxes that the evidence names: x0, y0, x1, y1 in pixels, class"),
        Column("original", "bytea", "As the camera sent it, AES-GCM; null: kept no longer"),
        Column("masked", "bytea", "As people see it, AES-GCM; null: not made yet"),
        Column("masked_whole", "text", "Why nothing can be seen in it; empty: parts are covered"),
        Column("stored_at", "timestamptz", "Wall-clock time of the copy (UTC)"),
    ),
    kept="for picture_retention_days of event time, originals for original_retention_days",
)
