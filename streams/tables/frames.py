"""Frames that a detector took: one row per frame, also where nothing was seen."""

from streams.events import VERDICTS, Detections, to_datetime
from streams.tables.table import INT4, INT8, LATE, ORIGIN, Column, Row, Table, text, within
from streams.topics import DETECTIONS


def rows(event: Detections) -> tuple[Row]:
    _, classes, _ = event.arrays()
    return (
        (
            to_datetime(event.time),
            text(event.camera),
            within(event.sequence, INT8),
            None if event.as_of else len(classes),
            within(event.width, INT4),
            within(event.height, INT4),
            event.late,
            event.origin,
            text(event.model),
            within(event.frame.partition, INT4),
            within(event.frame.offset, INT8),
            bytes.fromhex(event.frame.sha256),
            to_datetime(event.as_of) if event.as_of else None,
            event.verdict,
        ),
    )


VERDICT = f"What the picture is worth: one of {', '.join(VERDICTS)}; null: of an earlier release"

TABLE = Table(
    "frames",
    "Frames a detector took: one row per frame",
    (
        Column("time", "timestamptz", "Event time of the picture (UTC)"),
        Column("camera", "text", "Id of the camera"),
        Column("sequence", "int8", "Number of the frame, as its camera counts"),
        Column(
            "boxes",
            "int4",
            "Things seen in it (number of rows in detections); null: none looked, see as_of",
        ),
        Column("width", "int4", "Width of the picture (pixels)"),
        Column("height", "int4", "Height of the picture (pixels)"),
        Column("late", "bool", LATE),
        Column("origin", "text", ORIGIN),
        Column("model", "text", "Detector of the camera, name@version"),
        Column("frame_partition", "int4", "Partition of the frames topic that holds the picture"),
        Column("frame_offset", "int8", "Offset of the picture in that partition"),
        Column("frame_sha256", "bytea", "SHA-256 of the JPEG (32 bytes)"),
        Column(
            "as_of",
            "timestamptz",
            "Time of the camera's earlier frame (UTC) against which nothing has changed: what"
            " detections has of that is in this one; null: the detector looked at this one",
        ),
        Column("verdict", "text", VERDICT),
    ),
    lambda settings: settings.detection_retention_days,
    DETECTIONS,
    Detections,
    rows,
)
