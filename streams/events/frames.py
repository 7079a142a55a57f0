"""Pictures of cameras."""

import hashlib

import msgspec

from streams.events.time import Micros
from streams.events.vocabulary import Origin
from streams.events.wire import Wire

MAX_PICTURE_BYTES = 2 * 2**20


MAX_PICTURE_PIXELS = 3840 * 2160


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


class FrameRef(Wire, frozen=True, array_like=True):
    """The exact frame: where it lies in the frames topic, and what it must hash to."""

    partition: int
    offset: int
    sha256: str
