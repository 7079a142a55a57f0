"""Working time: against a model that looks at every minute, and by hand over Tết."""

import json
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from time import process_time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from streams.events import MINUTE, Micros
from streams.events.time import from_datetime, to_datetime
from streams.pipeline import known
from streams.worktime.calendar import MOST_DAYS, MOST_HOURS, is_overdue
from streams.worktime.file import OURS, CalendarError, read, read_calendar, working_calendar
from tests.support.commandline import cityops

CITY = timezone(timedelta(hours=7))
CALENDAR = read_calendar(OURS)
SMALL = """
utc_offset: "+07:00"
week: {monday: [07:30-11:30], tuesday: ["09:00-10:15", "13:00-24:00"], saturday: [00:00-02:00]}
until: 2026-12-31
days_off: [{first: 2026-06-02, last: 2026-06-08, name: {vi: Nghỉ, en: closed}}]
days_worked: [{day: 2026-06-04, hours: [22:00-23:30], name: {vi: Làm, en: worked}}]
"""


def at(text: str) -> Micros:
    return from_datetime(datetime.fromisoformat(text).replace(tzinfo=CITY))


def shown(time: Micros) -> str:
    return to_datetime(time).astimezone(CITY).strftime("%Y-%m-%d %H:%M")


Week = dict[int, list[tuple[str, str]]]


def minutes_open(
    week: Week, off: set[date], worked: dict[date, list[tuple[str, str]]]
) -> set[datetime]:
    """Minutes of June and July 2026 in which somebody works: an own model, by texts of a clock."""
    found, moment = set(), datetime(2026, 5, 25, tzinfo=CITY)
    while moment < datetime(2026, 8, 1, tzinfo=CITY):
        spans = [] if moment.date() in off else week.get(moment.weekday(), [])
        spans = worked.get(moment.date(), spans)
        clock = moment.strftime("%H:%M")
        if any(first <= clock < last for first, last in spans):
            found.add(moment)
        moment += timedelta(minutes=1)
    return found


SLOW = sorted(
    minutes_open(
        {
            0: [("07:30", "11:30")],
            1: [("09:00", "10:15"), ("13:00", "24:00")],
            5: [("00:00", "02:00")],
        },
        {date(2026, 6, 2) + timedelta(days=day) for day in range(7)},
        {date(2026, 6, 4): [("22:00", "23:30")]},
    )
)
STARTS = st.integers(0, 23 * 24 * 60).map(
    lambda minute: datetime(2026, 5, 28, tzinfo=CITY) + timedelta(minutes=minute)
)


@given(STARTS, st.integers(1, 1500))
@example(datetime(2026, 6, 1, 11, 29, tzinfo=CITY), 1)
@example(datetime(2026, 6, 1, 11, 30, tzinfo=CITY), 1)
@settings(max_examples=150, deadline=None)
def test_hours_run_as_a_model_says_that_asks_every_minute(start: datetime, minutes: int) -> None:
    calendar = read(SMALL, "small.yaml")
    open_ = [moment for moment in SLOW if moment >= start]
    due = open_[minutes - 1] + timedelta(minutes=1)
    began = from_datetime(start)
    found = calendar.after_hours(began, minutes / 60)
    assert found == from_datetime(due)
    assert calendar.worked_between(began, found) == minutes * MINUTE
    assert calendar.worked_between(began, found - 1) == minutes * MINUTE - 1
    assert calendar.is_open(began) == (start in open_[:1])


@given(STARTS, st.integers(1, 12))
@settings(max_examples=60, deadline=None)
def test_days_run_as_a_model_says_that_asks_every_minute(start: datetime, days: int) -> None:
    calendar = read(SMALL, "small.yaml")
    later = sorted({moment.date() for moment in SLOW if moment.date() > start.date()})
    closes = max(moment for moment in SLOW if moment.date() == later[days - 1])
    due = closes + timedelta(minutes=1)
    began = from_datetime(start)
    assert calendar.after_days(began, days) == from_datetime(due)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-11-30 08:00", 2, "2026-11-30 10:00"),
        ("2026-11-30 10:30", 2, "2026-11-30 14:30"),  # over noon
        ("2026-11-30 13:30", 3.5, "2026-11-30 17:00"),  # as they close, not when they open again
        ("2026-11-27 16:00", 2, "2026-11-30 08:30"),  # over a weekend
        ("2026-11-28 10:00", 1, "2026-11-30 08:30"),  # sent on a Saturday
        ("2026-02-13 16:30", 1, "2026-02-23 08:00"),  # the last half hour before Tết
        ("2027-02-04 16:00", 8.5, "2027-02-12 17:00"),  # the 10th and 11th make up for a weekend
        ("2025-04-25 16:00", 2, "2025-04-26 08:30"),  # a Saturday that is worked
        ("2025-04-29 16:00", 2, "2025-05-05 08:30"),
        ("2026-01-09 16:00", 2, "2026-01-10 08:30"),
        ("2026-11-30 20:00", 0, "2026-11-30 20:00"),
    ],
)
def test_hours_by_hand(start: str, hours: float, due: str) -> None:
    assert shown(CALENDAR.after_hours(at(start), hours)) == due


@pytest.mark.parametrize(
    ("start", "days", "due"),
    [
        ("2026-11-30 08:00", 1, "2026-12-01 17:00"),
        ("2026-11-27 16:59", 1, "2026-11-30 17:00"),
        ("2026-02-12 15:00", 1, "2026-02-13 17:00"),
        ("2026-02-12 15:00", 3, "2026-02-24 17:00"),
        ("2025-01-24 09:00", 1, "2025-02-03 17:00"),
        ("2026-08-21 09:00", 1, "2026-08-22 17:00"),  # worked instead of the 31st
        ("2026-08-28 09:00", 1, "2026-09-03 17:00"),
        ("2028-04-28 09:00", 2, "2028-05-04 17:00"),
    ],
)
def test_days_by_hand(start: str, days: int, due: str) -> None:
    assert shown(CALENDAR.after_days(at(start), days)) == due


@pytest.mark.parametrize("hours", [MOST_HOURS, 19_999.25])
def test_a_promise_of_years_is_as_long_as_it_says_and_soon_worked_out(hours: float) -> None:
    """Who sends seconds for hours would keep a worker for minutes, day by day."""
    starts = [at("2026-01-05 08:00") + day * 25 * 60 * MINUTE for day in range(300)]
    began = process_time()
    due = [CALENDAR.after_hours(start, hours) for start in starts]
    assert process_time() - began < 0.5, "day by day it takes 2.5 s"
    for start, end in [*zip(starts, due, strict=True)][::100]:
        assert CALENDAR.worked_between(start, end) == round(hours * 60) * MINUTE
        assert CALENDAR.worked_between(start, end - 1) < round(hours * 60) * MINUTE
        days = CALENDAR.after_days(start, MOST_DAYS)
        first, last = CALENDAR.day_of(start), CALENDAR.day_of(days)
        between = (first + timedelta(number) for number in range(1, (last - first).days + 1))
        assert sum(bool(CALENDAR.spans(day)) for day in between) == MOST_DAYS
        assert days == CALENDAR.spans(last)[-1][1]


def test_it_is_overdue_only_after_the_instant() -> None:
    due = CALENDAR.after_hours(at("2026-11-30 08:00"), 2)
    assert [is_overdue(due, due + step) for step in (-1, 0, 1)] == [False, False, True]


def test_the_law_gives_so_many_days_off_a_year() -> None:
    """New Year 1, Tết 5, Hùng kings 1, 30 April and 1 May 2, National Day 2: eleven that would else
    be worked, whatever weekday they fall on; what was exchanged is worked on another day."""
    for year, worked in ((2025, 1), (2026, 2), (2027, 0), (2028, 0)):
        day, off = date(year, 1, 1), 0
        while day.year == year:
            off += day.weekday() < 5 and not CALENDAR.spans(day)
            day += timedelta(days=1)
        assert off == 11 + worked
        assert sum(one.day.year == year for one in CALENDAR.worked) == worked
    assert CALENDAR.knows(at("2028-12-31 23:59"))
    assert not CALENDAR.knows(at("2029-01-01 00:00"))
    assert CALENDAR.knows(at("2025-01-01 00:00"))
    assert not CALENDAR.knows(at("2024-12-31 23:59"))


@pytest.mark.parametrize("hours", [-1, float("nan"), float("inf"), 1e9])
def test_no_such_hours_are_promised(hours: float) -> None:
    with pytest.raises(ValueError, match="working hours"):
        CALENDAR.after_hours(0, hours)
    with pytest.raises(ValueError, match="working days"):
        CALENDAR.after_days(0, 0)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"+07:00"', "seven", "utc_offset: 'seven'"),
        ("monday", "mon", "no day 'mon'"),
        ("07:30-11:30", "7-11", "week: monday: '7-11': give hours"),
        ("07:30-11:30", "11:30-07:30", "ends before it begins"),
        ("13:00-24:00", "10:00-24:00", "begins before the one before it ends"),
        ("last: 2026-06-08", "last: 2026-06-01", "is before first"),
        ("last: 2026-06-08", "last: 2026-12-30", "more than 60 days"),
        ("until: 2026-12-31", "until: 2026-06-03", "after until"),
        ("until: 2026-12-31", "til: 2026-12-31", "til"),
        ("until: 2026-12-31", "until: soon", "until"),
        ("{vi: Nghỉ, en: closed}", "Nghỉ", "days_off 1: name: give {vi"),
        (
            "days_worked: [",
            "days_worked: [{day: 2026-06-04, name: {vi: a, en: b}}, ",
            "days_worked 2: 2026-06-04 is in days_worked 1, too",
        ),
        (
            "days_off: [",
            "days_off: [{first: 2026-06-08, name: {vi: a, en: b}}, ",
            "days_off 2: 2026-06-08",
        ),
        ("days_off: [", "days_off: [nothing, ", "days_off 1: "),
        (SMALL, "a: [", "small.yaml: line"),
        (SMALL, "[]", "begin with a copy"),
        (SMALL, '{utc_offset: "+07:00", week: {}, until: 2026-01-01}', "no day is worked"),
        (
            SMALL,
            '{utc_offset: "+07:00", week: {monday: [07:30-08:29]}, until: 2026-01-01}',
            "less than an hour of it is worked",
        ),
    ],
)
def test_what_is_wrong_with_a_file_is_one_line(old: str, new: str, said: str) -> None:
    assert old in SMALL
    with pytest.raises(CalendarError) as raised:
        read(SMALL.replace(old, new), "small.yaml")
    (line,) = str(raised.value).splitlines()
    assert line.startswith("small.yaml: ")
    assert said in line


def test_a_city_has_a_calendar_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "city.yaml"
    file.write_text(SMALL)
    environment = {"CITYOPS_WORKING_CALENDAR": str(file)}
    ours = cityops("deadline", "2026-06-01 11:00", "--hours", "1")
    assert "due 2026-06-01 14:00:00 (UTC+07:00)" in ours.stdout
    try:
        working_calendar.cache_clear()
        own = cityops("deadline", "2026-06-01 11:00", "--hours", "1", env=environment)
        assert own.stdout.splitlines() == [
            "due 2026-06-04 22:30:00 (UTC+07:00)",
            "  2026-06-02 off: Nghỉ · closed",
            "  2026-06-03 off: Nghỉ · closed",
            "  2026-06-04 worked: Làm · worked",
        ]
        working_calendar.cache_clear()
        file.unlink()
        gone = cityops("deadline", "2026-06-01 11:00", "--hours", "1", env=environment)
        assert (gone.exit_code, gone.stdout) == (2, "")
        assert str(file) in gone.stderr
        monkeypatch.setenv(*environment.popitem())
        with pytest.raises(CalendarError, match="cannot be read"):
            known()  # which every part, and `up`, calls at its start
    finally:
        working_calendar.cache_clear()


def test_the_longest_promise_in_the_shortest_week_is_due_before_dates_end() -> None:
    file = 'utc_offset: "+07:00"\nweek: {monday: [07:30-08:30]}\nuntil: 2026-01-01'
    due = read(file, "file").after_hours(at("2026-11-30 07:30"), MOST_HOURS)
    assert shown(due) == "2410-03-15 08:30"


def test_beyond_the_years_that_are_known_it_says_so() -> None:
    found = cityops("deadline", "2029-02-12 08:00", "--days", "1")
    assert "holidays before 2025-01-01 and after 2028-12-31 are not known" in found.stdout
    found = cityops("deadline", "2024-12-31 08:00", "--days", "2", "--json")
    assert json.loads(found.stdout)["holidays_known"] is False
    assert cityops("deadline", "2029-02-12 08:00").exit_code == 2
    assert cityops("deadline", "2026-02-12 08:00", "--days", "0").exit_code == 2
    assert cityops("deadline", "9999-12-31 08:00", "--days", "9").exit_code == 2


def test_which_weekday_a_day_is_like() -> None:
    def like(*day: int) -> int:
        return CALENDAR.like((date(*day) - date(1970, 1, 1)).days)

    assert [like(2026, 11, 23 + number) for number in range(7)] == [*range(7)]
    assert like(2026, 9, 2) == 6, "a holiday on a Wednesday"
    assert like(2026, 2, 14) == 6, "and one on a Saturday"
    assert like(2026, 8, 22) == 0, "a Saturday that is worked instead"
    assert [one.first.year for one in CALENDAR.off if one.tet] == [2025, 2026, 2027, 2028]
