"""Layout of what ``streams/configuration/log.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "control_published",
    "How far the gateway has published control_log; topics that were created anew get it"
    " from the beginning",
    (
        Column("topics", "text", "Kafka's identifiers of the topics frames and readings"),
        Column(
            "sequence", "int8", "Every change up to this one is in every partition of both topics"
        ),
        Column("time", "timestamptz", "When that was recorded (UTC)"),
    ),
    kept="for ever",
)
