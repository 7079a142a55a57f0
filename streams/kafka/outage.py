"""How long whoever reads may be away before what it has not read is deleted. Pure."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from streams.events import SECOND, Heartbeat
from streams.kafka.partition_logs import Log, Place

PARTS = ("writer", "alerts")
"""Readers that are parts; others are stages, which workers run."""
Reads = Mapping[str, tuple[str, ...]]
"""Who reads which logical topics: a stage, or a part with its own name."""


class Budget(NamedTuple):
    """Of one reader and topic, in the partition where least time is left."""

    reader: str
    topic: str
    partition: int
    seconds: int | None
    """Until something unread is deleted, if it reads nothing from now on; 0: that has begun. None:
    nobody has said lately how far it has read."""
    unread_bytes: int
    bytes_per_second: int
    used: float
    """Which part of what the broker keeps is unread: from 0 to 1, where it is lost."""


def positions(heartbeats: Iterable[Heartbeat], reads: Reads) -> dict[tuple[str, Place], int]:
    """(reader, place) to the first message that it has not taken, as the parts last said."""
    found: dict[tuple[str, Place], int] = {}
    for beat in heartbeats:
        for name, offset in beat.next_offsets.items():
            topic, _, number = name.partition("/")
            reader = beat.part if beat.part in reads else _stage(topic, reads)
            if reader and number.isdigit():
                key = reader, (topic, int(number))
                found[key] = max(offset, found.get(key, 0))
    return found


def _stage(topic: str, reads: Reads) -> str:
    """The one that reads the topic: workers have names of their own."""
    return next((who for who, topics in reads.items() if who not in PARTS and topic in topics), "")


def budgets(
    logs: Mapping[Place, Log], heartbeats: Iterable[Heartbeat], reads: Reads
) -> list[Budget]:
    """One for each reader and topic, in that order."""
    known = positions(heartbeats, reads)
    found = []
    for reader, topics in reads.items():
        for topic in topics:
            places = [place for place in sorted(logs) if place[0] == topic]
            each = [
                budget(reader, place, logs[place], known.get((reader, place))) for place in places
            ]
            if each:
                found.append(min(each, key=_least))
    return found


def budget(reader: str, place: Place, log: Log, next_offset: int | None) -> Budget:
    """Of one partition."""
    rate = round(log.rate)
    if next_offset is None:
        return Budget(reader, *place, None, 0, rate, 0.0)
    lost = next_offset < log.first
    unread = round((log.end - max(next_offset, log.first)) * log.message_bytes)
    used = 1.0 if lost else min(1.0, unread / log.kept_bytes)
    return Budget(reader, *place, 0 if lost else _seconds(log, unread), unread, rate, used)


def _seconds(log: Log, unread: int) -> int:
    by_age = log.kept_for / SECOND
    if not log.rate:
        return int(by_age)
    by_bytes = (log.kept_bytes - unread) / log.rate
    return max(0, int(min(by_bytes, by_age - unread / log.rate)))


def _least(found: Budget) -> tuple[bool, int]:
    """What is not known comes first: it may be the worst."""
    return found.seconds is not None, found.seconds or 0
