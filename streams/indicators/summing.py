"""What readings add to indicators: whole numbers, by indicator, origin and hour. Pure.

A value counts as what a window keeps of it (float32), in thousandths of its unit, rounded to the
even one: so whoever takes it away again, or computes all of it anew, has the same number.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.measured import measured
from streams.events import (
    HOUR,
    MINUTE,
    SECOND,
    CaseHour,
    Delivered,
    Level,
    Micros,
    Origin,
    Summed,
    Sums,
)
from streams.feeds.feed import Feed
from streams.feeds.registry import all_feeds
from streams.indicators.catalogue import of_feed
from streams.indicators.indicator import MOST_WEIGHT, THOUSANDTHS, Formula, Indicator, Limit

EVERY: Micros = 5 * MINUTE
"""Of event time; a divisor of an hour."""
MOST_PLACED = 4_096
"""Late readings of one gateway and feed that are remembered."""
STALE_PERIODS = 3
"""A reading older than so many periods of its type, and the feed's lateness, is no newest one."""


class Spoken(msgspec.Struct, frozen=True, array_like=True):
    """What was last heard through a gateway, of a feed, was of that origin."""

    unit: str
    origin: Origin


class Placed(msgspec.Struct, frozen=True, array_like=True):
    """A late reading that counts, and that no window has."""

    unit: str
    slot: int
    time: Micros
    values: bytes
    """float32 [metrics]"""


class Pending(msgspec.Struct, frozen=True, tag="pending"):
    """What a partition has to say of its readings, since it said so last."""

    said: Micros = 0
    """The last tick at which it was said; 0: none yet."""
    summed: tuple[Summed, ...] = ()
    spoken: tuple[Spoken, ...] = ()
    placed: tuple[Placed, ...] = ()

    def is_due(self, tick: Micros) -> bool:
        return tick // EVERY != self.said // EVERY


NOTHING_PENDING = Pending()


class Taken(NamedTuple):
    """n readings of one gateway and feed."""

    slot: NDArray[np.integer]
    time: NDArray[np.int64]
    origin: NDArray[np.uint8]
    """[n]: index into the origins that there are."""
    values: NDArray[np.float32]
    """[n, metrics], as windows keep them; nothing where nothing was measured."""

    def take(self, which: NDArray[np.bool_]) -> "Taken":
        return Taken(self.slot[which], self.time[which], self.origin[which], self.values[which])


class Part(NamedTuple):
    """What some readings add."""

    numerator: NDArray[np.int64]
    denominator: NDArray[np.int64]
    counts: NDArray[np.bool_]
    """[n]: which readings say anything of it."""


_Place = tuple[str, Origin, Micros]


class Adding:
    """Sums that grow while one step is taken; ``pending`` is what they are then."""

    def __init__(self, before: Pending, origins: Sequence[Origin]) -> None:
        self.before, self._origins = before, origins
        self._sums: dict[_Place, list[int]] | None = None
        self._spoken: dict[str, Origin] | None = None
        self._placed: tuple[Placed, ...] = before.placed

    def add(self, unit: str, feed: Feed, types: Sequence[str], taken: Taken) -> None:
        """New readings.

        Args:
            types: of each slot, its asset type; empty: it is none of the gateway's any more.
        """
        if not len(taken.slot):
            return
        self._add(feed, types, taken, 1, unplaced=False)
        self._speak(unit, self._origins[int(taken.origin[-1])])

    def take_back(self, feed: Feed, types: Sequence[str], taken: Taken) -> None:
        """They have been replaced: what replaces them is added."""
        self._add(feed, types, taken, -1, unplaced=False)

    def pass_over(self, feed: Feed, types: Sequence[str], taken: Taken) -> None:
        """So late that nobody knows whether they had come before."""
        self._add(feed, types, taken, 1, unplaced=True)

    def add_cases(
        self, feed: Feed, kinds: Mapping[str, str], origin: Origin, rows: Iterable[CaseHour]
    ) -> None:
        """What became of cases, each at its own hour: a case is known by its number, so that it
        counts once however late it is told.

        Args:
            kinds: sources to their asset types.
        """
        told = list(rows)
        for indicator in of_feed(feed.id):
            assert indicator.formula
            if not indicator.formula.cases:
                continue
            for row in told:
                wanted = _of_types(indicator.formula.types, feed.id, (kinds[row.source],))
                if not wanted[0] or not (row.ended or row.in_time):
                    continue
                sums = self._open().setdefault((indicator.id, origin, row.hour), [0, 0, 0, 0])
                for at, more in enumerate((row.in_time, row.ended, row.ended)):
                    sums[at] += more

    def placed(self, unit: str) -> dict[tuple[int, Micros], NDArray[np.float32]]:
        """Late readings of the unit that count, by slot and time."""
        return {
            (each.slot, each.time): np.frombuffer(each.values, "<f4")
            for each in self._placed
            if each.unit == unit
        }

    def place(self, unit: str, known: dict[tuple[int, Micros], NDArray[np.float32]]) -> None:
        """Those of the unit are these from now on, of too many the latest."""
        own = [
            Placed(unit, slot, time, known[slot, time].astype("<f4").tobytes())
            for slot, time in sorted(known, key=lambda place: (place[1], place[0]))
        ]
        others = tuple(each for each in self._placed if each.unit != unit)
        self._placed = (*others, *own[-MOST_PLACED:])

    @property
    def pending(self) -> Pending:
        before = self.before
        if self._sums is None and self._spoken is None and self._placed is before.placed:
            return before
        summed, spoken = before.summed, before.spoken
        if self._sums is not None:
            summed = tuple(
                Summed(*place, *numbers)
                for place, numbers in sorted(self._sums.items())
                if any(numbers)
            )
        if self._spoken is not None:
            spoken = tuple(Spoken(*each) for each in sorted(self._spoken.items()))
        return Pending(before.said, summed, spoken, self._placed)

    def _add(
        self, feed: Feed, types: Sequence[str], taken: Taken, sign: int, *, unplaced: bool
    ) -> None:
        hours = taken.time // HOUR * HOUR
        alike = hours.min() == hours.max() and taken.origin.min() == taken.origin.max()
        for indicator in of_feed(feed.id):
            assert indicator.formula
            if indicator.formula.is_level or indicator.formula.cases:
                continue
            part = _part(indicator.formula, feed, types, taken)
            if not part.counts.any():
                continue
            if alike:
                which = (slice(None),)
            else:
                places = np.stack((hours, taken.origin.astype(np.int64)), axis=1)
                distinct = np.unique(places, axis=0)
                which = tuple((places == place).all(axis=1) for place in distinct)
            for rows in which:
                own = part.counts[rows]
                number = int(np.count_nonzero(own))
                if not number:
                    continue
                place = (
                    indicator.id,
                    self._origins[int(taken.origin[rows][0])],
                    int(hours[rows][0]),
                )
                added = (
                    (0, 0, 0, number)
                    if unplaced
                    else (
                        sign * int(part.numerator[rows][own].sum()),
                        sign * int(part.denominator[rows][own].sum()),
                        sign * number,
                        0,
                    )
                )
                sums = self._open().setdefault(place, [0, 0, 0, 0])
                for at, more in enumerate(added):
                    sums[at] += more

    def _open(self) -> dict[_Place, list[int]]:
        if self._sums is None:
            self._sums = {}
            for each in self.before.summed:  # of a replay two origins may have become one
                sums = self._sums.setdefault((each.indicator, each.origin, each.hour), [0] * 4)
                for at, more in enumerate(
                    (each.numerator, each.denominator, each.readings, each.unplaced)
                ):
                    sums[at] += more
        return self._sums

    def _speak(self, unit: str, origin: Origin) -> None:
        if self._spoken is None:
            if Spoken(unit, origin) in self.before.spoken:
                return
            self._spoken = {each.unit: each.origin for each in self.before.spoken}
        self._spoken[unit] = origin


def say(
    pending: Pending,
    levels: Iterable[Level],
    delivered: Iterable[Delivered],
    whose: tuple[str, str, int],
    tick: Micros,
) -> tuple[Sums, Pending]:
    """All of it, and what is pending then.

    Args:
        whose: the stage, its topic, and the partition.
    """
    told = Sums(*whose, tick, pending.summed, tuple(levels), tuple(delivered))
    return told, Pending(tick, (), pending.spoken, pending.placed)


def levels(
    feed: Feed,
    types: Sequence[str],
    times: NDArray[np.int64],
    values: NDArray[np.float32],
    since: Micros,
) -> list[tuple[str, int, int]]:
    """(indicator, numerator, sources) of one gateway's windows.

    Args:
        types: as for ``add``.
        times: [slots, readings], oldest first.
        values: [slots, readings, metrics].
        since: the watermark, before which all these readings are.
    """
    found = []
    for indicator in of_feed(feed.id):
        formula = indicator.formula
        if formula is None or not formula.is_level:
            continue
        own = _of_types(formula.types, feed.id, tuple(types))
        oldest = since - age(formula)
        fresh = (times >= oldest) & own[:, None]
        told = values[:, :, list(feed.metrics).index(formula.metric)]
        there = fresh & measured(told)
        number = int(np.count_nonzero(there.any(axis=1)))
        if not number:
            continue
        newest = times.shape[1] - 1 - there[:, ::-1].argmax(axis=1)
        some = there.any(axis=1)
        rows = np.flatnonzero(some)
        if formula.total:
            numerator = int(thousandths(told[rows, newest[rows]]).sum())
        else:
            assert formula.limit
            holds = there & _holds(told, formula.limit)
            streak = np.ones(len(rows), np.bool_)
            for back in range(formula.readings):
                at = newest[rows] - back
                streak &= (at >= 0) & holds[rows, np.maximum(at, 0)]
            numerator = int(np.count_nonzero(streak))
        found.append((indicator.id, numerator, number))
    return found


def has_levels(feed: Feed) -> bool:
    """Whether any indicator is made of how the feed's sources stand."""
    return any(each.formula and each.formula.is_level for each in of_feed(feed.id))


def age(formula: Formula) -> Micros:
    """How old a newest reading may be, before the watermark."""
    feed = all_feeds()[formula.feed]
    chosen = formula.types or tuple(feed.asset_types)
    period = max(feed.asset_types[name].period_seconds for name in chosen)
    return round((STALE_PERIODS + formula.readings - 1) * max(period, 60.0) * SECOND)


def thousandths(values: NDArray[np.float32]) -> NDArray[np.int64]:
    """In whole thousandths, the half rounded to the even one."""
    return np.rint(values.astype(np.float64) * THOUSANDTHS).astype(np.int64)


def weights(values: NDArray[np.float32]) -> NDArray[np.int64]:
    """Whole numbers, none below 0."""
    return np.rint(np.clip(values.astype(np.float64), 0, MOST_WEIGHT)).astype(np.int64)


def _part(formula: Formula, feed: Feed, types: Sequence[str], taken: Taken) -> Part:
    metrics = list(feed.metrics)
    told = taken.values[:, metrics.index(formula.metric)]
    counts = measured(told) & _of_types(formula.types, feed.id, tuple(types))[taken.slot]
    one = np.ones(len(told), np.int64)
    if formula.share:
        assert formula.limit
        return Part((_holds(told, formula.limit) & counts).astype(np.int64), one, counts)
    if formula.by:
        by = taken.values[:, metrics.index(formula.by)]
        counts &= measured(by)
        one = weights(np.where(counts, by, 0))
    return Part(thousandths(np.where(counts, told, 0)) * one, one, counts)


@lru_cache(maxsize=1024)
def _of_types(wanted: tuple[str, ...], of_feed: str, types: tuple[str, ...]) -> NDArray[np.bool_]:
    """[slots]: whether each is of one of the types that count."""
    feed = all_feeds()[of_feed]
    present = feed.type_ids
    wanted = wanted or tuple(feed.asset_types)
    return np.array([present.get(name) in wanted for name in types], np.bool_)


def _holds(values: NDArray[np.float32], limit: Limit) -> NDArray[np.bool_]:
    """NaN compares false."""
    least = np.float32(limit.value)
    found: NDArray[np.bool_] = {
        "at_least": values >= least,
        "at_most": values <= least,
        "above": values > least,
        "below": values < least,
    }[limit.name]
    return found


def sources_of(indicator: Indicator) -> tuple[str, ...]:
    """The asset types whose readings count, in sorted order."""
    assert indicator.formula
    feed = all_feeds()[indicator.formula.feed]
    return tuple(sorted(indicator.formula.types or feed.asset_types))
