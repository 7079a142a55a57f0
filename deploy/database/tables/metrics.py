"""What the sensors of each feed measure, as the installation's feeds declare it."""

from collections.abc import Iterator

from deploy.database.table import Dimension
from streams.feeds.registry import all_feeds
from streams.tables.table import Column, Row


def rows() -> Iterator[Row]:
    for feed in all_feeds().values():
        for name, metric in feed.metrics.items():
            yield feed.id, name, *metric.name, metric.unit.en, *metric.range


TABLE = Dimension(
    "metrics",
    "What sensors measure, one row per feed and metric; written at every migration",
    (
        Column("feed", "text", "Id of the feed that declares it, as in assets.feed; empty: it was"
               " noted before feeds were, and none declares it now"),
        Column("id", "text", "As in readings.metric"),
        Column("name_vi", "text", "Name in Vietnamese"),
        Column("name_en", "text", "Name in English"),
        Column("unit", "text", "Unit of readings.value, as in units.id"),
        Column("least", "float8", "The least that a working sensor can say, in the unit"),
        Column("most", "float8", "The most that a working sensor can say, in the unit"),
    ),
    key=("feed", "id"),
    rows=rows,
)  # fmt: skip
