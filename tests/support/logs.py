"""Reads a topic to its end, for tests."""

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
    consumer = KafkaConsumer(
        **reached(settings),
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        metrics_enabled=False,
    )
    try:
        tails = [
            TopicPartition(physical(settings.namespace, topic), number)
            for number in range(partitions or settings.partitions)
        ]
        consumer.assign(tails)
        ends = consumer.end_offsets(tails)
        found: list[Logged] = []
        while any(consumer.position(tail) < ends[tail] for tail in tails):
            for tail, records in consumer.poll(timeout_ms=500).items():
                for record in records:
                    if record.offset < ends[tail]:
                        decoded = decode(record.headers, record.value)
                        found.append(Logged(tail.partition, record.offset, *decoded))
        return sorted(found, key=lambda one: (one.partition, one.offset))
    finally:
        consumer.close(autocommit=False)
