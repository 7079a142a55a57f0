"""Frames of one camera and time leave the log, by order of somebody who may.

The broker deletes from a log's beginning only. So with a camera's frames goes what lies before them
in its partition: older ones of the cameras that share it. Nobody misses those but recordings that
reach back so far; who decides has read them, or they stay.
"""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from kafka import KafkaConsumer, TopicPartition

from streams.events import BadMessage, DeadLetter, Micros, decode, from_rfc3339
from streams.kafka.clients import ANSWER_SECONDS, BrokerAwayError, administering, consuming
from streams.kafka.limits import DEAD_LETTER_BYTES
from streams.settings import Settings
from streams.topics import DEAD_LETTERS, FRAMES, partition_of, physical

PART = "erasing"


class Erased(NamedTuple):
    """What a log has lost."""

    frames: int = 0
    """Of the camera and time, at least one message each."""
    others: int = 0
    """Messages that went with them."""
    left: int = 0
    """Frames of the camera and time that are still there: not everybody has read them."""


def frames(
    settings: Settings, camera: str, after: Micros, until: Micros, read: Mapping[int, int]
) -> Erased:
    """Deletes a camera's frames from ``after`` to before ``until`` from the log of frames.

    Args:
        read: partition to the first message that not every reader has read.

    Raises:
        BrokerAwayError: Kafka does not answer.
    """
    number = partition_of(camera, settings.partitions)
    place = TopicPartition(physical(settings.namespace, FRAMES), number)
    with consuming(settings, PART, auto_offset_reset="earliest") as consumer:
        found = _frames(settings, consumer, place, (camera, after, until))
        begin = consumer.beginning_offsets([place])[place]
    cut = min(max(found, default=-1) + 1, max(begin, read.get(number, begin)))
    gone = sum(offset < cut for offset in found)
    if not gone:
        return Erased(left=len(found))
    cut = max(offset for offset in found if offset < cut) + 1
    with administering(settings, PART) as admin:
        admin.delete_records({place: cut})
    return Erased(gone, cut - begin - gone, len(found) - gone)


def dead_letters(settings: Settings, camera: str, after: Micros, until: Micros) -> Erased:
    """The same of frames that could not be used, which dead letters hold; raises as ``frames``."""
    name = physical(settings.namespace, DEAD_LETTERS)
    gone, others = 0, 0
    with (
        consuming(
            settings,
            PART,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=DEAD_LETTER_BYTES,
        ) as consumer,
        administering(settings, PART) as admin,
    ):
        for number in sorted(consumer.partitions_for_topic(name) or ()):
            place = TopicPartition(name, number)
            begin = consumer.beginning_offsets([place])[place]
            found = [
                record.offset
                for record in _records(settings, consumer, place, begin)
                if _is_letter_of(record, camera, after, until)
            ]
            if found:
                cut = max(found) + 1
                admin.delete_records({place: cut})
                gone, others = gone + len(found), others + cut - begin - len(found)
    return Erased(gone, others)


def _frames(
    settings: Settings,
    consumer: KafkaConsumer,
    place: TopicPartition,
    wanted: tuple[str, Micros, Micros],
) -> list[int]:
    """Offsets of the camera's frames of that time. All that is kept is read: by records' own times
    one would be passed over that came late, or while a clock was wrong."""
    if place.partition not in (consumer.partitions_for_topic(place.topic) or ()):
        return []
    records = _records(settings, consumer, place, consumer.beginning_offsets([place])[place])
    return [record.offset for record in records if _is_of(dict(record.headers), *wanted)]


def _records(
    settings: Settings,
    consumer: KafkaConsumer,
    place: TopicPartition,
    begin: int,
) -> Iterator[Any]:
    """From an offset to the end of now."""
    consumer.assign([place])
    consumer.seek(place, begin)
    end = consumer.end_offsets([place])[place]
    while consumer.position(place) < end:
        polled = consumer.poll(timeout_ms=int(ANSWER_SECONDS * 1000))
        if not polled:
            raise BrokerAwayError(settings, TimeoutError("it sends nothing"))
        yield from (record for record in polled[place] if record.offset < end)


def _is_of(headers: Mapping[str, bytes], camera: str, after: Micros, until: Micros) -> bool:
    if headers.get("ce_type") != b"cityops.frame" or headers.get("ce_source") != camera.encode():
        return False
    try:
        return after <= from_rfc3339(headers.get("ce_time", b"").decode()) < until
    except (ValueError, OverflowError):
        return True  # nobody can say of when it is


def _is_letter_of(record: Any, camera: str, after: Micros, until: Micros) -> bool:
    try:
        letter, _ = decode(record.headers, record.value)
    except BadMessage:
        return False
    return isinstance(letter, DeadLetter) and _is_of(dict(letter.headers), camera, after, until)
