"""What is stored of each event: pure, from one event to rows of named tables.

Every value is checked here against what its column can hold, so that no message can make a
whole batch fail: it is refused alone, as ``BadMessage``.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, NamedTuple
from uuid import UUID

import msgspec
import numpy as np
from psycopg.types.json import Jsonb

from models.labels import CLASSES
from streams.events import (
    BAD,
    LATE,
    REPEATED,
    BadMessage,
    ControlChange,
    Counts,
    Detections,
    Evidence,
    Incident,
    Micros,
    Scored,
    Tick,
    Watermark,
    to_datetime,
)

Row = tuple[Any, ...]
NOT_SCORED = 65535
INTEGER = 2**31
BIGINT = 2**63


class Table(NamedTuple):
    """Where rows go: its columns, in the order of a row's values, with their types."""

    name: str
    columns: tuple[str, ...]
    types: tuple[str, ...]

    @classmethod
    def of(cls, name: str, layout: str) -> "Table":
        """``layout``: a column and its type, one after the other."""
        words = layout.split()
        return cls(name, tuple(words[::2]), tuple(words[1::2]))


READINGS = Table.of(
    "readings",
    "time timestamptz source text metric text value float8 anomaly_score float4 late bool"
    " origin text model text gateway text",
)
FRAMES = Table.of(
    "frames",
    "time timestamptz camera text sequence int8 boxes int4 width int4 height int4 late bool"
    " origin text model text frame_partition int4 frame_offset int8 frame_sha256 bytea",
)
DETECTIONS = Table.of(
    "detections",
    "time timestamptz camera text label text score float4 x0 float4 y0 float4 x1 float4"
    " y1 float4 late bool origin text model text frame_partition int4 frame_offset int8",
)
INCIDENTS = Table.of(
    "incidents",
    "id uuid revision int4 kind text rule text severity text origin text sources text[]"
    " zone text subject text start_time timestamptz decided_at timestamptz"
    " end_time timestamptz segment text latitude float8 longitude float8 model text"
    " evidence jsonb part_of uuid",
)
COUNTS = Table.of(
    "counts",
    "time timestamptz camera text zone text label text tracks int4 peak int4 period interval"
    " origin text",
)
TABLES = (COUNTS, DETECTIONS, FRAMES, INCIDENTS, READINGS)

Rows = dict[Table, Sequence[Row]]


def rows_of(event: Any) -> Rows:
    """The rows that an event of the internal topics leaves; none for ticks and the like.

    Raises:
        BadMessage: ``wrong_type``, a value that its column cannot hold, or no such event.
    """
    try:
        match event:
            case Scored():
                return {READINGS: _readings(event)}
            case Detections():
                return _detections(event)
            case Incident():
                return {INCIDENTS: (_incident(event),)}
            case Counts():
                return {COUNTS: (_counts(event),)}
            case Tick() | ControlChange() | Watermark():
                return {}
    except (OverflowError, ValueError) as error:
        raise BadMessage("wrong_type", str(error)) from None
    raise BadMessage("wrong_type", f"{type(event).__name__} is not stored")


def _readings(event: Scored) -> list[Row]:
    n, width = len(event.flags), len(event.metrics)
    sizes = (len(event.source), len(event.times), len(event.scores), len(event.values))
    if sizes != (2 * n, 8 * n, 2 * n, 8 * n * width):
        raise ValueError("the columns of a pack differ in length")
    source = np.frombuffer(event.source, "<u2")
    if n and int(source.max()) >= len(event.sources):
        raise ValueError("a row names a source that the pack does not list")
    gateway, model = _text(event.gateway), _text(event.model)
    sources = [_text(name) for name in event.sources]
    metrics = [_text(name) for name in event.metrics]
    values = np.frombuffer(event.values, "<f8").reshape(n, width).tolist()
    rows: list[Row] = []
    for i, time, score, flags, measured in zip(
        source.tolist(),
        np.frombuffer(event.times, "<i8").tolist(),
        np.frombuffer(event.scores, "<u2").tolist(),
        np.frombuffer(event.flags, "u1").tolist(),
        values,
        strict=True,
    ):
        if flags & (REPEATED | BAD):
            continue
        moment, name, late = to_datetime(time), sources[i], bool(flags & LATE)
        anomaly = None if score == NOT_SCORED else score / 1000
        rows += [
            # NaN is the one value that differs from itself
            (
                moment,
                name,
                metric,
                value if value == value else None,  # noqa: PLR0124
                anomaly,
                late,
                event.origin,
                model,
                gateway,
            )
            for metric, value in zip(metrics, measured, strict=True)
        ]
    return rows


def _detections(event: Detections) -> Rows:
    boxes, classes, scores = event.arrays()
    if len(classes) and int(classes.max()) >= len(CLASSES):
        raise ValueError("a box is of a class that has no name")
    time, camera, model = to_datetime(event.time), _text(event.camera), _text(event.model)
    partition = _within(event.frame.partition, INTEGER)
    offset = _within(event.frame.offset, BIGINT)
    frame: Row = (
        time,
        camera,
        _within(event.sequence, BIGINT),
        len(classes),
        _within(event.width, INTEGER),
        _within(event.height, INTEGER),
        event.late,
        event.origin,
        model,
        partition,
        offset,
        bytes.fromhex(event.frame.sha256),
    )
    tail = (event.late, event.origin, model, partition, offset)
    seen = [
        (time, camera, CLASSES[label], score / 1000, *(edge / 10 for edge in box), *tail)
        for box, label, score in zip(boxes.tolist(), classes.tolist(), scores.tolist(), strict=True)
    ]
    return {FRAMES: (frame,), DETECTIONS: seen}


def _incident(event: Incident) -> Row:
    place = event.place
    return (
        UUID(event.id),
        _within(event.revision, INTEGER),
        _text(event.kind),
        _text(event.rule),
        event.severity,
        event.origin,
        [_text(source) for source in event.sources],
        _text(event.zone),
        _text(event.subject),
        to_datetime(event.start),
        to_datetime(event.decided_at),
        None if event.end is None else to_datetime(event.end),
        _text(place.segment) or None if place else None,
        place.latitude if place else None,
        place.longitude if place else None,
        _text(event.evidence[0].model) if event.evidence else "",
        _json([_evidence(evidence) for evidence in event.evidence]),
        UUID(event.part_of) if event.part_of else None,
    )


def _evidence(evidence: Evidence) -> dict[str, Any]:
    """With names, as an analyst reads it."""
    return {
        **msgspec.structs.asdict(evidence),
        "frame": msgspec.structs.asdict(evidence.frame) if evidence.frame else None,
        "boxes": [msgspec.structs.asdict(box) for box in evidence.boxes],
    }


def _counts(event: Counts) -> Row:
    return (
        to_datetime(event.time),
        _text(event.camera),
        _text(event.zone),
        _text(event.label),
        _within(event.tracks, INTEGER),
        _within(event.peak, INTEGER),
        _interval(event.period),
        event.origin,
    )


def newest(event: Any) -> Micros | None:
    """Event time as the event's partition has reached it: only ticks say so."""
    return event.time if isinstance(event, Tick) else None


def _interval(period: Micros) -> timedelta:
    return timedelta(microseconds=period)


def _text(text: str) -> str:
    if "\0" in text:
        raise ValueError(f"{text!r} holds a NUL, which the database cannot store")
    return text


def _within(number: int, bound: int) -> int:
    if not -bound <= number < bound:
        raise ValueError(f"{number} is too large for its column")
    return number


def _json(value: Any) -> Jsonb:
    data = msgspec.json.encode(value)
    if rb"\u0000" in data:
        raise ValueError("the evidence holds a NUL, which the database cannot store")
    return Jsonb(data, dumps=bytes)
