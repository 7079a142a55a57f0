"""How long each partition's log is, how fast it grows, and what the broker keeps of it."""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from kafka import TopicPartition

from streams.events import MINUTE, SECOND, Micros
from streams.kafka.broker import configuration, limits
from streams.kafka.clients import ANSWER_SECONDS, administering, consuming
from streams.settings import Settings
from streams.topics import physical

LATELY: tuple[Micros, ...] = (MINUTE, 30 * MINUTE)
"""Over so long rates are measured; the highest counts."""

Place = tuple[str, int]
"""(logical topic, partition)."""


class Log(NamedTuple):
    """One partition's."""

    first: int
    """Offset of the oldest message that is kept."""
    end: int
    """Offset of the next one."""
    size: int
    """Bytes."""
    rate: float | None
    """Bytes a second, lately; None: not measured."""
    kept_bytes: int
    """Whatever so many bytes have followed may be deleted …"""
    kept_for: Micros
    """… or what is older than that."""

    @property
    def message_bytes(self) -> float:
        """Of one in the mean."""
        return self.size / max(1, self.end - self.first)


def measure(
    settings: Settings, topics: Iterable[str], timeout: float = ANSWER_SECONDS
) -> dict[Place, Log]:
    """Of each partition of logical topics that is there; how fast they grow is for ``Rates``.

    Raises:
        BrokerAwayError: Kafka does not answer.
    """
    known = limits(settings)
    sizes = _sizes(settings, timeout)
    names = {physical(settings.namespace, topic): topic for topic in topics}
    with consuming(settings, "logs", timeout) as consumer:
        places = [at for at in sizes if at.topic in names]
        if not places:
            return {}
        firsts = consumer.beginning_offsets(places, timeout * 1000)
        ends = consumer.end_offsets(places, timeout * 1000)
    logs = {}
    for at in sorted(places):
        topic = names[at.topic]
        limit = known[topic]
        kept = int(configuration(limit, limit.partitions or settings.partitions)["retention.bytes"])
        logs[topic, at.partition] = Log(firsts[at], ends[at], sizes[at], None, kept, limit.age)
    return logs


class Rates:
    """How fast logs grow, by a clock that nobody sets: records' own times are those of events,
    which are wrong while a clock is, and pass faster where a recording is played."""

    def __init__(self) -> None:
        self._samples: deque[tuple[Micros, dict[Place, int]]] = deque()
        """When each was taken, and where each log ended then; oldest first."""

    def take(self, logs: Mapping[Place, Log], steady: Micros) -> dict[Place, Log]:
        """The logs with their rates: of each span the mean since it began, or since the first time.

        Args:
            steady: of ``streams.stamps.steady_clock``, just now.
        """
        self._samples.append((steady, {place: log.end for place, log in logs.items()}))
        while len(self._samples) > 1 and self._samples[1][0] <= steady - max(LATELY):
            self._samples.popleft()
        return {place: log._replace(rate=self._rate(place, log)) for place, log in logs.items()}

    def _rate(self, place: Place, log: Log) -> float | None:
        now = self._samples[-1][0]
        rates = []
        for span in LATELY:
            # The newest that is as old as the span, or the oldest of all.
            old = [each for each in self._samples if each[0] <= now - span]
            since, ends = old[-1] if old else self._samples[0]
            if since < now and place in ends:
                messages = max(0, log.end - ends[place])
                rates.append(messages * log.message_bytes / ((now - since) / SECOND))
        return max(rates, default=None)


def _sizes(settings: Settings, timeout: float) -> dict[TopicPartition, int]:
    """Bytes of each partition of the namespace; of its largest replica."""
    prefix = physical(settings.namespace, "")
    sizes: dict[TopicPartition, int] = {}
    with administering(settings, timeout_seconds=timeout) as client:
        for broker in client.describe_log_dirs():
            for folder in broker["log_dirs"]:
                for topic in folder["topics"]:
                    if topic["name"].startswith(prefix):
                        for part in topic["partitions"]:
                            at = TopicPartition(topic["name"], part["partition_index"])
                            sizes[at] = max(part["partition_size"], sizes.get(at, 0))
    return sizes
