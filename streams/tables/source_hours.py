"""How well what sources are to send has come: a row a source and hour."""

import numpy as np

from streams.events import DELIVERY, SourceHours, to_datetime
from streams.tables.table import ORIGIN, Column, Row, Table, text
from streams.topics import SCORED


def rows(event: SourceHours) -> list[Row]:
    if len(event.numbers) != 4 * len(DELIVERY) * len(event.sources):
        raise ValueError("there are not as many numbers as sources")
    numbers = np.frombuffer(event.numbers, "<i4").reshape(len(DELIVERY), -1)
    hour, said = to_datetime(event.hour), to_datetime(event.time)
    feed, gateway = text(event.feed), text(event.gateway)
    return [
        (hour, text(source), feed, gateway, event.origin, *column, said)
        for source, column in zip(event.sources, numbers.T.tolist(), strict=True)
    ]


TABLE = Table(
    "source_hours",
    "How well what sensors are to send has come: one row per source and hour, said once when the"
    " hour is over; what a feed's owner promises stands in its feed.yaml",
    (
        Column("time", "timestamptz", "Start of the hour of the readings' own event time (UTC)"),
        Column("source", "text", "Id of the sensor"),
        Column("feed", "text", "Id of its feed"),
        Column("gateway", "text", "Id of the gateway that delivers it"),
        Column("origin", "text", f"Of the source: {ORIGIN}"),
        Column(
            "expected",
            "int4",
            "Readings that its period asks for (number of); 0: nobody knows how many",
        ),
        Column("arrived", "int4", "Readings that came (number of)"),
        Column("refused", "int4", "Of these: with a value that cannot be (number of)"),
        Column("unclean", "int4", "Stuck, sent twice or corrected (number of)"),
        Column("late", "int4", "Too late to be judged (number of)"),
        Column("said", "timestamptz", "Event time at which it was said (UTC)"),
    ),
    lambda settings: settings.retention_days,
    SCORED,
    SourceHours,
    rows,
)
