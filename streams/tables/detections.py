"""What a detector saw: one row per box."""

from models.labels import CLASSES
from streams.events import Detections, to_datetime
from streams.tables.table import INT4, INT8, LATE, ORIGIN, Column, Row, Table, text, within
from streams.topics import DETECTIONS


def rows(event: Detections) -> list[Row]:
    boxes, classes, scores = event.arrays()
    if len(classes) and int(classes.max()) >= len(CLASSES):
        raise ValueError("a box is of a class that has no name")
    time, camera, model = to_datetime(event.time), text(event.camera), text(event.model)
    partition = within(event.frame.partition, INT4)
    offset = within(event.frame.offset, INT8)
    tail = (event.late, event.origin, model, partition, offset)
    return [
        (time, camera, CLASSES[label], score / 1000, *(edge / 10 for edge in box), *tail)
        for box, label, score in zip(boxes.tolist(), classes.tolist(), scores.tolist(), strict=True)
    ]


TABLE = Table(
    "detections",
    "What a detector saw: one row per box",
    (
        Column("time", "timestamptz", "Event time of the picture (UTC)"),
        Column("camera", "text", "Id of the camera"),
        Column("label", "text", f"What it is: one of {', '.join(CLASSES)}"),
        Column("score", "float4", "How sure the detector was, 0 to 1"),
        Column("x0", "float4", "Left edge of the box (pixels from the left)"),
        Column("y0", "float4", "Top edge of the box (pixels from the top)"),
        Column("x1", "float4", "Right edge of the box (pixels from the left)"),
        Column("y1", "float4", "Bottom edge of the box (pixels from the top)"),
        Column("late", "bool", LATE),
        Column("origin", "text", ORIGIN),
        Column("model", "text", "Detector that saw it, name@version"),
        Column("frame_partition", "int4", "Partition of the frames topic that holds the picture"),
        Column("frame_offset", "int8", "Offset of the picture in that partition"),
    ),
    lambda settings: settings.detection_retention_days,
    DETECTIONS,
    Detections,
    rows,
)
