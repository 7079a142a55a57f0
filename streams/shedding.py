"""Overload: which frames are not published while ``detect`` lags, evenly over all cameras.

Frames are shed here, before Kafka, and nowhere else, so what is in the log is what is decided on.
"""

import math
import threading
import time
from collections.abc import Mapping
from zlib import crc32

from streams.events import SECOND, Heartbeat, Micros
from streams.kafka.heartbeat import BEAT_SECONDS, REMEMBERED_SECONDS, HeartbeatFollower
from streams.kafka.publisher import BACKLOG_BYTES, Publisher
from streams.refusing import Refusing
from streams.settings import Settings
from streams.stamps import steady_clock, wall_clock
from streams.topics import FRAMES

LAG_LIMIT: Micros = 2 * SECOND
LAG_RECOVERED: Micros = LAG_LIMIT // 2
KEEP_AT_LEAST = 20
"""However far detect lags, every 20th frame of a camera is still published."""
LONGEST_GAP: Micros = 4 * SECOND
"""After so long a frame is published in any case: shedding must not look like a silent camera."""
_PICTURE = math.lcm(*range(1, KEEP_AT_LEAST + 1))
"""What a camera needs to have one published; a part of it comes with each of its frames."""
OVERLOAD, UNREAD = "overload", "unread"
"""Why frames are shed: the stages lag, or have not read what the broker would delete."""
FRESH: Micros = 6 * SECOND
"""A heartbeat older than this says nothing of how far its part is by now."""


def detect_lag(
    heartbeats: Mapping[str, Heartbeat], now: Micros, gateway: str = "gateway"
) -> Micros | None:
    """How far behind event time the slowest partition of ``frames`` is; None: not known.

    Workers name in ``Heartbeat.sources`` the last tick they took of each partition, as
    ``frames/3``. Where the gateway publishes no ticks, they say nothing about the worker.
    """
    ticker = heartbeats.get(gateway)
    if ticker is None or now - ticker.time > FRESH:
        return None
    reached: dict[str, tuple[Micros, Micros]] = {}
    for heartbeat in heartbeats.values():
        seen = heartbeat.time if now - heartbeat.time <= FRESH else now
        for name, tick in heartbeat.sources.items():
            if tick and name.startswith(f"{FRAMES}/"):
                reached[name] = max(reached.get(name, (0, 0)), (tick, seen))
    # Heartbeats have the machine's time, which the gateway may not believe.
    due = (seen - ticker.clock_ahead - tick for tick, seen in reached.values())
    return max(due, default=None)


class Shedder:
    """The decision alone: one in ``keep_every`` frames of each camera, whenever that changes.

    Where there is no room for one of these, its camera comes first once there is again: else those
    that send a moment later than others would always find it taken.
    """

    def __init__(self) -> None:
        self.keep_every = 1
        self.shed = 0
        self._lag: Micros = 0
        self._earned: dict[str, int] = {}
        self._kept: dict[str, Micros] = {}
        self._owed: dict[str, Micros] = {}
        """Cameras that there was no room for, and when that was last so."""

    def observe(self, lag: Micros | None) -> None:
        """To be called with each fresh knowledge of the lag; None changes nothing.

        More is shed with each call while the lag is above the limit and does not shrink; less
        with each call after it has recovered.
        """
        if lag is None:
            return
        if lag > LAG_LIMIT:
            harder = self.keep_every + (lag >= self._lag)
            self.keep_every = min(max(2, harder), KEEP_AT_LEAST)
        elif lag < LAG_RECOVERED:
            self.keep_every = max(1, self.keep_every - 1)
        self._lag = lag

    def admit(self, camera: str, now: Micros, *, full: bool = False) -> bool:
        """Whether this frame of ``camera`` is published.

        Args:
            now: by any clock that only rises.
            full: no more can be published at the moment, of any camera.
        """
        # Cameras start apart, so that those that run in step are not all kept at one instant.
        earned = self._earned.get(camera, crc32(camera.encode()) % _PICTURE)
        earned += _PICTURE // self.keep_every
        waited = now - self._kept.setdefault(camera, now)
        kept = earned >= _PICTURE or waited >= LONGEST_GAP
        if kept and (full or not self._comes_first(camera, now)):
            kept = False
            if full:
                self._owed[camera] = now
            earned = min(earned, _PICTURE)
        if kept:
            self._kept[camera] = now
            self._owed.pop(camera, None)
            earned = max(0, earned - _PICTURE)
        self._earned[camera] = earned
        self.shed += not kept
        return kept

    def _comes_first(self, camera: str, now: Micros) -> bool:
        """Or nobody else does; one that has sent nothing since is not waited for long."""
        owed = {name: at for name, at in self._owed.items() if now - at < LONGEST_GAP}
        self._owed = owed
        return not owed or camera in owed


class Shedding:
    """A ``Shedder`` that knows detect's lag from the heartbeats; thread-safe.

    Args:
        inputs: what the process publishes, its frames among it: ``reason`` tells of these.
    """

    def __init__(
        self, settings: Settings, publisher: Publisher, inputs: tuple[str, ...] = (FRAMES,)
    ) -> None:
        self._publisher = publisher
        # Of a worker that has been away for a while, too: where it stands decides what is refused.
        self._follower = HeartbeatFollower(settings, REMEMBERED_SECONDS)
        self.refusing = Refusing(settings, self._follower, inputs)
        self._refused = 0
        self._shedder = Shedder()
        self._lock = threading.Lock()
        self._observed = time.monotonic()

    def admit(self, camera: str) -> bool:
        """Whether this frame of ``camera`` is published; ask once for each frame."""
        with self._lock:
            if self.refusing.refuses(FRAMES, camera):
                self._refused += 1
                self._publisher.unpublished.note(camera, UNREAD)
                return False
            now = time.monotonic()
            if now - self._observed >= BEAT_SECONDS:
                self._observed = now
                self._shedder.observe(detect_lag(self._follower.latest(), wall_clock()))
            full = self._publisher.backlog > BACKLOG_BYTES
            kept = self._shedder.admit(camera, steady_clock(), full=full)
            if not kept:
                self._publisher.unpublished.note(camera, OVERLOAD)
            return kept

    @property
    def counts(self) -> dict[str, int]:
        """For the heartbeat: frames shed and refused so far, and one in how many is kept now."""
        return {
            "shed": self._shedder.shed,
            "refused": self._refused,
            "keep_every": self._shedder.keep_every,
        }

    @property
    def reason(self) -> str:
        """Why what the process publishes is refused; empty: nothing is."""
        return self.refusing.reason

    def close(self) -> None:
        self.refusing.close()
        self._follower.close()
