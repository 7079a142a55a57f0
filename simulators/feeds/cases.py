"""Cases that are told of one by one: how many begin, and what is told of each, in order of time.

What becomes of a case is drawn as it begins. All of some weeks are worked out at once.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.measured import NOT_MEASURED
from simulators.feeds.faults import Rates
from simulators.feeds.simulated import Events, Tells
from simulators.world import calendar
from simulators.world.calendar import Times
from simulators.world.chance import Keys, uniform, whole
from streams.events import DAY, HOUR, MINUTE, SECOND, Micros

SLOT = 10 * MINUTE
MOST_IN_A_SLOT = 8
TOLD_AGAIN: Micros = 4 * DAY + 12 * HOUR
"""A system that is started says once more what happened in so long a time: what is older and not
known is refused."""
BEGUN, ENDED, FORWARDED = 1.0, 2.0, 5.0
SENT_UNTIL_HEARD = Rates(lost=0.0, stuck_a_day=0.0, skew=0)
"""Who tells of cases tries again until it has been heard."""


class Cases(NamedTuple):
    """n of them."""

    source: NDArray[np.intp]
    """[n]: which of the gateway's sources each belongs to."""
    keys: Keys
    """[n]: of that."""
    number: Times
    """[n]: unique within the source."""
    begun: Times


class Told(NamedTuple):
    """n events, in order of time."""

    source: NDArray[np.intp]
    time: Times
    values: NDArray[np.float64]
    """[n, EVENT_FIELDS]"""
    ends: Times
    """When the case of each ends."""

    def take(self, which: NDArray[np.bool_]) -> "Told":
        return Told(self.source[which], self.time[which], self.values[which], self.ends[which])

    @property
    def events(self) -> Events:
        return Events(self.source, self.time, self.values)


def slots(first: int, last: int) -> Times:
    """The beginnings of all of these local days, both ends included."""
    found: Times = np.arange(first * DAY, (last + 1) * DAY, SLOT) - calendar.CITY_OFFSET
    return found


def drawn(keys: Keys, slots: Times, rates: NDArray[np.float64]) -> Cases:
    """Those that begin in these slots.

    Args:
        rates: [sources, slots], how many begin in each.
    """
    source, slot = (each.ravel() for each in np.indices(rates.shape))
    count = whole(rates.ravel(), keys[source], slots[slot], "begun")
    times = np.minimum(count, MOST_IN_A_SLOT).astype(np.int64)
    source, slot = np.repeat(source, times), np.repeat(slot, times)
    of = source * len(slots) + slot
    nth = np.arange(len(of)) - np.searchsorted(of, of)
    number = slots[slot] // SLOT * MOST_IN_A_SLOT + nth
    after = (uniform(keys[source], number, "begun") * (SLOT // SECOND)).astype(np.int64)
    return Cases(source, keys[source], number, slots[slot] + after * SECOND)


def one_of(shares: list[float], cases: Cases, purpose: str) -> NDArray[np.intp]:
    """[n]: which sort each is, by the shares of the sorts."""
    return np.searchsorted(np.cumsum(shares)[:-1], uniform(cases.keys, cases.number, purpose))


def told(
    cases: Cases,
    promised: tuple[NDArray[np.float64], NDArray[np.float64]],
    procedure: NDArray[np.float64],
    forwarded: Times,
    ended: Times,
) -> Told:
    """What is told of them.

    Args:
        promised: hours and days, one of the two 0.
    """
    hours, days = (np.where(each > 0, each, NOT_MEASURED) for each in promised)
    none = np.full(len(cases.number), NOT_MEASURED)
    steps = [
        (cases.begun, (BEGUN, hours, days, procedure, none)),
        (forwarded // SECOND * SECOND, (FORWARDED, none, none, none, none)),
        (ends := ended // SECOND * SECOND, (ENDED, none, none, none, none)),
    ]
    time = np.concatenate([each for each, _ in steps])
    number = cases.number.astype(np.float64)
    values = np.concatenate(
        [np.stack(np.broadcast_arrays(number, *said), axis=1) for _, said in steps]
    )
    order = np.argsort(time, kind="stable")
    source = np.tile(cases.source, len(steps))[order]
    return Told(source, time[order], values[order], np.tile(ends, len(steps))[order])


def tells(known: Callable[[bytes, int], Told]) -> Tells:
    """How a feed tells of all that is known.

    Args:
        known: of the keys of its sources, and a local day since 1970: what is told of the cases
            that have begun by its end.
    """

    def by(keys: Keys, time: Micros) -> Told:
        return known(keys.tobytes(), int(calendar.day(np.array([time]))[0]))

    def between(keys: Keys, after: Micros, until: Micros) -> Events:
        found = by(keys, until)
        return found.take((after < found.time) & (found.time <= until)).events

    def standing(keys: Keys, now: Micros) -> Events:
        """All of what is open or has ended today; of what ended before, that it did, as nobody may
        have heard."""
        found = by(keys, now)
        today = int(calendar.midnight(np.array([now]))[0])
        found = found.take((now - TOLD_AGAIN < found.time) & (found.time <= now))
        return found.take((found.ends >= today) | (found.time == found.ends)).events

    return Tells(between, standing)
