"""Layout of what ``services/notifier/stations.py`` writes."""

from deploy.database.table import Kept
from streams.tables.table import Column

TABLE = Kept(
    "station_calls",
    "Whether each station that speaks answers, which is asked every minute",
    (
        Column("station", "text", "As in stations.name; it goes with it"),
        Column("asked_at", "timestamptz", "Wall-clock time at which it was asked last (UTC)"),
        Column("heard_at", "timestamptz", "Wall-clock time at which it answered last (UTC)"),
        Column("detail", "text", "Why it is taken for dead; empty: it answered the last time"),
    ),
    kept="until the station is removed",
)
