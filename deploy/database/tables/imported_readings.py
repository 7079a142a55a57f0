"""Layout of what ``services/api/history.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "imported_readings",
    "What sensors measured before they were connected, as files say (cityops import): one row per"
    " source, metric and time, with the value that was imported last; no alarm rests on it",
    (
        Column("time", "timestamptz", "Time of the measurement (UTC)"),
        Column("source", "text", "Id of the sensor"),
        Column("metric", "text", "What was measured, as in metrics.id of the source's feed"),
        Column("value", "float8", "The measurement, in the metric's unit"),
        Column(
            "score",
            "float4",
            "How unlike the imported values before it, 0 to 1 (decision 0067); null: not scored"
            " yet, as an import was broken off",
        ),
        Column("imported_by", "text", "User who has imported the value"),
        Column("imported_at", "timestamptz", "Wall-clock time (UTC)"),
    ),
)
