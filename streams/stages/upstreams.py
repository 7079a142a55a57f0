"""How far all those have come that a stage waits for: what is decided behind their watermarks.

Pure. A fixed set is waited for, and there is no time-out: one that is silent holds amendments
back, never announcements.
"""

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from streams.events import Micros, Watermark


def upstream(stage: str, topic: str, partition: int) -> str:
    """The name of one of those whose watermarks are waited for."""
    return f"{stage}/{topic}/{partition}"


class Undone(msgspec.Struct, frozen=True, array_like=True):
    """Event time has gone back at an upstream."""

    since: Micros
    """Of the stretch that is undone."""
    watermark: Micros
    """The upstream's last since."""


class Upstreams(msgspec.Struct, frozen=True, tag="upstreams"):
    """The last watermark of every upstream."""

    watermarks: dict[str, Micros] = {}
    tick: Micros = 0
    """How far event time has come at the furthest upstream."""
    waiting: dict[str, Micros] = {}
    """Keys of the states in which something waits, to the first time at which it was proven: so a
    watermark costs nothing on all the others."""
    later: dict[str, tuple[Undone, ...]] = {}
    """Of the upstreams whose event time has gone back while that of others has not yet."""

    def least(self, names: Iterable[str]) -> Micros:
        """Nothing earlier than this is to come from any of them."""
        return min((self.watermarks.get(name, 0) for name in names), default=0)


class Passed(NamedTuple):
    """What a watermark changes."""

    now: Upstreams
    until: Micros | None
    """What lies before it is due; None: no more than before."""
    since: Micros = 0
    """Event time has gone back at all of them: what lies not before this is due as well, first.
    0: it has not."""

    def is_due(self, time: Micros) -> bool:
        """Whether what was proven then is to be decided now."""
        return self.until is not None and (time < self.until or 0 < self.since <= time)

    def onward(self, known: Upstreams, names: Iterable[str]) -> tuple[Micros, Micros] | None:
        """Watermark and tick to be said to whoever comes after; None: nothing has changed for them.

        Args:
            known: what was known before.
        """
        if self.until is None and self.now.tick <= known.tick:
            return None
        return self.now.least(names), self.now.tick


def advance(known: Upstreams, names: frozenset[str], event: Watermark) -> Passed | None:
    """What is known with a further watermark; None: it says nothing new."""
    name = upstream(event.stage, event.topic, event.partition)
    if known.later or (event.wrong_since and name in names):
        return _go_back(known, names, name, event)
    before = known.watermarks.get(name, 0)
    if event.time <= before:
        later = event.tick > known.tick  # time has just jumped, or who says it waits for another
        return Passed(msgspec.structs.replace(known, tick=event.tick), None) if later else None
    now = msgspec.structs.replace(
        known,
        watermarks={**known.watermarks, name: event.time},
        tick=max(known.tick, event.tick),
    )
    least = known.least(names)
    if before > least:  # others are behind
        return Passed(now, None)
    passed = now.least(names)
    return Passed(now, None if passed == least else passed)


def _go_back(known: Upstreams, names: frozenset[str], name: str, event: Watermark) -> Passed:
    """While event time has gone back at some upstreams and not at others, nothing is decided.

    Two stretches of time would be mixed, by who was ahead. Once it has at all of them, what is
    left of the stretch that is undone is decided, in its order, before anything that is new.
    """
    gone = known.later.get(name, ())
    if event.wrong_since:
        gone = (*gone, Undone(event.wrong_since, event.time))
    elif gone:
        gone = (*gone[:-1], Undone(gone[-1].since, max(event.time, gone[-1].watermark)))
    else:
        time = max(event.time, known.watermarks.get(name, 0))
        known = msgspec.structs.replace(known, watermarks={**known.watermarks, name: time})
    later = {**known.later, name: gone} if gone else known.later
    if not names <= later.keys():
        return Passed(msgspec.structs.replace(known, later=later), None)
    now = msgspec.structs.replace(
        known,
        watermarks={each: undone[0].watermark for each, undone in later.items()},
        tick=event.tick,
        later={each: undone[1:] for each, undone in later.items() if undone[1:]},
    )
    return Passed(now, now.least(names), min(undone[0].since for undone in later.values()))
