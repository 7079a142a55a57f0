"""Live pictures, masked: each looked at once, whoever watches."""

import threading
from typing import NamedTuple

from services.privacy.masker import Masker
from services.privacy.masks import NOTHING, Seen
from streams.events import SECOND, Frame, Micros

REMEMBERED: Micros = 2 * SECOND
"""Whom a detector loses for one picture is covered where they were in the one before."""
CAMERAS = 64
"""Whose last picture is remembered."""


class Shown(NamedTuple):
    """The newest picture of a camera as people see it."""

    sha256: str
    time: Micros
    jpeg: bytes
    said: str
    """See ``services.privacy.masker.Masked.said``."""
    seen: Seen


class LiveMasks:
    """Thread-safe."""

    def __init__(self, masker: Masker) -> None:
        self._masker = masker
        self._shown: dict[str, Shown] = {}
        self._lock = threading.Lock()

    def shown(self, frame: Frame) -> Shown:
        """Raises BadMessage where it is no picture."""
        with self._lock:  # who asks for the same picture meanwhile waits for it
            before = self._shown.pop(frame.camera, None)
            if before and (before.sha256, before.time) == (frame.sha256, frame.time):
                self._shown[frame.camera] = before
                return before
            recent = before and 0 < frame.time - before.time <= REMEMBERED
            known = before.seen if before and recent else NOTHING
            masked = self._masker.mask(frame.jpeg, frame.origin, known)
            found = Shown(frame.sha256, frame.time, masked.jpeg(), masked.said, masked.seen)
            self._shown[frame.camera] = found
            if len(self._shown) > CAMERAS:
                del self._shown[next(iter(self._shown))]
            return found
