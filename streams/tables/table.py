"""What a stored table is: its columns, which event fills it, and how long its rows stay.

Every value of a row is checked against what its column can hold, so that no message can make a
whole batch fail: where it does not fit ``rows`` raises ValueError or OverflowError, and the
message is refused alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, get_args

from streams.events import Origin
from streams.settings import Settings
from streams.tables.doubtful import Doubtful, Identity, Row

__all__ = ["Row"]

INT4 = 2**31
INT8 = 2**63
"""Integers of these types are below."""

ORIGIN = f"One of {', '.join(get_args(Origin))}"
LATE = "True: it came after the allowed lateness, and no decision rests on it"
"""Comments of columns that several tables have."""


class Column(NamedTuple):
    """``comment`` is what an analyst reads of it in the database: meaning and unit."""

    name: str
    type: str
    """PostgreSQL's name of it."""
    comment: str


@dataclass(frozen=True, eq=False)
class Described:
    """A table or view. Its migration makes it, with the same columns."""

    name: str
    comment: str
    layout: tuple[Column, ...]
    """In the order of a row's values."""

    @property
    def said(self) -> str:
        """What an analyst reads of it in the database."""
        return self.comment

    @cached_property
    def columns(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.layout)

    @cached_property
    def types(self) -> tuple[str, ...]:
        return tuple(column.type for column in self.layout)


@dataclass(frozen=True, eq=False)
class Stored(Described):
    """A hypertable that the writer fills."""

    kept_days: Callable[[Settings], int]
    """The setting that says for how many days of event time rows are kept, at least."""


@dataclass(frozen=True, eq=False)
class Lookup:
    """Of a table whose rows are looked for where they may be stored already."""

    identity: Identity
    rows: Callable[[Any], Sequence[Doubtful]]
    """Pure, from the event to such rows; ``Table.rows`` has the others."""


@dataclass(frozen=True, eq=False)
class Table(Stored):
    """One whose rows follow from events."""

    topic: str
    """Logical topic that carries the event."""
    event: type
    """An event of this type leaves rows here, those of ``rows``."""
    rows: Callable[[Any], Sequence[Row]]
    """Pure, from the event to its rows."""
    lookup: Lookup | None = None
    """None: all rows are new."""


def text(value: str) -> str:
    """Raises ValueError where the database cannot store it."""
    if "\0" in value:
        raise ValueError(f"{value!r} holds a NUL, which the database cannot store")
    return value


def within(number: int, bound: int) -> int:
    """Raises ValueError where the column cannot hold it."""
    if not -bound <= number < bound:
        raise ValueError(f"{number} is too large for its column")
    return number
