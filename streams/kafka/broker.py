"""The topics on the broker: made once per namespace, bounded by bytes; ``ageing`` is by time."""

import time
from collections import defaultdict
from typing import Any, NamedTuple

from streams.events import DAY, HOUR, MINUTE, Micros
from streams.kafka.clients import administering, consuming
from streams.kafka.limits import CHECKPOINT_BYTES, DEAD_LETTER_BYTES, MEBIBYTE, MESSAGE_BYTES
from streams.settings import Settings
from streams.topics import (
    CHECKPOINTS,
    CORRECTIONS,
    CORRELATED,
    COUNTS,
    DEAD_LETTERS,
    DETECTIONS,
    FRAMES,
    GROUPED,
    HEARTBEATS,
    INCIDENTS,
    READINGS,
    SCORED,
    physical,
)

DELETION_SECONDS = 10.0
SEGMENTS = 8
"""How many files a partition's log is split into; retention takes a whole one at a time."""


class PartitionsDifferError(Exception):
    """A topic has another number of partitions than the settings say.

    Keys would land in other partitions than their state; the number is fixed at creation.
    """


class Limits(NamedTuple):
    """What bounds a topic, all its partitions together."""

    total_bytes: int
    age: Micros
    """Of event time; what is older is deleted by us, not by the broker."""
    message_bytes: int = MESSAGE_BYTES
    partitions: int | None = None
    """None: as many as the settings say."""


def limits(settings: Settings) -> dict[str, Limits]:
    """Logical topic to its limits."""
    kept = Limits(1024 * MEBIBYTE, 7 * DAY)
    return {
        FRAMES: Limits(settings.frames_bytes, DAY),
        READINGS: kept,
        DETECTIONS: kept,
        SCORED: kept,
        INCIDENTS: kept,
        GROUPED: kept,
        CORRELATED: kept,
        COUNTS: kept,
        CORRECTIONS: kept,
        DEAD_LETTERS: Limits(256 * MEBIBYTE, 30 * DAY, DEAD_LETTER_BYTES),
        CHECKPOINTS: Limits(1024 * MEBIBYTE, 7 * DAY, CHECKPOINT_BYTES),
        HEARTBEATS: Limits(16 * MEBIBYTE, HOUR, MEBIBYTE, 1),
    }


def configuration(limit: Limits, partitions: int) -> dict[str, str]:
    """A topic's settings on the broker.

    The log of a partition can be longer than ``retention.bytes`` by the segment that is being
    written, so that one is taken off. A segment has to hold the largest message.
    """
    share = limit.total_bytes // partitions
    segment = max(2 * limit.message_bytes, min(64 * MEBIBYTE, share // SEGMENTS))
    values = {
        "cleanup.policy": "delete",
        "message.timestamp.type": "CreateTime",
        "max.message.bytes": limit.message_bytes,
        "segment.bytes": segment,
        "retention.bytes": max(segment, share - segment),
        "segment.ms": max(MINUTE, limit.age // SEGMENTS) // 1000,
        # Age is by event time, see streams.kafka.ageing: the broker's clock may be wrong.
        "retention.ms": -1,
        "message.timestamp.before.max.ms": 2**63 - 1,
        "message.timestamp.after.max.ms": 2**63 - 1,
    }
    return {name: str(value) for name, value in values.items()}


def create_topics(settings: Settings) -> list[str]:
    """Creates the namespace's topics that are not there, and sets the limits of all.

    Returns:
        The names of those created.

    Raises:
        PartitionsDifferError: a topic has another number of partitions; nothing changed.
        streams.kafka.clients.BrokerAwayError: the broker does not answer or refuses.
    """
    from kafka.admin import ConfigResource, ConfigResourceType

    wanted: dict[str, dict[str, Any]] = {}
    for topic, limit in limits(settings).items():
        partitions = limit.partitions or settings.partitions
        wanted[physical(settings.namespace, topic)] = {
            "num_partitions": partitions,
            "replication_factor": 1 if settings.runs_kafka else -1,
            "configs": configuration(limit, partitions),
        }
    with administering(settings) as client:
        there = set(client.list_topics()) & set(wanted)
        described = client.describe_topics(sorted(there)) if there else []
        for found in described:
            have, want = len(found["partitions"]), wanted[found["name"]]["num_partitions"]
            if have != want:
                raise PartitionsDifferError(
                    f"topic {found['name']} has {have} partitions, not {want}: set "
                    f"CITYOPS_PARTITIONS={have}, or 'cityops reset' to start afresh"
                )
        new = {name: options for name, options in wanted.items() if name not in there}
        if new:
            client.create_topics(new, wait_for_metadata=True)
        if there:
            client.alter_configs(
                [
                    ConfigResource(ConfigResourceType.TOPIC, name, wanted[name]["configs"])
                    for name in sorted(there)
                ]
            )
    return sorted(new)


def delete_topics(settings: Settings) -> list[str]:
    """Deletes every topic of the namespace, those that Faust made for it included.

    Returns their names when the broker lists none of them any more.

    Raises:
        streams.kafka.clients.BrokerAwayError: it does not answer, or still lists them after
            ``DELETION_SECONDS``.
    """
    prefix = physical(settings.namespace, "")
    with administering(settings) as client:
        names = left = sorted(name for name in client.list_topics() if name.startswith(prefix))
        if names:
            client.delete_topics(names)
        deadline = time.monotonic() + DELETION_SECONDS
        while left:
            left = [name for name in client.list_topics() if name in names]
            if left and time.monotonic() > deadline:
                raise TimeoutError(f"the broker does not delete {', '.join(left)}")
            time.sleep(0.05)
    return names


def log_bytes(settings: Settings, timeout: float = 10.0) -> dict[str, int]:
    """Physical topic to the bytes its logs take on the brokers' disks."""
    sizes: defaultdict[str, int] = defaultdict(int)
    with administering(settings, timeout_seconds=timeout) as client:
        for broker in client.describe_log_dirs():
            for folder in broker["log_dirs"]:
                for topic in folder["topics"]:
                    sizes[topic["name"]] += sum(
                        part["partition_size"] for part in topic["partitions"]
                    )
    return dict(sorted(sizes.items()))


def oldest_frame(settings: Settings, timeout: float = 5.0) -> Micros | None:
    """Event time of the oldest frame that is still kept; None where there is none.

    Reads the first few records of each partition: where cameras publish, ticks are outnumbered
    by frames, so that a partition that begins with ticks only has no camera.
    """
    from kafka import TopicPartition

    from streams.events import BadMessage, Frame, decode

    topic = physical(settings.namespace, FRAMES)
    oldest: Micros | None = None
    with consuming(
        settings,
        "oldest-frame",
        timeout,
        request_timeout_ms=int(timeout * 1000),
        max_partition_fetch_bytes=MEBIBYTE,
        max_poll_records=2000,
    ) as consumer:
        for partition in sorted(consumer.partitions_for_topic(topic) or ()):
            at = TopicPartition(topic, partition)
            if consumer.beginning_offsets([at]) == consumer.end_offsets([at]):
                continue
            consumer.assign([at])
            consumer.seek_to_beginning()
            for records in consumer.poll(timeout_ms=500).values():
                for record in records:
                    try:
                        event, _ = decode(record.headers, record.value)
                    except BadMessage:
                        continue
                    if isinstance(event, Frame):
                        oldest = event.time if oldest is None else min(oldest, event.time)
                        break
    return oldest
