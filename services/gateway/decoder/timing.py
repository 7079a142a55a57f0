"""When a picture was, by the timestamps of its source; pure."""

from typing import Protocol

LONGEST_HOLE = 60.0
"""Seconds without a picture that a recording may have; after longer ones its clock was set."""
LATE = 2.0
"""Seconds by which a stream's pictures may come later than their timestamps say."""
LONGEST_STEP = 10.0
"""Seconds between two pictures of a stream that comes by the piece; more is a clock set anew."""
FALLBACK_RATE = 25.0
"""Pictures per second of a source that says nothing."""
_ROUNDED = 0.01
"""Of a slot: containers round timestamps, some to milliseconds."""


class Stamps:
    """Which of a picture's two timestamps to believe: when it is to be shown, unless that goes back
    oftener than when it was decoded (H.264 in AVI has no other order than that of its packets)."""

    def __init__(self) -> None:
        self._last: list[float | None] = [None, None]
        self._faults = [0, 0]

    def seconds(self, shown: float | None, decoded: float | None) -> float | None:
        """Of a picture's own, in seconds, what counts; None: it has none."""
        for which, stamp in enumerate((shown, decoded)):
            last = self._last[which]
            if stamp is not None:
                self._faults[which] += last is not None and stamp <= last
                self._last[which] = stamp
        if shown is None or (decoded is not None and self._faults[0] > self._faults[1]):
            return decoded
        return shown


class MediaClock(Protocol):
    def time(self, stamp: float | None, now: float) -> float:
        """Seconds since the first picture, rising.

        ``stamp``: the picture's own (s), None where it has none; ``now``: any clock that rises (s).
        """


class FileClock:
    """Of a recording: its timestamps alone decide, so that every run has the same times.

    Where they are absent, go back or jump, the picture comes one interval after the one before; so
    it does where one is repeated, or goes back a little, but those that follow are as they were.
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
            back = self._last - reached
            reached = following
            if stamp is not None and not 0 <= back <= LATE:
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
        self._stamp: float | None = None
        self._last = 0.0

    def time(self, stamp: float | None, now: float) -> float:
        if self._began is None:
            self._began = now
        arrived = now - self._began
        reached = arrived
        if stamp is not None:
            early = self._offset is None or not 0 <= arrived - (stamp + self._offset) <= LATE
            if early or stamp == self._stamp:  # one that is repeated tells no time
                self._offset = arrived - stamp
            reached = stamp + (self._offset or 0.0)
            self._stamp = stamp
        self._last = max(reached, self._last)
        return self._last


class SegmentClock:
    """Of a stream that comes by the piece, seconds of it at once (HLS): its timestamps, so that
    what has come early is in the future, where whoever shows it waits for it.

    Where they are absent, stand still, jump, or what comes is late, a picture is as it comes.
    """

    def __init__(self) -> None:
        self._began: float | None = None
        self._stamp: float | None = None
        self._offset = self._last = 0.0

    def time(self, stamp: float | None, now: float) -> float:
        if self._began is None:
            self._began = now
        arrived = max(now - self._began, self._last)
        reached = arrived
        if stamp is not None:
            goes_on = self._stamp is not None and 0 < stamp - self._stamp <= LONGEST_STEP
            if goes_on and arrived - (stamp + self._offset) <= LATE:
                reached = max(stamp + self._offset, self._last)
            self._offset, self._stamp = reached - stamp, stamp
        self._last = reached
        return reached


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
