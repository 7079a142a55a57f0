"""Encode and decode: every message type by its name on the wire, in Kafka's binary mode."""

import hashlib
from typing import Any

import msgspec

from streams.events.accounts import Accounts
from streams.events.bad_message import BadMessage
from streams.events.cases import CaseHours
from streams.events.control import ControlChange, Tick
from streams.events.counts import Counts
from streams.events.delivered import SourceHours
from streams.events.detections import Detections
from streams.events.frames import MAX_PICTURE_BYTES, Frame
from streams.events.incidents import Incident
from streams.events.indicators import Indicated, Sums
from streams.events.readings import Correction, Readings, Scored
from streams.events.scenery import Scenery
from streams.events.sight import Sight
from streams.events.system import Checkpoint, DeadLetter, Heard, Heartbeat, Watermark
from streams.events.time import Micros, from_rfc3339, to_rfc3339
from streams.events.vocabulary import Origin

MAX_VALUE_BYTES = MAX_PICTURE_BYTES
ACCOUNT = "ce_account"
"""Header in which a publisher says who it is."""

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
    | Heard
    | Accounts
    | Correction
    | Scenery
    | Sight
    | Sums
    | Indicated
    | SourceHours
    | CaseHours
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
    "cityops.heard": Heard,
    "cityops.accounts": Accounts,
    "cityops.correction": Correction,
    "cityops.scenery": Scenery,
    "cityops.sight": Sight,
    "cityops.sums": Sums,
    "cityops.indicated": Indicated,
    "cityops.sourcehours": SourceHours,
    "cityops.casehours": CaseHours,
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
        case Frame() | Detections() | Counts() | Scenery() | Sight():
            return event.camera, event.time, event.origin
        case Readings() | Scored():
            return event.gateway, event.time, event.origin
        case Tick():
            return "gateway", event.time, None
        case ControlChange():
            return "gateway", event.time, None
        case Incident():
            return event.sources[0], event.decided_at, event.origin
        case Correction():
            return event.source, event.decided_at, event.origin
        case Watermark() | Checkpoint() | Accounts() | Sums():
            return event.stage, event.time, None
        case SourceHours() | CaseHours():
            return event.gateway, event.time, event.origin
        case Indicated():
            return event.indicator, event.time, event.origin
        case DeadLetter():
            return event.topic, event.time, None
        case Heartbeat() | Heard():
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
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        # What stands behind the fields that are known may go on as deep as its bytes allow.
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
