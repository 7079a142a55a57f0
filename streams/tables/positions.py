"""Where a consumer stands in a partition: kept in the database, in the transaction of its rows.

The group's committed offset is never asked. ``advance`` is a compare-and-set: of two processes
that write for the same consumer, one gets ``OvertakenError`` and must roll back and exit.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec
import psycopg
from psycopg.types.json import Jsonb

from streams import control, queries
from streams.clock import SLOWED_MOST
from streams.control import Control
from streams.events import Micros, Tick, from_datetime, to_datetime
from streams.runtime.marks import Marks
from streams.tables.agreement import Agreement, restored

_SQL = queries.load(Path(__file__).parent / "sql")


class OvertakenError(Exception):
    """Another process has moved the position: roll back and exit."""


class Progress(msgspec.Struct):
    """What a consumer knows of one partition; mutable, reload it after a failed transaction."""

    next_offset: int = 0
    """Of the first message that has not been taken."""
    marks: Marks = msgspec.field(default_factory=Marks)
    counts: dict[str, int] = {}
    """Since the namespace was made, by name: accepted, late, repeated …"""
    newest: Micros | None = None
    """Latest event time taken; None: none yet."""
    since: Micros | None = None
    """When ``counts`` began, by the clock; None: an earlier release began."""
    agreements: dict[str, Agreement] = {}
    """By stage whose accounts come in the partition."""
    announced: bool = False
    """As in ``streams.control.Control``, of the partition's ticks."""

    def copy(self) -> "Progress":
        return msgspec.structs.replace(
            self,
            marks=self.marks.copy(),
            counts=dict(self.counts),
            agreements=dict(self.agreements),
        )

    def count(self, name: str, number: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + number

    def saw(self, time: Micros) -> None:
        """Event time has been seen to reach ``time``; it goes back by more than a day, or not."""
        if self.newest is None or not self.newest - SLOWED_MOST <= time <= self.newest:
            self.newest = time

    def tick(self, event: Tick) -> None:
        """As the stages judge it; raises BadMessage where they refuse it."""
        known = Control(tick=self.newest or 0, announced=self.announced)
        known = control.tick(known, event)
        self.newest, self.announced = known.tick or None, known.announced


def load(
    connection: psycopg.Connection[Any], consumer: str, topic: str, partition: int
) -> Progress:
    """The stored progress; the first time, a new one at offset 0.

    Args:
        topic: logical name.
    """
    key = {"consumer": consumer, "topic": topic, "partition": partition}
    connection.execute(_SQL["position_create"].sql, key)
    row = connection.execute(_SQL["position_load"].sql, key).fetchone()
    if row is None:
        raise OvertakenError(f"the position of {consumer} in {topic}/{partition} was deleted")
    next_offset, marks, counts, newest, since, agreements, announced = row
    return Progress(
        next_offset,
        Marks.from_json(marks),
        dict(counts),
        from_datetime(newest) if newest else None,
        from_datetime(since) if since else None,
        restored(agreements),
        announced,
    )


def advance(
    connection: psycopg.Connection[Any],
    consumer: str,
    topic: str,
    partition: int,
    *,
    before: int,
    progress: Progress,
) -> None:
    """Moves the stored progress on from offset ``before``, in the caller's transaction.

    Raises:
        OvertakenError: the stored offset is not ``before``.
    """
    moved = connection.execute(
        _SQL["position_advance"].sql,
        {
            "consumer": consumer,
            "topic": topic,
            "partition": partition,
            "before": before,
            "next_offset": progress.next_offset,
            "marks": Jsonb(progress.marks.to_json()),
            "counts": Jsonb(progress.counts),
            "agreements": Jsonb(msgspec.to_builtins(progress.agreements)),
            "newest": None if progress.newest is None else to_datetime(progress.newest),
            "announced": progress.announced,
        },
    )
    if moved.rowcount != 1:
        raise OvertakenError(
            f"{topic}/{partition} is no longer at {before}: another {consumer} is writing"
        )


def since(progress: Iterable[Progress]) -> Micros:
    """When the first of them began to count; 0: that of one is not known."""
    return min((each.since or 0 for each in progress), default=0)
