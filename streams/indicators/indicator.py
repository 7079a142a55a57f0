"""What an indicator is: a figure by which the city is judged. It is data, a part of a YAML file.

Its value is a quotient of two whole numbers, which sums of any part of the readings add up to: so
it does not matter who added what first, nor where.
"""

from collections.abc import Callable
from typing import Literal, NamedTuple

import msgspec

from streams.events import DAY, HOUR, MINUTE, Micros
from streams.settings import SettingError
from streams.words import Words

THOUSANDTHS = 1000
"""Values of readings are taken in thousandths of their unit, and so is an indicator's value."""
ZONE: Micros = 7 * HOUR
"""The city's time is that much ahead of UTC, in summer and winter."""
MOST_WEIGHT = 10**7
"""No reading weighs more."""

PeriodName = Literal["hour", "day", "month", "year"]
Says = Literal["published", "elsewhere", "proposed", "nobody"]


class IndicatorError(SettingError):
    """A file says something that cannot be; the message names the file and the place."""


class Formula(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What is made of a feed's readings: one of ``mean``, ``share``, ``total``, ``places``
    and ``cases``."""

    feed: str
    types: tuple[str, ...] = ()
    """Asset types whose readings count; empty: all of the feed's."""
    mean: str = ""
    """A metric: the mean of its readings …"""
    by: str = ""
    """… weighted by another of the same reading, rounded to a whole number."""
    share: str = ""
    """A metric: how many of its readings, in percent, are as the limit says."""
    total: str = ""
    """A metric: what the newest readings of all sources add up to."""
    places: str = ""
    """A metric: of how many sources the newest readings are as the limit says."""
    readings: int = 1
    """Of ``places``: so many in a row."""
    cases: Literal["", "in_time", "succeeded"] = ""
    """Of a feed that counts events: how many of the cases that ended in the period, in percent, did
    so in the working time that was promised, each in the hour of its own end; of one that tallies
    them, how many succeeded."""
    at_least: float | None = None
    at_most: float | None = None
    above: float | None = None
    below: float | None = None

    @property
    def metric(self) -> str:
        return self.mean or self.share or self.total or self.places

    @property
    def is_level(self) -> bool:
        """Whether it is how things stand, and not what has happened within its period."""
        return bool(self.total or self.places)

    @property
    def limit(self) -> "Limit | None":
        for name in LIMITS:
            value = getattr(self, name)
            if value is not None:
                return Limit(name, value)
        return None

    def value(self, numerator: int, denominator: int) -> int | None:
        """In thousandths of the indicator's unit, the half rounded up; None: it has none."""
        if self.is_level:
            return numerator if self.total else numerator * THOUSANDTHS
        if denominator <= 0:
            return None
        parts = bool(self.share or self.cases)
        scaled = numerator * 100 * THOUSANDTHS if parts else numerator
        return (2 * scaled + denominator) // (2 * denominator)


LIMITS = ("at_least", "at_most", "above", "below")


class Limit(NamedTuple):
    """What the value of a reading is compared with."""

    name: str
    value: float


class Indicator(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """See the module. Texts are for people, in both languages."""

    id: str
    name: Words
    unit: Words
    direction: Literal["up", "down"]
    """Where it gets better."""
    period: PeriodName
    target: float | None = None
    """In its unit, itself still good; None: nobody has set one."""
    says: Says = "proposed"
    """Who sets it: published for this city, elsewhere, or proposed with CityOps."""
    responsible: Words
    """The unit that answers for it."""
    legal: Words
    """What it rests on."""
    formula: Formula | None = None
    needs: Words | None = None
    """Instead of a formula: what would have to be delivered that it could be computed."""

    @property
    def goal(self) -> int | None:
        """The target in thousandths."""
        return None if self.target is None else round(self.target * THOUSANDTHS)

    def is_met(self, value: int) -> bool:
        """Whether a value, in thousandths, is as good as the target; True where there is none."""
        if self.goal is None:
            return True
        return value >= self.goal if self.direction == "up" else value <= self.goal


class Span(NamedTuple):
    """A period, in Micros."""

    start: Micros
    end: Micros


def _day(time: Micros) -> Span:
    start = (time + ZONE) // DAY * DAY - ZONE
    return Span(start, start + DAY)


def _hour(time: Micros) -> Span:
    start = time // HOUR * HOUR
    return Span(start, start + HOUR)


def _month(time: Micros) -> Span:
    year, month, _ = civil((time + ZONE) // DAY)
    after = (year + 1, 1) if month == 12 else (year, month + 1)
    return Span(days(year, month, 1) * DAY - ZONE, days(*after, 1) * DAY - ZONE)


def _year(time: Micros) -> Span:
    year, _, _ = civil((time + ZONE) // DAY)
    return Span(days(year, 1, 1) * DAY - ZONE, days(year + 1, 1, 1) * DAY - ZONE)


_SPANS: dict[PeriodName, Callable[[Micros], Span]] = {
    "hour": _hour,
    "day": _day,
    "month": _month,
    "year": _year,
}
OPEN_FOR: dict[PeriodName, Micros] = {
    "hour": 30 * MINUTE,
    "day": 6 * HOUR,
    "month": DAY,
    "year": 7 * DAY,
}
"""So long after its end, and its feed's lateness, a period takes what comes late."""
KEPT: dict[PeriodName, int] = {"hour": 26, "day": 9, "month": 2, "year": 1}
"""So many closed periods are kept to be restated."""


def span(period: PeriodName, time: Micros) -> Span:
    """The period, in the city's time, in which that lies."""
    return _SPANS[period](time)


def civil(number: int) -> tuple[int, int, int]:
    """Year, month and day of the n-th day since 1970, in the proleptic Gregorian calendar.

    By Howard Hinnant's ``civil_from_days``: whole numbers only, for any time there may be.
    """
    number += 719_468
    era, of_era = divmod(number, 146_097)
    year = (of_era - of_era // 1460 + of_era // 36_524 - of_era // 146_096) // 365
    of_year = of_era - (365 * year + year // 4 - year // 100)
    shifted = (5 * of_year + 2) // 153
    day = of_year - (153 * shifted + 2) // 5 + 1
    month = shifted + 3 if shifted < 10 else shifted - 9
    return year + era * 400 + (month <= 2), month, day


def days(year: int, month: int, day: int) -> int:
    """Since 1970; the other way round."""
    year -= month <= 2
    era, of_era = divmod(year, 400)
    of_year = (153 * (month - 3 if month > 2 else month + 9) + 2) // 5 + day - 1
    return era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
