"""A look at a source before it becomes a camera: what it is, one picture, and what it costs."""

import time
from typing import NamedTuple

import psutil

from services.gateway.capture import Capture, CaptureError, Picture, to_jpeg
from services.gateway.decoder.wire import MAX_PIXELS, Opened
from services.gateway.reach import Reach
from streams.events import Origin

LOOK_SECONDS = 3.0
"""Of the clock at most, behind the first picture."""
FIRST_SECONDS = 10.0
"""Until the first picture: until then a stream may have sent nothing that can be decoded alone."""
PICTURES = 5
GUESSED = ("mpeg", "mpegts")
"""Formats that say no length: it is that of the timestamps at both ends, which may begin anew
between."""


class Look(NamedTuple):
    opened: Opened
    origin: Origin
    picture: Picture
    """The last that was seen."""
    seen: int
    """Pictures that were taken to look at."""
    damaged: int
    """Pictures left out as damaged."""
    processor: float
    """Seconds of a processor per second of the source: decoding, and encoding as JPEG."""
    jpeg_bytes: int
    """Of a picture as it is published."""

    @property
    def words(self) -> str:
        """What the source is, for people, in the order in which it matters."""
        opened, (height, width) = self.opened, self.picture.shape[:2]
        size = f"{width}x{height}"
        if opened.width * opened.height > MAX_PIXELS:
            size = f"{opened.width}x{opened.height}, which is made smaller, to {size}"
        if opened.nature == "still":
            rate = "one picture that is asked for again and again"
        elif self.seen == 1 and opened.container.endswith("_pipe"):
            rate = "one picture"
        else:
            rate = f"{opened.rate:.4g} pictures/s" if opened.rate else "a rate that it does not say"
        said = [opened.codec, size, rate, self.origin]
        if opened.seconds:
            length = f"{opened.seconds:.0f} s" if opened.seconds >= 1 else f"{opened.seconds:.1g} s"
            said.append(length + " by its timestamps" * (opened.container in GUESSED))
        damaged = f"; {self.damaged} pictures were damaged" if self.damaged else ""
        return ", ".join(said) + damaged


def look(address: str, fps: float, reach: Reach, verified: bool = True) -> Look:
    """Raises CaptureError where nothing comes that can be decoded."""
    capture = Capture(address, reach, verified)
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
    return Look(capture.opened, capture.origin, picture, seen, capture.damaged, used / lasted, size)


def _used(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except psutil.Error:
        return 0.0
    return float(times.user + times.system)
