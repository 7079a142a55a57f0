"""The accounts of one partition: added up in memory, and said once in some minutes."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.accounts.entries import Added, Entries, Entry
from streams.events import HOUR, MINUTE, Accounts, Booked, Fate, Micros

EVERY: Micros = 5 * MINUTE
"""Of event time; a divisor of an hour, so that each hour is whole when it is said."""
MOST_BOOKED = 65_536
"""A backlog of many days spreads over many hours: accounts of so many rows are said at once."""
MOST_TABLES = 16
ROWS = 4_096
"""Of one message."""

_Place = tuple[str, Micros, Fate, str]


class Sums(msgspec.Struct, frozen=True, array_like=True):
    """Since the partition began to count; see ``Accounts``."""

    received: int = 0
    known: int = 0
    sent: int = 0


class Stored(msgspec.Struct, frozen=True, array_like=True):
    """A ledger in a snapshot."""

    booked: tuple[Booked, ...]
    sums: Sums
    said: Micros


class Whose(NamedTuple):
    """A stage, and the partition of what it reads."""

    stage: str
    topic: str
    partition: int


class Ledger:
    """Mutable; a partition's own."""

    def __init__(self) -> None:
        self.sums = Sums()
        self.said: Micros = 0
        """The last tick at which it was said; 0: none yet."""
        self._booked: dict[_Place, int] = {}
        self._by_source: dict[tuple[int, Micros, Fate, str], tuple[Any, NDArray[np.int64]]] = {}
        """Those of one hour, over all sources of a gateway: what most readings come to costs one
        addition. By the identity of the list of sources, which is kept with it."""

    def add(self, added: Added) -> None:
        sums = self.sums
        self.sums = Sums(
            sums.received + added.received, sums.known + added.known, sums.sent + added.sent
        )
        for entry in added.entries:
            if isinstance(entry, Entry):
                if entry.number:
                    hour = entry.time // HOUR * HOUR
                    self._book((entry.source, hour, entry.fate, entry.reason), entry.number)
            else:
                self._add_many(entry)

    def is_due(self, tick: Micros) -> bool:
        """Whether it is to be said at this tick; the same before and after it was stored."""
        if tick // EVERY != self.said // EVERY:  # it may go back
            return True
        most = len(self._booked) + sum(len(numbers) for _, numbers in self._by_source.values())
        return most >= MOST_BOOKED and len(self.booked()) >= MOST_BOOKED

    def say(self, whose: Whose, tick: Micros, waiting: int) -> Iterator[Accounts]:
        """All of it, the sums in the last message; nothing is changed."""
        rows = self.booked()
        chunks = [rows[first : first + ROWS] for first in range(0, len(rows), ROWS)] or [()]
        for chunk in chunks[:-1]:
            yield Accounts(*whose, tick, chunk, more=True)
        yield Accounts(
            *whose,
            tick,
            chunks[-1],
            received=self.sums.received,
            known=self.sums.known,
            waiting=waiting,
            sent=self.sums.sent,
        )

    def after(self, tick: Micros) -> "Ledger":
        """As it is when it has been said."""
        ledger = Ledger()
        ledger.sums, ledger.said = self.sums, tick
        return ledger

    def with_(self, added: Added) -> "Ledger":
        """Another one, with that added."""
        ledger = Ledger.of(self.stored())
        ledger.add(added)
        return ledger

    def booked(self) -> tuple[Booked, ...]:
        """In order; what adds up to nothing is left out."""
        for (_, hour, fate, reason), (sources, numbers) in self._by_source.items():
            for place in np.flatnonzero(numbers).tolist():
                self._book((sources[place], hour, fate, reason), int(numbers[place]))
        self._by_source.clear()
        found = sorted(self._booked.items())
        return tuple(Booked(*place, number) for place, number in found if number)

    def stored(self) -> Stored:
        return Stored(self.booked(), self.sums, self.said)

    @classmethod
    def of(cls, stored: Stored) -> "Ledger":
        ledger = cls()
        ledger.sums, ledger.said = stored.sums, stored.said
        ledger._booked = {
            (row.source, row.hour, row.fate, row.reason): row.number for row in stored.booked
        }
        return ledger

    def _add_many(self, entries: Entries) -> None:
        some = entries.number != 0
        if not some.any():
            return
        source, time, number = entries.source, entries.time // HOUR * HOUR, entries.number
        if not some.all():
            source, time, number = source[some], time[some], number[some]
        if len(source) > 1 and time[0] == time.max() == time.min():
            key = id(entries.sources), int(time[0]), entries.fate, entries.reason
            if key not in self._by_source:
                if len(self._by_source) >= MOST_TABLES:
                    self.booked()
                self._by_source[key] = entries.sources, np.zeros(len(entries.sources), np.int64)
            sums = self._by_source[key][1]
            sums += np.bincount(source, number, len(sums)).astype(np.int64)
            return
        for place, hour, n in zip(source.tolist(), time.tolist(), number.tolist(), strict=True):
            self._book((entries.sources[place], hour, entries.fate, entries.reason), n)

    def _book(self, place: _Place, number: int) -> None:
        self._booked[place] = self._booked.get(place, 0) + number
