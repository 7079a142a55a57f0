"""Inputs are refused before the broker would delete what has not been read of them.

While a reader is away, what it should read goes on being kept until the topic is full; then each
new message would push out one that is still to be read, and what is lost is said too late. So
publishers stop before that, say so, and go on when there is room again. It is the same whether the
input itself is unread, or what the stages made of it: who reads what says ``streams/readers.py``.
"""

import logging
import threading
from collections.abc import Iterable

from streams.events import Heartbeat
from streams.kafka.clients import BrokerAwayError
from streams.kafka.heartbeat import REMEMBERED_SECONDS, HeartbeatFollower, read_heartbeats
from streams.kafka.outage import FULL, Budget, Positions, Reached, everywhere, positions
from streams.kafka.partition_logs import Place, measure
from streams.readers import READS, below, sources_of
from streams.settings import Settings
from streams.topics import INPUTS, partition_of

EASED = 0.75
"""Which part may be unread for inputs to be taken again."""
EVERY_SECONDS = 5.0
ANSWER_SECONDS = 3.0

Unread = frozenset[tuple[str, Place]]
"""Readers, and where almost all that is kept is still to be read by them."""

log = logging.getLogger(__name__)


def unread(before: Unread, found: Iterable[Budget]) -> Unread:
    """What is to be refused for, by all budgets; what no budget is known of stays as it was.

    A reader of which nobody knows how far it is may have read nothing.
    """
    now = set(before)
    for one in found:
        each = one.reader, (one.topic, one.partition)
        if one.used >= FULL:
            now.add(each)
        elif one.used < EASED:
            now.discard(each)
    return frozenset(now)


def refused(full: Unread, partitions: int) -> frozenset[Place]:
    """Partitions of inputs that are refused."""
    return frozenset(
        source for _, (topic, at) in full for source in sources_of(topic, at, partitions)
    )


def why(full: Unread, topic: str, partitions: int) -> str:
    """Why an input is refused, for people; empty: it is not."""
    numbers = sorted(at for name, at in refused(full, partitions) if name == topic)
    if not numbers:
        return ""
    behind = sorted({(reader, at[0]) for reader, at in full if at[0] in below(topic)})
    told = " and ".join(f"{reader} has not read {name}" for reader, name in behind)
    return (
        f"{topic} for partitions {', '.join(map(str, numbers))} are refused: {told},"
        " which the broker would delete"
    )


def refused_now(settings: Settings) -> Unread:
    """For who publishes once, and cannot wait.

    Raises:
        BrokerAwayError: Kafka does not answer.
    """
    beats = read_heartbeats(settings, REMEMBERED_SECONDS).values()
    return unread(frozenset(), _measured(settings, positions(beats, READS)))


def _measured(settings: Settings, known: Positions) -> list[Budget]:
    topics = {topic for topics in READS.values() for topic in topics}
    return list(everywhere(measure(settings, sorted(topics), ANSWER_SECONDS), known, READS))


class Refusing:
    """Measures in a thread of its own; thread-safe.

    Args:
        inputs: what the process publishes.
    """

    def __init__(
        self, settings: Settings, follower: HeartbeatFollower, inputs: tuple[str, ...] = INPUTS
    ) -> None:
        self._settings, self._follower, self._inputs = settings, follower, inputs
        self._reached = Reached(READS)
        self._full: Unread = frozenset()
        self._refused: frozenset[Place] = frozenset()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="refusing", daemon=True)
        self._thread.start()

    def refuses(self, topic: str, key: str) -> bool:
        """Whether what has this key is refused now."""
        return (topic, partition_of(key, self._settings.partitions)) in self._refused

    @property
    def reason(self) -> str:
        """For people; empty: nothing is refused."""
        full, partitions = self._full, self._settings.partitions
        return "; ".join(filter(None, (why(full, topic, partitions) for topic in self._inputs)))

    def close(self) -> None:
        self._closing.set()
        self._thread.join(2)

    def _measure(self, heartbeats: Iterable[Heartbeat]) -> None:
        """Raises BrokerAwayError where Kafka does not answer."""
        before = self.reason
        self._reached.hear(heartbeats)
        self._full = unread(self._full, _measured(self._settings, self._reached.positions))
        self._refused = refused(self._full, self._settings.partitions)
        if self.reason != before:
            log.warning("%s", self.reason or "all inputs are taken again")

    def _run(self) -> None:
        while not self._closing.wait(EVERY_SECONDS):
            try:
                self._measure(self._follower.latest().values())
            except BrokerAwayError:
                continue  # nothing is published then either
