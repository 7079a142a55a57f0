"""Working time: when offices are open, and by when what they promised in it is due. Pure.

A promise in hours runs while offices are open. One in days runs by days on which they are: the day
on which it begins is not counted, and it ends when the last of them closes (Civil Code 2015,
articles 147 and 148).
"""

from datetime import date, timedelta
from functools import cached_property
from hashlib import sha256
from typing import NamedTuple

import msgspec

from streams.events import DAY, HOUR, Micros
from streams.words import Words

MOST_HOURS = 20_000.0
"""That anybody may promise: some ten years."""
MOST_DAYS = 2_500
LEAST_WEEK: Micros = HOUR
"""Worked in a week, so that what is promised is due before dates end."""
SUNDAY = 6
_EPOCH = date(1970, 1, 1)
_WEEK = timedelta(days=7)
_THURSDAY = 3
"""What that was."""

Span = tuple[Micros, Micros]
"""From its start up to its end, without that; within a day: since midnight."""


class DayOff(NamedTuple):
    """Days on which nobody works, both ends included."""

    first: date
    last: date
    name: Words
    tet: bool = False
    """The lunar new year, when even what is never closed goes another way."""


class _Week(NamedTuple):
    """What is worked in seven days."""

    time: Micros
    days: int


class Worked(NamedTuple):
    """A day that is worked though its weekday is not, or by other hours."""

    day: date
    spans: tuple[Span, ...]
    name: Words


class Calendar(msgspec.Struct, frozen=True, dict=True):
    """What a city has decided."""

    offset: Micros
    """Local time is ahead of UTC by so much, all year."""
    week: tuple[tuple[Span, ...], ...]
    """[7], Monday first: when offices are open; at least one day has such a time."""
    until: date
    """The last day of which holidays are known: afterwards only the week counts."""
    off: tuple[DayOff, ...] = ()
    worked: tuple[Worked, ...] = ()
    """These count before days off."""

    def day_of(self, time: Micros) -> date:
        """The local day."""
        return _EPOCH + timedelta(days=(time + self.offset) // DAY)

    def midnight(self, day: date) -> Micros:
        """The instant at which it begins."""
        return (day - _EPOCH).days * DAY - self.offset

    def spans(self, day: date) -> tuple[Span, ...]:
        """When offices are open on it, as instants, in order."""
        begins = self.midnight(day)
        return tuple((begins + start, begins + end) for start, end in self._hours(day))

    def digest(self, first: Micros, last: Micros) -> str:
        """sha256, in hex, of how each local day is worked, from that of ``first`` to that of
        ``last``: the same for two calendars that differ elsewhere, or in names."""
        days = range((first + self.offset) // DAY, (last + self.offset) // DAY + 1)
        told = [
            [self.offset, number, self.like(number), self.spans(_EPOCH + timedelta(days=number))]
            for number in days
        ]
        return sha256(msgspec.json.encode(told)).hexdigest()

    def name_of(self, day: date) -> Words | None:
        """Why it is off, or worked, other than its weekday says; None: it is as any other."""
        for worked in self.worked:
            if worked.day == day:
                return worked.name
        for off in self.off:
            if off.first <= day <= off.last:
                return off.name
        return None

    def like(self, number: int) -> int:
        """The weekday, Monday 0, that a day is like: one off like a Sunday, whatever its own; one
        that is worked though its weekday is not like the first weekday that is.

        Args:
            number: of the local day since 1970.
        """
        return self._like.get(number, (number + _THURSDAY) % 7)

    @property
    def since(self) -> date:
        """The first day of the first year of which a day off is listed, where one is."""
        return date(min((off.first.year for off in self.off), default=date.min.year), 1, 1)

    def knows(self, time: Micros) -> bool:
        """Whether holidays are known then."""
        return self.since <= self.day_of(time) <= self.until

    def is_open(self, time: Micros) -> bool:
        return any(start <= time < end for start, end in self.spans(self.day_of(time)))

    def after_hours(self, start: Micros, hours: float) -> Micros:
        """The instant at which so many hours of working time have gone by since ``start``.

        What ends as offices close is due then, not when they open again; 0 hours: ``start``.

        Raises:
            ValueError: the hours are negative, no number, or more than MOST_HOURS.
        """
        if not 0 <= hours <= MOST_HOURS:
            raise ValueError(f"{hours} working hours: give 0 to {MOST_HOURS:.0f}")
        left = round(hours * HOUR)
        if not left:
            return start
        day = self.day_of(start)
        while True:
            for opens, closes in self.spans(day):
                begins = max(opens, start)
                if left <= closes - begins:
                    return begins + left
                left -= max(closes - begins, 0)
            day += timedelta(days=1)
            while left > (worked := self._from(day).time):
                left -= worked
                day += _WEEK

    def after_days(self, start: Micros, days: int) -> Micros:
        """The instant at which offices close on the last of so many working days after that of
        ``start``.

        Raises:
            ValueError: the days are fewer than 1, or more than MOST_DAYS.
        """
        if not 1 <= days <= MOST_DAYS:
            raise ValueError(f"{days} working days: give 1 to {MOST_DAYS}")
        day, left = self.day_of(start), days
        while left:
            day += timedelta(days=1)
            while left > (worked := self._from(day).days):
                left -= worked
                day += _WEEK
            left -= bool(self._hours(day))
        return self.spans(day)[-1][1]

    def worked_between(self, start: Micros, end: Micros) -> Micros:
        """How much working time lies between two instants; 0 where the second is not later."""
        found, day = 0, self.day_of(start)
        while self.midnight(day) < end:
            for begins, ends in self.spans(day):
                found += max(min(ends, end) - max(begins, start), 0)
            day += timedelta(days=1)
        return found

    def _hours(self, day: date) -> tuple[Span, ...]:
        other = self._other.get(day)
        return self.week[day.weekday()] if other is None else other

    def _from(self, day: date) -> "_Week":
        """What is worked in the week from that day on: who promises years counts no single days."""
        if (known := self._weeks.get(day)) is None:
            hours = [self._hours(day + timedelta(days=number)) for number in range(7)]
            time = sum(end - start for spans in hours for start, end in spans)
            known = self._weeks[day] = _Week(time, sum(map(bool, hours)))
        return known

    @cached_property
    def _weeks(self) -> "dict[date, _Week]":
        """By the first day, as far as they were asked for."""
        return {}

    @cached_property
    def _like(self) -> dict[int, int]:
        """Of days that are not as their weekday says."""
        first = next(weekday for weekday, hours in enumerate(self.week) if hours)
        found: dict[int, int] = {}
        for day, hours in self._other.items():
            own = day.weekday() if self.week[day.weekday()] else first
            found[(day - _EPOCH).days] = own if hours else SUNDAY
        return found

    @cached_property
    def _other(self) -> dict[date, tuple[Span, ...]]:
        """When offices are open on days that are not as their weekday says; a promise of years asks
        for thousands of days."""
        found: dict[date, tuple[Span, ...]] = {}
        for off in self.off:
            for number in range((off.last - off.first).days + 1):
                found[off.first + timedelta(days=number)] = ()
        return found | {worked.day: worked.spans for worked in self.worked}


def is_overdue(due: Micros, time: Micros) -> bool:
    """At the instant itself it is not."""
    return time > due
