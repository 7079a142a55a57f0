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
from streams.kafka.outage import Reached, positions
from streams.kafka.partition_logs import Place
from streams.kafka.unread import EVERY_SECONDS, Unread, measured, told, unread
from streams.readers import READS, below, sources_of
from streams.settings import Settings
from streams.topics import INPUTS, partition_of

log = logging.getLogger(__name__)


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
    away = " and ".join(told(reader, name) for reader, name in behind)
    return (
        f"{topic} for partitions {', '.join(map(str, numbers))} are refused: {away},"
        " which the broker would delete"
    )


def refused_now(settings: Settings) -> Unread:
    """For who publishes once, and cannot wait.

    Raises:
        BrokerAwayError: Kafka does not answer.
    """
    beats = read_heartbeats(settings, REMEMBERED_SECONDS).values()
    return unread(frozenset(), measured(settings, positions(beats, READS), READS))


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
        self._full = unread(self._full, measured(self._settings, self._reached.positions, READS))
        self._refused = refused(self._full, self._settings.partitions)
        if self.reason != before:
            log.warning("%s", self.reason or "all inputs are taken again")

    def _run(self) -> None:
        while not self._closing.wait(EVERY_SECONDS):
            try:
                self._measure(self._follower.latest().values())
            except BrokerAwayError:
                continue  # nothing is published then either
