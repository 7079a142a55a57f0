"""One partition that is stored: its progress, and what each message adds. Pure otherwise.

``Ingest`` decides which messages count: repetitions by their marks are dropped, what cannot be
used becomes a dead letter, messages that are gone for good become an incident.
"""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple

from streams.events import (
    Accounts,
    BadMessage,
    Detections,
    Event,
    Headers,
    Mark,
    Micros,
    Scored,
    Tick,
    dead_letter,
    decode,
)
from streams.kinds.registry import differ, lost
from streams.quotas import NOT_KEPT, UNKNOWN, Quotas, keep
from streams.tables.agreement import Agreement, compared
from streams.tables.doubtful import Doubtful, Outcome
from streams.tables.positions import Progress
from streams.tables.rows import Rows, in_doubt, rows_of
from streams.tables.table import Table
from streams.topics import CORRELATED, DEAD_LETTERS


class Consequence(NamedTuple):
    """An event to send, in consequence of what was read."""

    topic: str
    key: str
    """Empty: into the partition that was read."""
    event: Event
    mark: Mark


class Taken(NamedTuple):
    """What a message leaves: rows, or something to send, or neither where it is a repetition."""

    rows: Rows
    consequence: Consequence | None = None
    doubtful: Mapping[Table, Sequence[Doubtful]] = MappingProxyType({})
    """Rows that are counted when they have been looked for: see ``settled``."""


class Ingest:
    """Moves ``progress`` past each message it is given; they come in order and without gaps."""

    def __init__(
        self, consumer: str, topic: str, partition: int, progress: Progress, *, marks: bool = True
    ) -> None:
        self.consumer, self.topic, self.partition = consumer, topic, partition
        self.progress = progress
        self.stored = progress.next_offset
        """Where that stands in the database."""
        self._marks = marks
        self._quotas: Quotas = {}

    def take(self, offset: int, headers: Headers, value: bytes | None, now: Micros = 0) -> Taken:
        """``now``: how far event time has come; raises ValueError where ``offset`` is not next."""
        progress = self.progress
        if offset != progress.next_offset:
            raise ValueError(
                f"{self.topic}/{self.partition}: {offset} after {progress.next_offset}"
            )
        progress.next_offset += 1
        try:
            event, mark = decode(headers, value)
            if mark is None:
                raise BadMessage("missing_header", "ce_mark")
            rows, doubtful = rows_of(event), in_doubt(event)
            if not progress.marks.take(mark) and self._marks:
                progress.count("resent")
                return Taken({})
            if isinstance(event, Tick):
                progress.tick(event)
        except BadMessage as bad:
            progress.count("dead_lettered")
            return Taken({}, self._dead(bad, offset, headers, value, now))
        for table, added in rows.items():
            if added:
                progress.count(table.name, len(added))
        if isinstance(event, Detections):
            self._took(mark.stage, 1)  # the picture as a whole
        elif isinstance(event, Scored):
            self._took(mark.stage, sum(map(len, (*rows.values(), *doubtful.values()))))
        elif isinstance(event, Accounts) and not event.more:
            return Taken(rows, self._compare(event, offset), doubtful)
        return Taken(rows, None, doubtful)

    def _took(self, stage: str, rows: int) -> None:
        agreements = self.progress.agreements
        agreements[stage] = agreements.get(stage, Agreement()).took(rows)

    def _compare(self, event: Accounts, offset: int) -> Consequence | None:
        agreements = self.progress.agreements
        before = agreements.get(event.stage, Agreement())
        agreements[event.stage], found = compared(before, event)
        if found is None:
            return None
        place = f"{event.topic}/{event.partition}"
        subject = f"{event.stage}: {found.number:+d} {found.where}"
        incident = differ(place, subject, found.since, event.time, event.stage)
        self.progress.count("unaccounted")
        return Consequence(CORRELATED, place, incident, self._mark(offset))

    def skip(self, found: int, now: Micros = 0) -> Consequence:
        """Goes on at offset ``found``: what lies before it is gone for good."""
        progress = self.progress
        first, last = progress.next_offset, found - 1
        progress.next_offset = found
        progress.count("lost", found - first)
        source = f"{self.topic}/{self.partition}"
        incident = lost(source, first, last, now, self.consumer)
        return Consequence(CORRELATED, source, incident, self._mark(last))

    def settled(self, table: Table, doubtful: Doubtful, outcome: Outcome) -> None:
        """Counts what a doubtful row of this partition has come to."""
        if outcome == "new":
            self.progress.count(table.name)
            if doubtful.late:
                self.progress.count("late")
        else:
            self.progress.count(outcome)

    @property
    def moved(self) -> bool:
        return self.progress.next_offset != self.stored

    def _dead(
        self, bad: BadMessage, offset: int, headers: Headers, value: bytes | None, now: Micros
    ) -> Consequence | None:
        """None where it is not kept. Who is known the stages know: here all share one quota."""
        at = (self.topic, self.partition, offset)
        letter = dead_letter(bad, at, now, headers, value)
        self._quotas, kept = keep(self._quotas, UNKNOWN, letter, now)
        if kept is None:
            self.progress.count(f"{NOT_KEPT}{bad.reason}")
            return None
        return Consequence(DEAD_LETTERS, "", kept, self._mark(offset))

    def _mark(self, offset: int) -> Mark:
        return Mark(self.consumer, self.topic, self.partition, offset, 0)
