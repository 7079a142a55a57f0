"""Reads a topic to its end, for tests."""

from contextlib import closing
from typing import Any, NamedTuple

from kafka import KafkaConsumer, TopicPartition

from streams.events import Mark, decode
from streams.settings import Settings
from streams.topics import physical
from tests.support.reached import reached


class Logged(NamedTuple):
    partition: int
    offset: int
    event: Any
    mark: Mark | None


def read_log(settings: Settings, topic: str, partitions: int | None = None) -> list[Logged]:
    """All that is in the topic now, partition by partition, in order."""
    with closing(Following(settings, topic, partitions)) as log:
        return log.read()


class Following:
    """A topic that is read again and again, each message once."""

    def __init__(self, settings: Settings, topic: str, partitions: int | None = None) -> None:
        self._consumer = KafkaConsumer(
            **reached(settings),
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            metrics_enabled=False,
        )
        self._tails = [
            TopicPartition(physical(settings.namespace, topic), number)
            for number in range(partitions or settings.partitions)
        ]
        self._consumer.assign(self._tails)
        self._found: list[Logged] = []

    def read(self) -> list[Logged]:
        """All that is in the topic now, partition by partition, in order."""
        consumer, tails = self._consumer, self._tails
        ends = consumer.end_offsets(tails)
        while any(consumer.position(tail) < ends[tail] for tail in tails):
            for tail, records in consumer.poll(timeout_ms=500).items():
                for record in records:
                    decoded = decode(record.headers, record.value)
                    self._found.append(Logged(tail.partition, record.offset, *decoded))
        self._found.sort(key=lambda one: (one.partition, one.offset))
        return list(self._found)

    def close(self) -> None:
        self._consumer.close(autocommit=False)
