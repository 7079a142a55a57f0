"""Rows that may be stored already, and what each of them comes to. Pure.

Of what comes late the stage cannot know whether it was there before: only the database can. So such
rows are not just appended: they are looked for, and each is new, a repetition, or a correction.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, NamedTuple

from streams.events import Origin

Row = tuple[Any, ...]
Key = tuple[Any, ...]
"""The first columns of a row: time, source and metric, and whatever else says which row it is."""
Outcome = Literal["new", "repeated", "corrected"]

TIME, SOURCE, METRIC = range(3)
"""Every row that can be looked for begins with these columns."""


class Identity(NamedTuple):
    """How rows of a table are told apart."""

    key: int
    """So many of the first columns say which row it is."""
    told: int | None = None
    """Column of what it says, which a later row of the same key corrects; None: nothing more."""

    def of(self, row: Row) -> Key:
        return row[: self.key]

    def says(self, row: Row) -> Any:
        return None if self.told is None else row[self.told]


class Doubtful(NamedTuple):
    """A row that is to be looked for before it is stored."""

    row: Row
    decided_at: datetime
    """Event time at which it was decided that it may be stored already."""
    origin: Origin
    gateway: str
    late: bool
    """It came after the allowed lateness; False: it was judged, though it is overdue."""


class Replaced(NamedTuple):
    """A value, and the row whose value has taken its place."""

    before: Any
    now: Doubtful


@dataclass
class Settled:
    """What doubtful rows come to; where several are of one key, the last one is what is stored."""

    new: dict[Key, Row] = field(default_factory=dict)
    changed: dict[Key, Row] = field(default_factory=dict)
    """What stored rows are to be now."""
    corrections: list[Replaced] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    """Of each row, in the order in which they came."""


def settle(doubtful: Iterable[Doubtful], identity: Identity, stored: Mapping[Key, Any]) -> Settled:
    """Compares rows, in the order in which they came, with what is stored and with each other.

    Args:
        stored: what the stored rows of these keys say.
    """
    found, says = Settled(), dict(stored)
    for each in doubtful:
        key, now = identity.of(each.row), identity.says(each.row)
        if key not in says:
            found.outcomes.append("new")
            found.new[key] = each.row
        elif says[key] == now:
            found.outcomes.append("repeated")
        else:
            found.outcomes.append("corrected")
            found.corrections.append(Replaced(says[key], each))
            (found.new if key in found.new else found.changed)[key] = each.row
        says[key] = now
    return found
