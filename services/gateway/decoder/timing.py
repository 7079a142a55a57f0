"""When a picture was, by the timestamps of its source; pure."""

from typing import Protocol

LONGEST_HOLE = 60.0
"""Seconds without a picture that a recording may have; after longer ones its clock was set."""
LATE = 2.0
"""Seconds by which a stream's pictures may come later than their timestamps say."""
FALLBACK_RATE = 25.0
"""Pictures per second of a source that says nothing."""
_ROUNDED = 0.01
"""Of a slot: containers round timestamps, some to milliseconds."""


class MediaClock(Protocol):
    def time(self, stamp: float | None, now: float) -> float:
        """Seconds since the first picture, rising.

        ``stamp``: the picture's own (s), None where it has none; ``now``: any clock that rises (s).
        """


class FileClock:
    """Of a recording: its timestamps alone decide, so that every run has the same times.

    Where they are absent, go back or jump, the picture comes one interval after the one before.
    """

    def __init__(self, rate: float) -> None:
        self._step = 1 / (rate or FALLBACK_RATE)
        self._last: float | None = None
        self._offset = 0.0

    def time(self, stamp: float | None, now: float) -> float:  # noqa: ARG002
        if self._last is None:
            self._offset = -stamp if stamp is not None else 0.0
            self._last = 0.0
            return 0.0
        following = self._last + self._step
        reached = following if stamp is None else stamp + self._offset
        if not self._last < reached <= self._last + LONGEST_HOLE:
            reached = following
            if stamp is not None:
                self._offset = reached - stamp
        self._last = reached
        return reached


class StreamClock:
    """Of a stream: its timestamps, which even out the network, as far as they keep to ``now``.

    The picture that came with the least delay says which moment a timestamp means.
    """

    def __init__(self) -> None:
        self._began: float | None = None
        self._offset: float | None = None
        self._last = 0.0

    def time(self, stamp: float | None, now: float) -> float:
        if self._began is None:
            self._began = now
        arrived = now - self._began
        reached = arrived
        if stamp is not None:
            if self._offset is None or not 0 <= arrived - (stamp + self._offset) <= LATE:
                self._offset = arrived - stamp
            reached = stamp + self._offset
        self._last = max(reached, self._last)
        return self._last


class Slots:
    """Which pictures are given: the first in each interval of 1/``fps`` seconds."""

    def __init__(self, fps: float) -> None:
        self._fps = fps
        self._taken = -1

    def due(self, time: float) -> bool:
        return self._slot(time) > self._taken

    def take(self, time: float) -> None:
        self._taken = self._slot(time)

    def _slot(self, time: float) -> int:
        return int(time * self._fps + _ROUNDED)
