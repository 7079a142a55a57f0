"""How long each partition's log is, how fast it grows, and what the broker keeps of it."""

from collections.abc import Iterable
from typing import NamedTuple

from kafka import TopicPartition

from streams.events import MINUTE, SECOND, Micros
from streams.kafka.broker import configuration, limits
from streams.kafka.clients import ANSWER_SECONDS, administering, consuming
from streams.settings import Settings
from streams.stamps import wall_clock
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
    rate: float
    """Bytes a second, lately."""
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
    """Of each partition of logical topics that is there.

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
        now = wall_clock()
        rates = dict.fromkeys(places, 0.0)
        for span in LATELY:
            since = dict.fromkeys(places, (now - span) // 1000)
            for at, found in consumer.offsets_for_times(since, timeout * 1000).items():
                if found is None:
                    continue
                # Of a log that is younger than the span: since it began.
                seconds = max(SECOND, now - found.timestamp * 1000) / SECOND
                messages = ends[at] - found.offset
                mean = sizes[at] / max(1, ends[at] - firsts[at])
                rates[at] = max(rates[at], messages * mean / seconds)
    logs = {}
    for at in sorted(places):
        topic = names[at.topic]
        limit = known[topic]
        kept = int(configuration(limit, limit.partitions or settings.partitions)["retention.bytes"])
        logs[topic, at.partition] = Log(firsts[at], ends[at], sizes[at], rates[at], kept, limit.age)
    return logs


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
