"""How many of what a camera saw, per minute."""

from datetime import timedelta

from models.labels import CLASSES
from streams.events import Counts, to_datetime
from streams.tables.table import INT4, ORIGIN, Column, Row, Table, text, within
from streams.topics import COUNTS


def rows(event: Counts) -> tuple[Row]:
    return (
        (
            to_datetime(event.time),
            text(event.camera),
            text(event.zone),
            text(event.label),
            within(event.tracks, INT4),
            within(event.peak, INT4),
            timedelta(microseconds=event.period),
            event.origin,
        ),
    )


TABLE = Table(
    "counts",
    "How many a camera saw: one row per camera, zone, class and minute, none where nothing was "
    "seen; two where zones changed in mid-minute: add tracks, take the higher peak",
    (
        Column("time", "timestamptz", "Start of the period, event time (UTC)"),
        Column("camera", "text", "Id of the camera"),
        Column("zone", "text", "Id of the zone; empty: the whole picture"),
        Column("label", "text", f"What was counted: one of {', '.join(CLASSES)}"),
        Column("tracks", "int4", "Different ones seen in the period (number of)"),
        Column("peak", "int4", "Most of them at once (number of)"),
        Column("period", "interval", "Length of the period (interval), a minute"),
        Column("origin", "text", ORIGIN),
    ),
    lambda settings: settings.retention_days,
    COUNTS,
    Counts,
    rows,
)
