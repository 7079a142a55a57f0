"""A look at a source before it becomes a camera: what it is, one picture, and what it costs."""

import time
from typing import NamedTuple

import psutil

from services.gateway.capture import Capture, CaptureError, Picture, to_jpeg
from services.gateway.decoder.wire import Opened
from streams.events import Origin

LOOK_SECONDS = 3.0
"""Of the clock at most, behind the first picture."""
FIRST_SECONDS = 10.0
"""Until the first picture: until then a stream may have sent nothing that can be decoded alone."""
PICTURES = 5


class Look(NamedTuple):
    opened: Opened
    origin: Origin
    picture: Picture
    """The last that was seen."""
    damaged: int
    """Pictures left out as damaged."""
    processor: float
    """Seconds of a processor per second of the source: decoding, and encoding as JPEG."""
    jpeg_bytes: int
    """Of a picture as it is published."""


def look(address: str, fps: float) -> Look:
    """Raises CaptureError where nothing comes that can be decoded."""
    capture = Capture(address)
    try:
        return _look(capture, fps)
    finally:
        capture.close()


def _look(capture: Capture, fps: float) -> Look:
    decoder = psutil.Process(capture.pid)
    began = time.monotonic()
    before, own = _used(decoder), time.thread_time()
    first, seen, size = 0.0, 0, 0
    picture: Picture | None = None

    def enough(pause: float) -> bool:
        waited = time.monotonic() - (first or began)
        if waited > (LOOK_SECONDS if first else FIRST_SECONDS):
            return True
        time.sleep(min(pause, LOOK_SECONDS))
        return False

    for found in capture.pictures(fps, enough):
        picture, seen, first = found, seen + 1, first or time.monotonic()
        size = max(size, len(to_jpeg(found)))
        if seen == PICTURES:
            break
    if picture is None:
        why = "its pictures are damaged" if capture.damaged else "it has no pictures"
        raise CaptureError(why)
    used = _used(decoder) - before + time.thread_time() - own
    lasted = max(capture.given, seen / fps)
    return Look(capture.opened, capture.origin, picture, capture.damaged, used / lasted, size)


def _used(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)
