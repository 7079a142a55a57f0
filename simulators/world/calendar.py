"""Days of the city: local time, weekends and the public holidays of Việt Nam."""

from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from streams.events import DAY, HOUR, Micros

CITY_OFFSET: Micros = 7 * HOUR
"""Hải Phòng keeps UTC+7 all year."""
Times = NDArray[np.int64]
"""[…]: Micros."""

TET = (
    date(2024, 2, 10), date(2025, 1, 29), date(2026, 2, 17), date(2027, 2, 6), date(2028, 1, 26),
    date(2029, 2, 13), date(2030, 2, 3),
)  # fmt: skip
"""First day of each lunar year. The law gives five days; as a rule from the day before it."""
TET_DAYS = range(-1, 5)
KINGS = (
    date(2024, 4, 18), date(2025, 4, 7), date(2026, 4, 26), date(2027, 4, 16), date(2028, 4, 4),
    date(2029, 4, 23), date(2030, 4, 12),
)  # fmt: skip
"""The Hùng kings' day: the tenth of the third lunar month."""
EVERY_YEAR = ((1, 1), (4, 30), (5, 1), (9, 1), (9, 2))
YEARS = range(2024, 2031)
"""Beyond these years only weekends are known."""
SATURDAY, SUNDAY = 5, 6
_EPOCH = date(1970, 1, 1)
_THURSDAY = 3
"""What the first day of 1970 was."""


def hour_at(time: Micros) -> float:
    """Local hour of the day, 0–24."""
    return (time + CITY_OFFSET) % DAY / HOUR


def _numbers(days: list[date]) -> NDArray[np.int64]:
    return np.array(sorted({(day - _EPOCH).days for day in days}), np.int64)


_TET = _numbers([first + timedelta(day) for first in TET for day in TET_DAYS])
_HOLIDAYS = np.union1d(
    _TET, _numbers([*KINGS, *(date(year, *day) for year in YEARS for day in EVERY_YEAR)])
)


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
    """Monday is 0."""
    return (day(times) + _THURSDAY) % 7


def is_tet(times: Times) -> NDArray[np.bool_]:
    return np.isin(day(times), _TET)


def is_holiday(times: Times) -> NDArray[np.bool_]:
    """Tết included."""
    return np.isin(day(times), _HOLIDAYS)


def is_working(times: Times) -> NDArray[np.bool_]:
    """Monday to Friday, but holidays."""
    return (weekday(times) < SATURDAY) & ~is_holiday(times)


def at(year: int, month: int, day: int, hour: float = 0.0) -> Micros:
    """The instant of a local time."""
    return (date(year, month, day) - _EPOCH).days * DAY + round(hour * HOUR) - CITY_OFFSET
