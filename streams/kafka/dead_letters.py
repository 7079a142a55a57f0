"""What could not be used, read from its topic: what was sent again after a crash appears once."""

from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager
from typing import NamedTuple

from kafka import KafkaConsumer, TopicPartition

from streams.events import BadMessage, DeadLetter, Mark, Micros, decode
from streams.kafka.clients import ANSWER_SECONDS, BrokerAwayError, consuming
from streams.settings import Settings
from streams.topics import DEAD_LETTERS, physical

MILLISECOND: Micros = 1000
"""Kafka stamps records in those."""


class Found(NamedTuple):
    """A dead letter and where it lies in the dead letters' own topic."""

    partition: int
    offset: int
    letter: DeadLetter
    mark: Mark | None
    time: Micros
    """Event time when it was refused; before the first tick, when that was written."""

    @property
    def id(self) -> str:
        return f"{self.partition}:{self.offset}"


def latest(settings: Settings, limit: int) -> list[Found]:
    """The latest of each partition, at most ``limit`` of each, in the order of event time.

    Raises:
        BrokerAwayError: Kafka does not answer.
    """
    with _consumer(settings) as consumer:
        name = physical(settings.namespace, DEAD_LETTERS)
        places = [
            TopicPartition(name, p) for p in sorted(consumer.partitions_for_topic(name) or ())
        ]
        if not places:
            return []
        consumer.assign(places)
        begins = consumer.beginning_offsets(places, ANSWER_SECONDS * 1000)
        ends = consumer.end_offsets(places, ANSWER_SECONDS * 1000)
        for place in places:
            consumer.seek(place, max(begins[place], ends[place] - limit))
        once: dict[Mark | str, Found] = {}
        for found in _read(settings, consumer, ends):
            once.setdefault(found.mark or found.id, found)
    return sorted(once.values(), key=lambda found: (found.time, found[:2]))


def fetch(settings: Settings, partition: int, offset: int) -> Found:
    """The dead letter that lies there.

    Raises:
        LookupError: there is none, or none any more.
        BrokerAwayError: Kafka does not answer.
    """
    place = TopicPartition(physical(settings.namespace, DEAD_LETTERS), partition)
    with _consumer(settings) as consumer:
        if partition not in (consumer.partitions_for_topic(place.topic) or ()):
            raise LookupError(f"the dead letters have no partition {partition}")
        consumer.assign([place])
        begin = consumer.beginning_offsets([place], ANSWER_SECONDS * 1000)[place]
        end = consumer.end_offsets([place], ANSWER_SECONDS * 1000)[place]
        if begin <= offset < end:
            consumer.seek(place, offset)
            for found in _read(settings, consumer, {place: offset + 1}):
                if found.offset == offset:
                    return found
    raise LookupError(f"partition {partition} holds dead letters {begin} to {end - 1}")


def _read(
    settings: Settings, consumer: KafkaConsumer, ends: Mapping[TopicPartition, int]
) -> Iterator[Found]:
    """From where the consumer stands up to ``ends``."""
    while any(consumer.position(place) < end for place, end in ends.items()):
        records = consumer.poll(timeout_ms=ANSWER_SECONDS * 1000)
        if not records:
            raise BrokerAwayError(settings, TimeoutError("it sends nothing"))
        for place, batch in records.items():
            for record in batch:
                try:
                    letter, mark = decode(record.headers, record.value)
                except BadMessage:
                    continue  # of another version: nothing that this one could show
                if isinstance(letter, DeadLetter) and record.offset < ends[place]:
                    time = letter.time or record.timestamp * MILLISECOND
                    yield Found(place.partition, record.offset, letter, mark, time)


def _consumer(settings: Settings) -> AbstractContextManager[KafkaConsumer]:
    return consuming(settings, "dead-letters", auto_offset_reset="earliest")
