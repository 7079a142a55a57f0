"""A stretch of a topic, read from its first to its last message, in order, or not at all."""

from collections.abc import Iterator, Mapping

from kafka import TopicPartition

from streams.kafka.clients import ANSWER_SECONDS, BrokerAwayError, consuming
from streams.kafka.reader import Gap, Message, Reader
from streams.settings import Settings
from streams.topics import physical

Span = tuple[int, int]
"""(offset of the first message that is kept, offset after the last)."""


class LostError(Exception):
    """Retention took messages while they were being read."""


def kept(settings: Settings, topic: str) -> dict[int, Span]:
    """What the broker has of each partition of a topic (logical name); empty: no such topic.

    Raises:
        BrokerAwayError: Kafka does not answer.
    """
    name, timeout = physical(settings.namespace, topic), int(ANSWER_SECONDS * 1000)
    with consuming(settings, "spans") as consumer:
        places = [TopicPartition(name, n) for n in consumer.partitions_for_topic(name) or ()]
        if not places:
            return {}
        begins = consumer.beginning_offsets(places, timeout)
        ends = consumer.end_offsets(places, timeout)
    return {at.partition: (begins[at], ends[at]) for at in sorted(places)}


def read(settings: Settings, topic: str, wanted: Mapping[int, Span]) -> Iterator[Message]:
    """Every message of the given spans, those of a partition in the order of their offsets.

    Raises:
        BrokerAwayError: Kafka does not answer, or sends nothing for ``ANSWER_SECONDS``.
        LostError: a message of a span is not there any more.
    """
    left = {number: span for number, span in wanted.items() if span[0] < span[1]}
    if not left:
        return
    start = {(topic, number): begin for number, (begin, _) in left.items()}
    reader = Reader(settings, "recording", start)
    try:
        while left:
            found = reader.poll(ANSWER_SECONDS)
            if not found:
                raise BrokerAwayError(settings, TimeoutError("it sends nothing"))
            for message in found:
                check(message)
                _, end = left.get(message.partition, (0, 0))
                if isinstance(message, Message) and message.offset < end:
                    yield message
                    if message.offset + 1 == end:
                        del left[message.partition]
    finally:
        reader.close()


def check(found: Message | Gap) -> None:
    """Raises LostError where messages are gone."""
    if isinstance(found, Gap) and found.lost:
        raise LostError(
            f"messages {found.expected} to {found.found - 1} of {found.topic}/{found.partition}"
            " are no longer kept"
        )
