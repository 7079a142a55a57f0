"""Frames are refused before the broker would delete others that nobody has read yet.

While ``detect`` is away, frames go on being kept until the topic is full; then each new one would
push out one that is still to be read, and what is lost is said too late. So a publisher stops
before that, says so, and goes on when there is room again.
"""

import logging
import threading
from collections.abc import Mapping

from streams.events import Heartbeat
from streams.kafka.clients import BrokerAwayError
from streams.kafka.heartbeat import HeartbeatFollower
from streams.kafka.outage import Budget, budget, positions
from streams.kafka.partition_logs import Log, Place, measure
from streams.settings import Settings
from streams.topics import FRAMES, partition_of

FULL = 0.9
"""Which part of what the broker keeps may be unread; what is left is for what is under way."""
EASED = 0.75
"""Below that, frames are taken again."""
EVERY_SECONDS = 5.0
ANSWER_SECONDS = 3.0
READER = "detect"

log = logging.getLogger(__name__)


def refused(before: frozenset[int], found: Mapping[int, Budget]) -> frozenset[int]:
    """Partitions of which frames are refused; one that nothing is known of stays as it was."""
    now = set(before)
    for partition, one in found.items():
        if one.seconds is None:
            continue
        if one.used >= FULL:
            now.add(partition)
        elif one.used < EASED:
            now.discard(partition)
    return frozenset(now)


def of_frames(logs: Mapping[Place, Log], beats: Mapping[str, Heartbeat]) -> dict[int, Budget]:
    """By partition: how much of its frames the stage that reads them has not read."""
    known = positions(beats.values(), {READER: (FRAMES,)})
    return {
        place[1]: budget(READER, place, one, known.get((READER, place)))
        for place, one in logs.items()
        if place[0] == FRAMES
    }


class Refusing:
    """Measures in a thread of its own; thread-safe."""

    def __init__(self, settings: Settings, follower: HeartbeatFollower) -> None:
        self._settings, self._follower = settings, follower
        self._refused: frozenset[int] = frozenset()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="refusing", daemon=True)
        self._thread.start()

    def refuses(self, camera: str) -> bool:
        """Whether frames of this camera are refused now."""
        return partition_of(camera, self._settings.partitions) in self._refused

    @property
    def reason(self) -> str:
        """For people; empty: nothing is refused."""
        if not self._refused:
            return ""
        which = ", ".join(map(str, sorted(self._refused)))
        return (
            f"frames for partitions {which} are refused: {READER} has not read those before them,"
            " and the broker would delete these"
        )

    def close(self) -> None:
        self._closing.set()
        self._thread.join(2)

    def _run(self) -> None:
        while not self._closing.wait(EVERY_SECONDS):
            try:
                logs = measure(self._settings, [FRAMES], ANSWER_SECONDS)
            except BrokerAwayError:
                continue  # nothing is published then either
            before = self._refused
            self._refused = refused(before, of_frames(logs, self._follower.latest()))
            if self._refused != before:
                log.warning("%s", self.reason or "frames are taken again")
