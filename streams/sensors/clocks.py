"""Sensors whose clock cannot be right: ahead of event time, or behind it by more than a link takes.

Whether it is the clock that is behind or the link that is slow, nobody can tell from here: both are
told in the same words, with the amount.
"""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.events import SECOND, Incident, Micros
from streams.sensors.lag import AHEAD

LEAST_BEHIND: Micros = 10 * SECOND
BEHIND_LATENESSES = 3
"""Readings are behind by more than so many times what their feed allows, or LEAST_BEHIND."""
PROVEN_AFTER: Micros = 20 * SECOND
PROVEN_BY = 3
"""A clock is wrong when so many packs in a row say so, over so long: a backlog comes at once."""
ANOTHER: Micros = 5 * SECOND
"""An amount that differs by more than this, or by a fifth, is another error."""


class Clock(msgspec.Struct, frozen=True, array_like=True):
    """A clock that is wrong by the latest pack of its source."""

    off: Micros
    """By how much; positive: ahead."""
    since: Micros
    """The tick at which that began."""
    last: Micros
    packs: int = 1

    @property
    def is_proven(self) -> bool:
        return self.packs >= PROVEN_BY and self.last - self.since >= PROVEN_AFTER


class Wrong(msgspec.Struct, frozen=True, array_like=True):
    """An open incident about clocks of one gateway that are wrong by the same amount."""

    slots: tuple[int, ...]
    off: Micros
    incident: Incident


class Clocks(msgspec.Struct, frozen=True, array_like=True):
    """Of a gateway's sensors of one feed; nothing of those whose clocks are right."""

    suspect: dict[int, Clock] = {}
    """By slot."""
    wrong: tuple[Wrong, ...] = ()


NONE = Clocks()


def check(
    clocks: Clocks,
    slot: NDArray[np.uint16],
    time: NDArray[np.int64],
    tick: Micros,
    lateness: Micros,
) -> Clocks:
    """With what the readings of one pack [n] say: the newest of each source.

    Args:
        tick: the last one; 0: none yet, and nothing can be said.
        lateness: what the feed allows.
    """
    if not tick or not len(slot):
        return clocks
    off = time - tick
    behind = max(LEAST_BEHIND, BEHIND_LATENESSES * lateness)
    if not clocks.suspect and bool(((off <= AHEAD) & (off >= -behind)).all()):
        return clocks
    newest: dict[int, int] = {}
    for number, amount in zip(slot.tolist(), off.tolist(), strict=True):
        newest[number] = max(amount, newest.get(number, amount))
    suspect = dict(clocks.suspect)
    for number, amount in newest.items():
        if -behind <= amount <= AHEAD:
            suspect.pop(number, None)
            continue
        before = suspect.get(number)
        if before is None or differs(before.off, amount):
            suspect[number] = Clock(amount, tick, tick)
        else:
            suspect[number] = Clock(before.off, before.since, tick, before.packs + 1)
    return msgspec.structs.replace(clocks, suspect=suspect)


def differs(off: Micros, other: Micros) -> bool:
    """Whether the two are different errors."""
    return abs(off - other) > max(ANOTHER, abs(off) // 5)


class Found(NamedTuple):
    """Clocks of one gateway that are proven to be wrong by the same amount."""

    slots: tuple[int, ...]
    off: Micros
    since: Micros


def proven(clocks: Clocks, present: Iterable[int]) -> list[Found]:
    """Those for which nothing is open yet, in order of their first slots.

    Args:
        present: slots of the sources that are still there.
    """
    there = set(present)
    open_ = {slot for wrong in clocks.wrong for slot in wrong.slots}
    found: list[Found] = []
    for slot, clock in sorted(clocks.suspect.items()):
        if slot in open_ or slot not in there or not clock.is_proven:
            continue
        for place, group in enumerate(found):
            if not differs(group.off, clock.off):
                since = min(group.since, clock.since)
                found[place] = Found((*group.slots, slot), group.off, since)
                break
        else:
            found.append(Found((slot,), clock.off, clock.since))
    return found


def last_proof(clocks: Clocks, wrong: Wrong) -> Micros:
    """The tick at the latest pack of one of its clocks that was wrong by that amount."""
    told = (clocks.suspect[slot] for slot in wrong.slots if slot in clocks.suspect)
    last = [clock.last for clock in told if not differs(wrong.off, clock.off)]
    return max(last, default=wrong.incident.start)


def fall_silent(clocks: Clocks, unheard: Iterable[int]) -> tuple[list[Wrong], Clocks]:
    """(what is over, as none of its clocks has said anything for long; what is left).

    Args:
        unheard: slots of suspects that nothing has been heard of, or that nobody listened to.
    """
    gone = set(unheard)
    if not gone:
        return [], clocks
    suspect = {slot: clock for slot, clock in clocks.suspect.items() if slot not in gone}
    over = [
        wrong
        for wrong in clocks.wrong
        if gone.intersection(wrong.slots) and not suspect.keys() & set(wrong.slots)
    ]
    left = tuple(wrong for wrong in clocks.wrong if wrong not in over)
    return over, Clocks(suspect, left)


def right_again(clocks: Clocks, present: Iterable[int]) -> tuple[list[Wrong], Clocks]:
    """(what is over, as none of its clocks is wrong by that amount any more; what is left)."""
    there = set(present)

    def lasts(wrong: Wrong) -> bool:
        return any(
            slot in there
            and slot in clocks.suspect
            and not differs(wrong.off, clocks.suspect[slot].off)
            for slot in wrong.slots
        )

    over = [wrong for wrong in clocks.wrong if not lasts(wrong)]
    if not over:
        return [], clocks
    left = tuple(wrong for wrong in clocks.wrong if lasts(wrong))
    return over, msgspec.structs.replace(clocks, wrong=left)
