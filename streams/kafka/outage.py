"""How long whoever reads may be away before inputs are refused, or data is lost. Pure."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from streams.events import SECOND, Heartbeat
from streams.kafka.partition_logs import Log, Place

FULL = 0.9
"""Which part of what the broker keeps may be unread; what is left is for what is under way. Then
what leads there is refused at the inputs (``streams/refusing.py``)."""
PARTS = ("writer", "alerts")
"""Readers that are parts; others are stages, which workers run."""
Reads = Mapping[str, tuple[str, ...]]
"""Who reads which logical topics: a stage, or a part with its own name."""
Positions = Mapping[tuple[str, Place], int]
"""(reader, place) to the first message that it has not taken."""


class Budget(NamedTuple):
    """Of one reader and topic, in the partition where least time is left."""

    reader: str
    topic: str
    partition: int
    seconds: int | None
    """Until inputs are refused or something unread is deleted, if it reads nothing from now on;
    0: that has begun. None: nobody has said how far it has read, or the rate is not known yet."""
    unread_bytes: int
    bytes_per_second: int | None
    """None: not measured yet."""
    used: float
    """Which part of what the broker keeps is unread: from 0 to 1, where it is lost. Of a reader
    that has said nothing all of it may be."""


class Away(NamedTuple):
    """How long a part of the system may be away: what its readers have left, and where."""

    part: str
    seconds: int | None
    """As in ``Budget``; where one reader's is not known, neither is this, unless another has none
    left."""
    reader: str
    topic: str
    partition: int


class Reached:
    """How far each reader has read, as it last said: known for longer than heartbeats are kept."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self.positions: dict[tuple[str, Place], int] = {}

    def hear(self, heartbeats: Iterable[Heartbeat]) -> None:
        """What they say replaces what was said: the writer goes back after a restore."""
        self.positions.update(positions(heartbeats, self._reads))


def positions(heartbeats: Iterable[Heartbeat], reads: Reads) -> dict[tuple[str, Place], int]:
    """As the parts last said."""
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


def everywhere(logs: Mapping[Place, Log], known: Positions, reads: Reads) -> Iterator[Budget]:
    """Of each reader in each partition of what it reads, in that order."""
    for reader, topics in reads.items():
        for topic in topics:
            for place in sorted(logs):
                if place[0] == topic:
                    yield budget(reader, place, logs[place], known.get((reader, place)))


def budgets(logs: Mapping[Place, Log], known: Positions, reads: Reads) -> list[Budget]:
    """One for each reader and topic, in that order."""
    least: dict[tuple[str, str], Budget] = {}
    for one in everywhere(logs, known, reads):
        key = one.reader, one.topic
        least[key] = min(least.get(key, one), one, key=_least)
    return list(least.values())


def away(found: Iterable[Budget], parts: Mapping[str, tuple[str, ...]]) -> list[Away]:
    """How long each part may be away, if all else goes on; one with no budgets is left out.

    Args:
        parts: each to the readers that stand still without it.
    """
    every = list(found)
    told = []
    for part, readers in parts.items():
        theirs = [one for one in every if one.reader in readers]
        if theirs:
            least = min(theirs, key=_least)
            told.append(Away(part, least.seconds, least.reader, least.topic, least.partition))
    return told


def budget(reader: str, place: Place, log: Log, next_offset: int | None) -> Budget:
    """Of one partition; where nothing was ever written nobody has to say how far they have read."""
    next_offset = 0 if next_offset is None and not log.end else next_offset
    rate = None if log.rate is None else round(log.rate)
    lost = next_offset is not None and next_offset < log.first
    # What has been read since the log was measured may lie beyond its end.
    unread = max(0, log.end - max(next_offset or 0, log.first)) * log.message_bytes
    used = 1.0 if lost else min(1.0, unread / log.kept_bytes)
    if next_offset is None:
        return Budget(reader, *place, None, 0, rate, used)
    seconds = 0 if lost or used >= FULL else _seconds(log, unread)
    return Budget(reader, *place, seconds, round(unread), rate, used)


def _seconds(log: Log, unread: float) -> int | None:
    if log.rate is None:
        return None
    by_age = log.kept_for / SECOND
    if not log.rate:
        return int(by_age)
    by_bytes = (FULL * log.kept_bytes - unread) / log.rate
    return max(0, int(min(by_bytes, by_age - unread / log.rate)))


def _least(found: Budget) -> tuple[int, int]:
    """What is over comes first; then what is not known, as it may be."""
    if found.seconds is None:
        return 1, 0
    return (2 if found.seconds else 0), found.seconds
