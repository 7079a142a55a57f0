"""Every message type, with its encode and decode.

On the wire an event is a CloudEvents 1.0 message in Kafka's binary mode: attributes are ``ce_*``
headers, the payload is the value. A frame's value is its JPEG; everything else is a msgspec
Struct in msgpack (arrays, so fields are appended, never reordered).

Times are integer microseconds since the epoch, UTC (``Micros``); RFC 3339 in headers.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

Micros = int
SECOND: Micros = 1_000_000
MINUTE: Micros = 60 * SECOND
HOUR: Micros = 60 * MINUTE
DAY: Micros = 24 * HOUR

Origin = Literal["live", "recorded", "simulated", "replayed"]
Severity = Literal["informational", "low", "medium", "high", "critical"]
"""As in the Smart Data Models ``Alert``."""

MAX_PICTURE_BYTES = 2 * 2**20
MAX_PICTURE_PIXELS = 3840 * 2160
MAX_VALUE_BYTES = MAX_PICTURE_BYTES
PIXEL_QUANTUM = 0.1
"""Boxes are stored in tenths of a pixel, quantised before the first threshold."""
SCORE_QUANTUM = 0.001

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def to_rfc3339(time: Micros) -> str:
    """``2026-11-22T18:00:00.000000Z``."""
    return to_datetime(time).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def from_rfc3339(text: str) -> Micros:
    """Raises ValueError where the text is no time or carries no zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} has no time zone")
    return from_datetime(moment)


def to_datetime(time: Micros) -> datetime:
    """In UTC; raises OverflowError outside the years 1 to 9999."""
    return _EPOCH + timedelta(microseconds=time)


def from_datetime(moment: datetime) -> Micros:
    """Raises TypeError where ``moment`` carries no zone."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


class BadMessage(Exception):
    """What cannot be decoded or validated; goes to the dead-letter topic with ``reason``."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class _Wire(msgspec.Struct, frozen=True, array_like=True):
    """Base of what travels as msgpack."""


# --- inputs ---------------------------------------------------------------------------------


class Frame(msgspec.Struct, frozen=True):
    """One picture of one camera. ``sha256`` (hex) is of ``jpeg``."""

    camera: str
    time: Micros
    sequence: int
    origin: Origin
    jpeg: bytes
    sha256: str


def new_frame(camera: str, time: Micros, sequence: int, origin: Origin, jpeg: bytes) -> Frame:
    return Frame(camera, time, sequence, origin, jpeg, hashlib.sha256(jpeg).hexdigest())


class Readings(_Wire, frozen=True, array_like=True):
    """A pack of readings from one gateway: row i is ``sources[source[i]]`` at ``time[i]``."""

    gateway: str
    time: Micros
    """When the pack was closed; strictly increasing per gateway."""
    sequence: int
    origin: Origin
    sources: tuple[str, ...]
    metrics: tuple[str, ...]
    """Column names, e.g. ``flow`` (vehicles/h), ``occupancy`` (%), ``speed`` (km/h)."""
    source: bytes
    """uint16 [rows]: index into ``sources``."""
    times: bytes
    """int64 [rows]: Micros."""
    values: bytes
    """float64 [rows, metrics]; NaN: not measured."""

    def arrays(self) -> tuple[NDArray[np.uint16], NDArray[np.int64], NDArray[np.float64]]:
        """(source [n], times [n], values [n, metrics]); raises BadMessage where sizes disagree."""
        if len(self.source) % 2 or len(self.times) != 4 * len(self.source):
            raise BadMessage("wrong_type", "source and times differ in length")
        source = np.frombuffer(self.source, "<u2")
        if len(self.values) != 8 * len(source) * len(self.metrics) or not self.metrics:
            raise BadMessage("wrong_type", "values is not rows x metrics")
        if len(source) and int(source.max()) >= len(self.sources):
            raise BadMessage("wrong_type", "a row names a source that the pack does not list")
        times = np.frombuffer(self.times, "<i8")
        values = np.frombuffer(self.values, "<f8").reshape(len(source), len(self.metrics))
        return source, times, values


# --- control events: in every input partition, effective at their offset --------------------


class Tick(_Wire, frozen=True, array_like=True):
    """Event time has come this far. One not later than the last is ignored."""

    time: Micros


class Place(_Wire, frozen=True, array_like=True):
    latitude: float
    longitude: float
    segment: str = ""
    """Road segment: what a camera and a loop on the same road have in common."""


class Source(_Wire, frozen=True, array_like=True, tag="source"):
    """A camera or sensor that is known; anything from another is dead-lettered."""

    id: str
    kind: Literal["camera", "loop"]
    name_vi: str
    name_en: str
    origin: Origin
    place: Place
    gateway: str = ""
    """Sensors: whose packs carry it."""
    model: str = ""
    """Cameras: ``name@version``; empty: the active detector."""
    period: Micros = 0
    """Time between its events when all is well; 0: unknown, silence is not judged."""
    address: str = ""
    """Cameras that the gateway reads: file or URL that OpenCV opens, credentials removed."""


class Zone(_Wire, frozen=True, array_like=True, tag="zone"):
    """A polygon drawn on a camera's picture, in fractions of its width and height."""

    id: str
    source: str
    name_vi: str
    name_en: str
    polygon: tuple[tuple[float, float], ...]


RuleKind = Literal["stopped_vehicle", "crowd", "intrusion", "congestion", "anomaly", "silence"]


class Rule(_Wire, frozen=True, array_like=True, tag="rule"):
    """What to watch for. ``zones`` and ``sources`` empty: wherever the kind applies.

    What the kinds mean, and their parameters with defaults: ``streams.stages.cameras.rules`` and
    ``streams.stages.loops.rules``.
    """

    id: str
    kind: RuleKind
    severity: Severity
    sources: tuple[str, ...] = ()
    zones: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    parameters: dict[str, float] = {}


class ActiveModel(_Wire, frozen=True, array_like=True, tag="model"):
    """The model (``name@version``) in force for a task (``detection``, ``loop-anomaly``)."""

    task: str
    model: str


class Removed(_Wire, frozen=True, array_like=True, tag="removed"):
    kind: Literal["source", "zone", "rule"]
    id: str


Change = Source | Zone | Rule | ActiveModel | Removed


class ControlChange(_Wire, frozen=True, array_like=True):
    """A change of what is configured; one not above the last ``sequence`` is ignored."""

    sequence: int
    time: Micros
    change: Change


# --- what stages emit -----------------------------------------------------------------------


class FrameRef(_Wire, frozen=True, array_like=True):
    """The exact frame: where it lies in the frames topic, and what it must hash to."""

    partition: int
    offset: int
    sha256: str


class Detections(_Wire, frozen=True, array_like=True):
    """What a model saw in one frame; boxes quantised to 0.1 pixel, scores to 0.001."""

    camera: str
    time: Micros
    sequence: int
    origin: Origin
    frame: FrameRef
    width: int
    height: int
    """Of the picture, pixels."""
    model: str
    boxes: bytes
    """int32 [n, 4]: x0, y0, x1, y1 in tenths of a pixel."""
    classes: bytes
    """uint8 [n]: index into models.labels.CLASSES."""
    scores: bytes
    """uint16 [n]: thousandths."""
    late: bool = False
    """Behind the allowed lateness: stored, never interpreted."""

    def arrays(self) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.uint16]]:
        """(boxes [n, 4], classes [n], scores [n]); raises BadMessage where sizes disagree."""
        n = len(self.classes)
        if len(self.boxes) != 16 * n or len(self.scores) != 2 * n:
            raise BadMessage("wrong_type", "boxes, classes and scores differ in length")
        boxes = np.frombuffer(self.boxes, "<i4").reshape(n, 4)
        return boxes, np.frombuffer(self.classes, "u1"), np.frombuffer(self.scores, "<u2")


LATE, REPEATED, BAD = 1, 2, 4
"""Bits of ``Scored.flags``. A late row is stored, a repeated or bad one is not."""


class Scored(_Wire, frozen=True, array_like=True):
    """Readings in event-time order with their anomaly score; columns as in ``Readings``."""

    gateway: str
    time: Micros
    origin: Origin
    model: str
    sources: tuple[str, ...]
    metrics: tuple[str, ...]
    source: bytes
    times: bytes
    values: bytes
    scores: bytes
    """uint16 [rows]: anomaly score in thousandths; 65535: not scored."""
    flags: bytes
    """uint8 [rows]."""


class Box(_Wire, frozen=True, array_like=True):
    """A box of the evidence: tenths of a pixel, thousandths."""

    x0: int
    y0: int
    x1: int
    y1: int
    label: str
    score: int


class Evidence(_Wire, frozen=True, array_like=True):
    """What proves an incident: the frame and boxes of a camera, or the readings of a sensor."""

    source: str
    time: Micros
    model: str
    frame: FrameRef | None = None
    boxes: tuple[Box, ...] = ()
    zone: tuple[tuple[float, float], ...] = ()
    metric: str = ""
    series: tuple[tuple[Micros, float, int], ...] = ()
    """Sensors: (time, value, anomaly score in thousandths), oldest first."""


class Incident(_Wire, frozen=True, array_like=True):
    """Announced with revision 0; each amendment (its end among them) has the next revision."""

    id: str
    """UUIDv5, see ``streams.identity.incident_id``."""
    kind: str
    """A RuleKind, or ``data_loss``."""
    rule: str
    origin: Origin
    severity: Severity
    sources: tuple[str, ...]
    zone: str
    subject: str
    start: Micros
    decided_at: Micros
    """Event time at which this revision was proven."""
    end: Micros | None
    revision: int
    place: Place | None
    evidence: tuple[Evidence, ...] = ()
    """Of each source once, where several prove it."""
    part_of: str = ""
    """Id of the incident that it turned out to be part of; it ends as one of its own."""


class Counts(_Wire, frozen=True, array_like=True):
    """How many of one class a camera saw in one minute, in the whole picture or in one zone.

    A minute in which nothing of a class was seen has no event. Where the zones changed in
    mid-minute there are two: add ``tracks``, take the higher ``peak``.
    """

    camera: str
    zone: str
    """Empty: the whole picture."""
    time: Micros
    """Start of the minute."""
    period: Micros
    origin: Origin
    label: str
    """Of models.labels.CLASSES."""
    tracks: int
    """Different objects seen within the period."""
    peak: int
    """Most of them at once."""


class Watermark(_Wire, frozen=True, array_like=True):
    """Stage ``stage`` has nothing earlier than ``time`` to come from that input partition."""

    stage: str
    topic: str
    partition: int
    time: Micros
    tick: Micros = 0
    """The tick that it follows."""


class DeadLetter(_Wire, frozen=True, array_like=True):
    """A message that could not be used, with everything needed to look at it or retry it."""

    reason: str
    detail: str
    topic: str
    partition: int
    offset: int
    time: Micros
    """The partition's last tick when it was read."""
    headers: tuple[tuple[str, bytes], ...]
    value: bytes


class Checkpoint(_Wire, frozen=True, array_like=True):
    """Everything a stage knew of a partition before the message at ``cursor``."""

    stage: str
    topic: str
    """What the stage reads."""
    partition: int
    cursor: int
    time: Micros
    """The partition's last tick then."""
    snapshot: bytes
    """As ``streams.partition.Partition.decode`` takes it."""


class Heartbeat(_Wire, frozen=True, array_like=True):
    """A part says that it lives; not part of any result."""

    part: str
    version: str
    pid: int
    time: Micros
    ok: bool
    detail: str
    lag: int
    """Messages behind the end of its inputs; for the gateway 0."""
    counts: dict[str, int]
    sources: dict[str, Micros] = {}
    """Source id to the time of its newest event, where the part knows."""


Event = (
    Frame
    | Readings
    | Tick
    | ControlChange
    | Detections
    | Scored
    | Incident
    | Watermark
    | DeadLetter
    | Heartbeat
    | Counts
    | Checkpoint
)

TYPES: dict[str, type] = {
    "cityops.frame": Frame,
    "cityops.readings": Readings,
    "cityops.tick": Tick,
    "cityops.control": ControlChange,
    "cityops.detections": Detections,
    "cityops.scored": Scored,
    "cityops.incident": Incident,
    "cityops.watermark": Watermark,
    "cityops.deadletter": DeadLetter,
    "cityops.heartbeat": Heartbeat,
    "cityops.counts": Counts,
    "cityops.checkpoint": Checkpoint,
}
_NAMES = {kind: name for name, kind in TYPES.items()}
_DECODERS: dict[str, msgspec.msgpack.Decoder[Any]] = {
    name: msgspec.msgpack.Decoder(kind) for name, kind in TYPES.items() if kind is not Frame
}
_ENCODER = msgspec.msgpack.Encoder()

Headers = list[tuple[str, bytes]]


class Mark(msgspec.Struct, frozen=True, order=True):
    """Provenance: which input message caused an output, and the how-manieth of it this is."""

    stage: str
    topic: str
    """Logical name, without the namespace."""
    partition: int
    offset: int
    index: int

    def __str__(self) -> str:
        return f"{self.stage}/{self.topic}/{self.partition}/{self.offset}/{self.index}"

    @classmethod
    def parse(cls, text: str) -> "Mark":
        """Raises BadMessage where the text is no mark."""
        try:
            stage, topic, partition, offset, index = text.split("/")
            return cls(stage, topic, int(partition), int(offset), int(index))
        except ValueError:
            raise BadMessage("wrong_type", f"{text!r} is no mark") from None


def subject(event: Any) -> tuple[str, Micros, Origin | None]:
    """(source, time, origin) as the headers carry them."""
    match event:
        case Frame() | Detections() | Counts():
            return event.camera, event.time, event.origin
        case Readings() | Scored():
            return event.gateway, event.time, event.origin
        case Tick():
            return "gateway", event.time, None
        case ControlChange():
            return "gateway", event.time, None
        case Incident():
            return event.sources[0], event.decided_at, event.origin
        case Watermark() | Checkpoint():
            return event.stage, event.time, None
        case DeadLetter():
            return event.topic, event.time, None
        case Heartbeat():
            return event.part, event.time, None
    raise TypeError(f"{type(event).__name__} is not an event")


def encode(event: Event, mark: Mark | None = None) -> tuple[Headers, bytes]:
    """Kafka headers and value."""
    source, time, origin = subject(event)
    name = _NAMES[type(event)]
    headers: Headers = [
        ("ce_specversion", b"1.0"),
        ("ce_type", name.encode()),
        ("ce_source", source.encode()),
        ("ce_time", to_rfc3339(time).encode()),
    ]
    if origin:
        headers.append(("ce_origin", origin.encode()))
    if mark:
        headers += [("ce_id", str(mark).encode()), ("ce_mark", str(mark).encode())]
    else:
        number = getattr(event, "sequence", time)
        headers.append(("ce_id", f"{source}/{number}".encode()))
    if isinstance(event, Frame):
        headers += [
            ("ce_sequence", b"%d" % event.sequence),
            ("ce_sha256", event.sha256.encode()),
            ("content-type", b"image/jpeg"),
        ]
        return headers, event.jpeg
    headers.append(("content-type", b"application/msgpack"))
    return headers, _ENCODER.encode(event)


def decode(headers: Headers, value: bytes | None) -> tuple[Any, Mark | None]:
    """The event and its mark.

    Raises:
        BadMessage: ``missing_header``, ``wrong_type``, ``undecodable``, ``checksum`` or
            ``oversized``.
    """
    found = dict(headers)
    name = _text(found, "ce_type")
    kind = TYPES.get(name)
    if kind is None:
        raise BadMessage("wrong_type", f"unknown ce_type {name!r}")
    if value is None:
        raise BadMessage("undecodable", "no value")
    if len(value) > MAX_VALUE_BYTES and kind not in (DeadLetter, Checkpoint):
        raise BadMessage("oversized", f"{len(value)} bytes, at most {MAX_VALUE_BYTES}")
    mark = Mark.parse(_text(found, "ce_mark")) if "ce_mark" in found else None
    if kind is Frame:
        return _decode_frame(found, value), mark
    try:
        return _DECODERS[name].decode(value), mark
    except msgspec.ValidationError as error:
        raise BadMessage("wrong_type", str(error)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadMessage("undecodable", str(error)) from None


def _decode_frame(headers: dict[str, bytes], value: bytes) -> Frame:
    origin = _text(headers, "ce_origin")
    if origin not in ("live", "recorded", "simulated", "replayed"):
        raise BadMessage("wrong_type", f"ce_origin {origin!r}")
    try:
        time, sequence = from_rfc3339(_text(headers, "ce_time")), int(_text(headers, "ce_sequence"))
    except (ValueError, OverflowError) as error:
        raise BadMessage("wrong_type", str(error)) from None
    sha256 = _text(headers, "ce_sha256")
    if hashlib.sha256(value).hexdigest() != sha256:
        raise BadMessage("checksum", "the picture does not hash to ce_sha256")
    return Frame(_text(headers, "ce_source"), time, sequence, origin, value, sha256)  # type: ignore[arg-type]


def _text(headers: dict[str, bytes], name: str) -> str:
    try:
        return headers[name].decode()
    except KeyError:
        raise BadMessage("missing_header", name) from None
    except (UnicodeDecodeError, AttributeError):
        raise BadMessage("wrong_type", f"{name} is not text") from None
