"""A replay is held back before its own topics lose what its workers have not read.

Played as fast as can be it would overrun whoever reads more slowly, and nothing would be compared
but what was left. Bytes decide when it is measured again, not time: nobody knows how fast it is.
"""

import time
from collections.abc import Callable, Mapping, Sequence

from streams.kafka.heartbeat import REMEMBERED_SECONDS, HeartbeatFollower
from streams.kafka.outage import FULL, Positions, Reached, Reads, everywhere
from streams.kafka.partition_logs import Log, Place, measure
from streams.kafka.unread import EASED
from streams.pipeline import Step
from streams.recordings.outcome import LOOK_SECONDS, PATIENCE_SECONDS, UnsettledError
from streams.settings import Settings
from streams.tables import writer as writers

SHARE = 0.5
"""Of the bytes that there is room for; the rest is for what stages make of them."""


def readers(steps: Sequence[Step], *, tables: bool) -> Reads:
    """Who reads in a replay of these steps."""
    stages = {step.stage: (step.reads,) for step in steps}
    return stages | ({writers.PART: writers.TOPICS} if tables else {})


def room(logs: Mapping[Place, Log], known: Positions, reads: Reads) -> int:
    """Bytes that can be published now; 0 where a reader has to go on first."""
    left = [
        ((FULL - one.used) * logs[one.topic, one.partition].kept_bytes, one.used)
        for one in everywhere(logs, known, reads)
    ]
    if any(used >= EASED for _, used in left):
        return 0
    return int(SHARE * min(free for free, _ in left)) if left else 0


class Room:
    """What may still be published before the workers are waited for."""

    def __init__(self, settings: Settings, reads: Reads) -> None:
        self._settings, self._reads = settings, reads
        self._reached = Reached(reads)
        self._follower = HeartbeatFollower(settings, REMEMBERED_SECONDS)
        self._left = 0

    def take(self, size: int, flush: Callable[[], None]) -> None:
        """Waits until so many bytes may be published.

        Args:
            flush: called before it is measured, so that all that was published counts.

        Raises:
            UnsettledError: for ``PATIENCE_SECONDS`` workers took nothing.
            BrokerAwayError: Kafka does not answer.
        """
        if self._left <= 0:
            flush()
            self._left = self._wait()
        self._left -= size

    def close(self) -> None:
        self._follower.close()

    def _wait(self) -> int:
        topics = sorted({topic for topics in self._reads.values() for topic in topics})
        before: Positions = {}
        moved = time.monotonic()
        while True:
            self._reached.hear(self._follower.latest().values())
            known = dict(self._reached.positions)
            if left := room(measure(self._settings, topics), known, self._reads):
                return left
            if known != before:
                before, moved = known, time.monotonic()
            elif time.monotonic() - moved > PATIENCE_SECONDS:
                raise UnsettledError(
                    "the topics of the replay are full of what its workers have not read, and they"
                    " have stopped ('cityops status')"
                )
            time.sleep(LOOK_SECONDS)
