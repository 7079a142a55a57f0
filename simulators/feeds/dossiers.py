"""Dossiers one by one: taken in, forwarded and decided in working time; some of them too late.

What becomes of a dossier is drawn as it is taken in. A day's are worked out at once.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.measured import NOT_MEASURED
from simulators.feeds.faults import Rates
from simulators.feeds.simulated import Events, Simulated, Tells, measures_nothing
from simulators.world import calendar
from simulators.world.calendar import Times
from simulators.world.chance import Keys, trait, uniform, whole
from simulators.world.rhythm import OFFICE
from simulators.world.working import WorkingTime
from streams.events import DAY, HOUR, MINUTE, SECOND, Micros
from streams.feeds.feed import EVENT_FIELDS
from streams.worktime.file import working_calendar

SLOT = 10 * MINUTE
IN_AN_HOUR = 6.0
"""Dossiers at the busiest of an office (assumed)."""
MOST_IN_A_SLOT = 8
TOO_LATE = 0.05
"""Of dossiers: on time are 90 to 95 of 100, as published."""
LONGEST = 40
"""Days until the last of those that were taken in on one has been decided, holidays included."""
TOLD_AGAIN: Micros = 4 * DAY + 12 * HOUR
"""A system that is started says once more what happened in so long a time: what is older and not
known is refused."""


class Procedure(NamedTuple):
    """A kind of dossier (assumed)."""

    number: int
    share: float
    hours: float
    """Promised, in working time; 0: days are."""
    days: int


PROCEDURES = (
    Procedure(1, 0.35, 4.0, 0),  # certified copies
    Procedure(2, 0.25, 0.0, 1),  # births, marriages
    Procedure(3, 0.20, 0.0, 3),  # household businesses
    Procedure(4, 0.15, 0.0, 5),  # building permits
    Procedure(5, 0.05, 0.0, 10),  # land
)
BEGUN, ENDED, FORWARDED = 1.0, 2.0, 5.0


class _Told(NamedTuple):
    """n events, in order of time."""

    office: NDArray[np.intp]
    time: Times
    values: NDArray[np.float64]
    """[n, EVENT_FIELDS]"""
    ends: Times
    """When the dossier of each is decided."""

    def take(self, which: NDArray[np.bool_]) -> "_Told":
        return _Told(self.office[which], self.time[which], self.values[which], self.ends[which])


def tell(offices: Keys, after: Micros, until: Micros) -> Events:
    """What happened after the one and up to the other."""
    told = _known(offices.tobytes(), int(calendar.day(np.array([until]))[0]))
    told = told.take((after < told.time) & (told.time <= until))
    return Events(told.office, told.time, told.values)


def standing(offices: Keys, now: Micros) -> Events:
    """What a system that is started says: all of what is open or was decided today; of what was
    decided before, that it was, as nobody may have heard."""
    told = _known(offices.tobytes(), int(calendar.day(np.array([now]))[0]))
    today = int(calendar.midnight(np.array([now]))[0])
    told = told.take((now - TOLD_AGAIN < told.time) & (told.time <= now))
    told = told.take((told.ends >= today) | (told.time == told.ends))
    return Events(told.office, told.time, told.values)


@lru_cache(maxsize=4)
def _known(offices: bytes, today: int) -> _Told:
    """All that is told of dossiers which are taken in until the end of that day, and LONGEST days
    before at most."""
    keys = np.frombuffer(offices, np.uint64)
    first = today - LONGEST
    working = WorkingTime(working_calendar(), first, today + LONGEST)
    slots = np.arange(first * DAY, (today + 1) * DAY, SLOT) - calendar.CITY_OFFSET
    slots = slots[working.is_open(slots)]
    office, slot = (each.ravel() for each in np.indices((len(keys), len(slots))))
    size = 0.4 + 0.6 * trait(keys, "size")
    rate = IN_AN_HOUR * (SLOT / HOUR) * OFFICE.at(slots)[slot] * size[office]
    count = np.minimum(whole(rate, keys[office], slots[slot], "taken in"), MOST_IN_A_SLOT)
    office, slot = (np.repeat(each, count.astype(np.int64)) for each in (office, slot))
    of = office * len(slots) + slot
    nth = np.arange(len(of)) - np.searchsorted(of, of)
    case = slots[slot] // SLOT * MOST_IN_A_SLOT + nth
    return _told(keys[office], office, slots[slot], case, working)


def _told(
    keys: Keys, office: NDArray[np.intp], slot: Times, case: Times, working: WorkingTime
) -> _Told:
    begun = slot + (uniform(keys, case, "begun") * (SLOT // SECOND)).astype(np.int64) * SECOND
    shares = np.cumsum([each.share for each in PROCEDURES])
    kind = np.searchsorted(shares[:-1], uniform(keys, case, "procedure"), "right")
    number, _, hours, days = (np.array(each)[kind] for each in zip(*PROCEDURES, strict=True))
    since = working.worked(begun)
    by_hours = working.at(since + np.round(hours * HOUR).astype(np.int64))
    due = np.where(hours > 0, by_hours, working.after_days(begun, np.maximum(days, 1)))
    promised = working.worked(due) - since
    late = uniform(keys, case, "too late") < TOO_LATE
    part = uniform(keys, case, "takes")
    takes = (np.where(late, 1.1 + 0.6 * part, 0.15 + 0.75 * part) * promised).astype(np.int64)
    ended = working.at(since + takes) // SECOND * SECOND
    soon = (20.0 + 40.0 * uniform(keys, case, "goes on")).astype(np.int64) * MINUTE
    goes_on = np.minimum(takes // 2, soon)
    forwarded = working.at(since + goes_on) // SECOND * SECOND
    none = np.full(len(case), NOT_MEASURED)
    values = [
        (begun, (BEGUN, np.where(hours > 0, hours, none), np.where(hours > 0, none, days), number)),
        (forwarded, (FORWARDED, none, none, none)),
        (ended, (ENDED, none, none, none)),
    ]
    time = np.concatenate([each for each, _ in values])
    rows = np.concatenate(
        [np.stack(np.broadcast_arrays(case.astype(float), *said), axis=1) for _, said in values]
    )
    order = np.argsort(time, kind="stable")
    assert rows.shape[1] == len(EVENT_FIELDS)
    return _Told(np.tile(office, 3)[order], time[order], rows[order], np.tile(ended, 3)[order])


SIMULATED = Simulated(
    measures_nothing,
    tells=Tells(tell, standing),
    # Its office's system tries again until it has been heard.
    rates=Rates(lost=0.0, stuck_a_day=0.0, skew=0),
)
