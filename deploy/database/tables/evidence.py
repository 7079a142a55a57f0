"""Layout of what ``services/alerts/store.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "evidence",
    "The exact frames that alerts rest on, copied before Kafka's retention takes them",
    (
        Column("sha256", "text", "SHA-256 of jpeg, hexadecimal; what the alert's evidence names"),
        Column("jpeg", "bytea", "The picture as the camera sent it, byte for byte"),
        Column("stored_at", "timestamptz", "Wall-clock time of the copy (UTC)"),
    ),
    kept="as long as detections, and while an alert shows them",
)
