"""How near together a camera's pictures are by which anything can be judged."""

from datetime import timedelta

from streams.events import BLINDNESS, Sight, to_datetime
from streams.tables.table import ORIGIN, Column, Row, Table, text
from streams.topics import COUNTS


def rows(event: Sight) -> tuple[Row]:
    return (
        (
            to_datetime(event.time),
            text(event.camera),
            timedelta(microseconds=event.apart) if event.apart else None,
            event.reason,
            to_datetime(event.since),
            to_datetime(event.told),
            event.origin,
        ),
    )


TABLE = Table(
    "sight",
    "How near together a camera's pictures are by which anything can be judged: one row whenever"
    " that changes, and one an hour; each holds until the next of its camera",
    (
        Column("time", "timestamptz", "Event time from which on it holds (UTC)"),
        Column("camera", "text", "Id of the camera"),
        Column(
            "apart",
            "interval",
            "How far apart good pictures are for most of the time (interval); null: none come",
        ),
        Column(
            "reason",
            "text",
            "Why they are no nearer together; empty: they are near enough for every rule; else one"
            f" of {', '.join(filter(None, BLINDNESS))}; of missing ones accounts say more",
        ),
        Column("since", "timestamptz", "Event time since when it has been so (UTC)"),
        Column("told", "timestamptz", "Event time at which it was found, or said again (UTC)"),
        Column("origin", "text", ORIGIN),
    ),
    lambda settings: settings.retention_days,
    COUNTS,
    Sight,
    rows,
)
