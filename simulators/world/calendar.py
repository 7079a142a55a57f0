"""Days of the city: local time, weekends and holidays, by its calendar of working time."""

from datetime import date
from functools import cache

import numpy as np
from numpy.typing import NDArray

from streams.events import DAY, HOUR, Micros
from streams.worktime.file import working_calendar

CITY_OFFSET: Micros = 7 * HOUR
"""Hải Phòng keeps UTC+7 all year."""
Times = NDArray[np.int64]
"""[…]: Micros."""

SATURDAY, SUNDAY = 5, 6
_EPOCH = date(1970, 1, 1)


def hour_at(time: Micros) -> float:
    """Local hour of the day, 0–24."""
    return (time + CITY_OFFSET) % DAY / HOUR


@cache
def _tet() -> NDArray[np.int64]:
    """Its days, counted from 1970."""
    found = [
        (one.first - _EPOCH).days + day
        for one in working_calendar().off
        for day in range((one.last - one.first).days + 1)
        if one.tet
    ]
    return np.array(found, np.int64)


def day(times: Times) -> Times:
    """The local day, counted from 1970."""
    counted: Times = (times + CITY_OFFSET) // DAY
    return counted


def midnight(times: Times) -> Times:
    """The instant at which each one's local day began."""
    return day(times) * DAY - CITY_OFFSET


def hour(times: Times) -> NDArray[np.float64]:
    """Local, 0 to 24."""
    local: NDArray[np.float64] = ((times + CITY_OFFSET) % DAY) / HOUR
    return local


def weekday(times: Times) -> Times:
    """Monday is 0; that which each day is like: a holiday is like a Sunday."""
    days, like = day(times), working_calendar().like
    if not days.size:
        return days
    first = int(days.min())
    table = np.array([like(number) for number in range(first, int(days.max()) + 1)], np.int64)
    found: Times = table[days - first]
    return found


def is_tet(times: Times) -> NDArray[np.bool_]:
    return np.isin(day(times), _tet())


def is_working(times: Times) -> NDArray[np.bool_]:
    """Monday to Friday, but holidays; and days that are worked instead."""
    return weekday(times) < SATURDAY


def at(year: int, month: int, day: int, hour: float = 0.0) -> Micros:
    """The instant of a local time."""
    return (date(year, month, day) - _EPOCH).days * DAY + round(hour * HOUR) - CITY_OFFSET
