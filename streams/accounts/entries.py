"""What one message, or one tick, adds to the accounts."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.events import Fate, Micros


class Entry(NamedTuple):
    """Values of one source and time."""

    source: str
    time: Micros
    fate: Fate
    reason: str = ""
    number: int = 1


class Entries(NamedTuple):
    """n times some values, all of which have come to the same."""

    sources: Sequence[str]
    source: NDArray[np.integer]
    """[n]: index into ``sources``."""
    time: NDArray[np.int64]
    """[n]"""
    number: NDArray[np.int64]
    """[n]: how many values; those of 0 are passed over."""
    fate: Fate
    reason: str = ""


class Added(NamedTuple):
    """Everything that one step adds."""

    entries: Sequence[Entry | Entries] = ()
    received: int = 0
    """Values that came in."""
    sent: int = 0
    """Rows of tables that its outputs leave."""

    @property
    def known(self) -> int:
        """Values that have come to something."""
        return sum(
            entry.number if isinstance(entry, Entry) else int(entry.number.sum())
            for entry in self.entries
        )


NOTHING = Added()


def joined(added: Iterable[Added]) -> Added:
    """All of it."""
    some = [each for each in added if each is not NOTHING]
    return Added(
        tuple(entry for each in some for entry in each.entries),
        sum(each.received for each in some),
        sum(each.sent for each in some),
    )


def rebooked(now: Entry, before: Fate, reason: str = "") -> tuple[Entry, Entry]:
    """What had been said to have come to ``before``, for a reason, has come to something else."""
    return Entry(now.source, now.time, before, reason, -now.number), now
