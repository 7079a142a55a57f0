"""What cameras have learned of their pictures as scenery, as it was learned and forgotten."""

from streams.events import Scenery, to_datetime
from streams.tables.table import INT4, ORIGIN, Column, Row, Table, text, within
from streams.topics import COUNTS


def rows(event: Scenery) -> tuple[Row]:
    return (
        (
            to_datetime(event.time),
            text(event.camera),
            text(event.id),
            event.learned,
            event.group,
            *(within(corner, INT4) for corner in event.box),
            within(event.width, INT4),
            within(event.height, INT4),
            to_datetime(event.since),
            text(event.model),
            event.origin,
        ),
    )


TABLE = Table(
    "scenery",
    "What a camera's picture shows that is no object, as it never moved and never came in: a row"
    " where a place was learned or forgotten, and one an hour while it is known",
    (
        Column("time", "timestamptz", "Event time at which it was decided, or said again (UTC)"),
        Column("camera", "text", "Id of the camera"),
        Column("id", "text", "Of the place; empty: of all that the camera had learned before"),
        Column("learned", "bool", "True: it is scenery from then on; false: it is no more"),
        Column("label", "text", "What a model takes it for: person, or vehicle for anything else"),
        Column("x0", "int4", "Left side of the place (tenths of a pixel)"),
        Column("y0", "int4", "Upper side of the place (tenths of a pixel)"),
        Column("x1", "int4", "Right side of the place (tenths of a pixel)"),
        Column("y1", "int4", "Lower side of the place (tenths of a pixel)"),
        Column("width", "int4", "Of the picture (pixels)"),
        Column("height", "int4", "Of the picture (pixels)"),
        Column("since", "timestamptz", "Event time at which it was seen there first (UTC)"),
        Column("model", "text", "Model that sees it, name@version"),
        Column("origin", "text", ORIGIN),
    ),
    lambda settings: settings.retention_days,
    COUNTS,
    Scenery,
    rows,
)
