"""Reads a calendar of working time; what is wrong with it is one line that names file and place."""

import re
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from models.files import SMALL, read_file
from streams import settings
from streams.events import HOUR, MINUTE, Micros
from streams.feeds.file import Wrong, converted, document, with_words
from streams.words import Words
from streams.worktime.calendar import LEAST_WEEK, Calendar, DayOff, Span, Worked

OURS = Path(__file__).with_name("haiphong.yaml")
DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LONGEST_OFF = 60
"""Days off in a row: more is a mistake in a year or a month."""
MOST_ENTRIES = 1_000
_OFFSET = re.compile(r"([+-])([01]\d):([0-5]\d)")
_SPAN = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-([01]\d|2[0-3]|24(?=:00)):([0-5]\d)")


class CalendarError(settings.SettingError):
    """A calendar's file says something that cannot be; the message names the file and the place."""


class _Off(msgspec.Struct, forbid_unknown_fields=True):
    first: date
    name: Words
    last: date | None = None
    tet: bool = False


class _Worked(msgspec.Struct, forbid_unknown_fields=True):
    day: date
    name: Words
    hours: list[str] = []


class _File(msgspec.Struct, forbid_unknown_fields=True):
    utc_offset: str
    week: dict[str, list[str]]
    until: date
    days_off: list[Any] = []
    days_worked: list[Any] = []


class _Taken(NamedTuple):
    """A day that a line of the file is about, and what it calls the line."""

    day: date
    label: str


@cache
def working_calendar() -> Calendar:
    """The city's own where ``CITYOPS_WORKING_CALENDAR`` names a file, else that of Hải Phòng.

    Raises:
        CalendarError: as of ``read_calendar``.
    """
    named = settings.load().working_calendar
    return read_calendar(Path(named) if named else OURS)


def read_calendar(path: Path) -> Calendar:
    """That of a file.

    Raises:
        CalendarError: as of ``read``, or it cannot be read, or is no UTF-8.
    """
    try:
        return read(read_file(path, SMALL).decode("utf-8"), str(path))
    except OSError as error:
        raise CalendarError(f"{path} cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise CalendarError(f"{path}: it is not UTF-8: save it as that") from None


def read(text: str, where: str) -> Calendar:
    """The calendar that a file describes.

    Raises:
        CalendarError: it is no YAML, lacks a field, has one too many or of the wrong type, or says
            what cannot be.
    """
    try:
        return _calendar(document(text))
    except Wrong as wrong:
        raise CalendarError(f"{where}: {wrong}") from None


def _calendar(data: Any) -> Calendar:
    if not isinstance(data, dict):
        raise Wrong("give fields with their values: begin with a copy of the product's calendar")
    told: _File = converted(data, _File, "")
    if strange := [day for day in told.week if day not in DAYS]:
        raise Wrong(f"week: there is no day {strange[0]!r}; days are {', '.join(DAYS)}")
    week = tuple(_spans(told.week.get(day, []), f"week: {day}") for day in DAYS)
    if not any(week):
        raise Wrong("week: no day is worked: give hours to one at least")
    if sum(end - start for day in week for start, end in day) < LEAST_WEEK:
        raise Wrong("week: less than an hour of it is worked: give more")
    if len(told.days_off) + len(told.days_worked) > MOST_ENTRIES:
        raise Wrong(f"days_off and days_worked: give {MOST_ENTRIES} lines at most")
    off = tuple(
        _off(one, f"days_off {number}: ") for number, one in enumerate(told.days_off, start=1)
    )
    usual = next(hours for hours in week if hours)
    worked = tuple(
        _worked(one, usual, f"days_worked {number}: ")
        for number, one in enumerate(told.days_worked, start=1)
    )
    _once(
        _Taken(one.first + timedelta(days=day), f"days_off {number}")
        for number, one in enumerate(off, start=1)
        for day in range((one.last - one.first).days + 1)
    )
    _once(_Taken(one.day, f"days_worked {number}") for number, one in enumerate(worked, start=1))
    for number, one in enumerate(off, start=1):
        if one.last > told.until:
            raise Wrong(f"days_off {number}: {one.last} is after until, {told.until}")
    return Calendar(_offset(told.utc_offset), week, told.until, off, worked)


def _off(data: Any, label: str) -> DayOff:
    one: _Off = converted(with_words(data, ("name",), label), _Off, label)
    last = one.last or one.first
    if last < one.first:
        raise Wrong(f"{label}last, {last}, is before first, {one.first}")
    if (last - one.first).days >= LONGEST_OFF:
        raise Wrong(f"{label}{one.first} to {last} are more than {LONGEST_OFF} days")
    return DayOff(one.first, last, one.name, one.tet)


def _worked(data: Any, usual: tuple[Span, ...], label: str) -> Worked:
    one: _Worked = converted(with_words(data, ("name",), label), _Worked, label)
    return Worked(one.day, _spans(one.hours, f"{label}hours") or usual, one.name)


def _once(days: Any) -> None:
    """Raises Wrong where two lines are about one day."""
    taken: dict[date, str] = {}
    for day, label in days:
        if day in taken:
            raise Wrong(f"{label}: {day} is in {taken[day]}, too")
        taken[day] = label


def _spans(told: list[str], label: str) -> tuple[Span, ...]:
    found: list[Span] = []
    for text in told:
        parts = _SPAN.fullmatch(text)
        if parts is None:
            raise Wrong(f"{label}: {text!r}: give hours such as 07:30-11:30")
        start, end = (_of_day(*parts.group(at, at + 1)) for at in (1, 3))
        if end <= start:
            raise Wrong(f"{label}: {text} ends before it begins")
        if found and start < found[-1][1]:
            raise Wrong(f"{label}: {text} begins before the one before it ends")
        found.append((start, end))
    return tuple(found)


def _of_day(hours: str, minutes: str) -> Micros:
    return int(hours) * HOUR + int(minutes) * MINUTE


def _offset(text: str) -> Micros:
    parts = _OFFSET.fullmatch(text)
    if parts is None or int(parts[2]) > 14:
        raise Wrong(f"utc_offset: {text!r}: give one such as +07:00, in quotes")
    ahead = _of_day(parts[2], parts[3])
    return ahead if parts[1] == "+" else -ahead
