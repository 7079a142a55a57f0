"""The simulated city's dossiers: told in working time, some too late, and what is made of them."""

from collections import defaultdict
from functools import cache

import numpy as np
import pytest

from simulators.feeds import dossiers
from simulators.feeds.dossiers import LONGEST, PROCEDURES, SIMULATED
from simulators.feeds.simulated import Events
from simulators.world.calendar import at
from simulators.world.chance import key
from simulators.world.working import WorkingTime, reach
from streams.events import DAY, HOUR, MINUTE, SECOND, Incident, Indicated, Micros, Readings, Tick
from streams.runtime.offline import Offline
from streams.topics import CORRELATED, READINGS
from streams.worktime.calendar import is_overdue
from streams.worktime.file import read, working_calendar
from tests.support.dossiers import GATEWAY, OFFICES, Hours, hours, told
from tests.support.measured import pack, ran

MONDAY = at(2026, 11, 30)
START, END = MONDAY + 9 * HOUR + 7 * MINUTE, MONDAY + 17 * HOUR + 15 * MINUTE
TELLS = SIMULATED.tells
BEGUN, ENDED, FORWARDED = 1.0, 2.0, 5.0


def keys(seed: int = 7) -> np.ndarray:
    return np.array([key(seed, name) for name in OFFICES], np.uint64)


def between(after: Micros, until: Micros, seed: int = 7) -> Events:
    assert TELLS
    return TELLS.between(keys(seed), after, until)


@cache
def once() -> Offline:
    """A working day from nine on; read only."""
    return ran(told(START, END, MINUTE))


def on_time(offline: Offline) -> list[Indicated]:
    found = [one for one in offline.events(CORRELATED) if isinstance(one, Indicated)]
    return [one for one in found if one.indicator == "dossiers_on_time"]


def slow(events: Events) -> Hours:
    """The same of events, one case after the other, by the calendar itself."""
    calendar, cases = working_calendar(), defaultdict[tuple[int, float], dict[float, int]](dict)
    for row in range(len(events.time)):
        case, step = events.values[row][:2].tolist()
        cases[int(events.source[row]), case].setdefault(step, row)
    sums: Hours = defaultdict(lambda: [0] * 4)
    for (office, _), rows in cases.items():
        if BEGUN not in rows:
            continue
        begun = int(events.time[rows[BEGUN]])
        _, _, promised, days, procedure, _ = events.values[rows[BEGUN]].tolist()
        if np.isnan(days):
            due = calendar.after_hours(begun, promised)
        else:
            due = calendar.after_days(begun, int(days))
        for place, step in enumerate((BEGUN, FORWARDED, ENDED)):
            if step in rows:
                time = int(events.time[rows[step]])
                own = sums[OFFICES[office], time // HOUR * HOUR, int(procedure)]
                own[place] += 1
                own[3] += step == ENDED and not is_overdue(due, time)
    return dict(sorted(sums.items()))


def test_a_city_that_starts_shows_overdue_dossiers_within_a_minute_or_two() -> None:
    found = [one for one in once().events(CORRELATED) if isinstance(one, Incident)]
    late = {one.evidence[0].source for one in found if one.decided_at <= START + 2 * MINUTE}
    assert 2 <= len(late) < len(OFFICES)
    assert {one.kind for one in found if one.evidence[0].source in OFFICES} == {"high_value"}


def test_what_is_counted_by_the_hour_is_what_was_told() -> None:
    assert TELLS
    assert SIMULATED.rates.late > 0
    assert SIMULATED.rates.twice > 0
    before = TELLS.standing(keys(), START // (10 * SECOND) * (10 * SECOND))
    expected = slow(Events.joined((before, between(START - 10 * SECOND, END - 2 * MINUTE))))
    found = hours(once())
    settled = {place: own for place, own in found.items() if place[1] < MONDAY + 17 * HOUR}
    assert settled == {place: own for place, own in expected.items() if place in settled}
    assert {place[2] for place in settled} == {one.number for one in PROCEDURES}
    assert sum(own[0] for own in settled.values()) > 100


def test_on_time_is_a_quotient_of_whole_dossiers() -> None:
    last = on_time(once())[-1]
    assert (last.start, last.state) == (MONDAY, "running")
    told_by_then = [own for (_, hour, _), own in hours(once()).items() if hour < last.time]
    assert (last.numerator, last.denominator) == tuple(
        sum(own[place] for own in told_by_then) for place in (3, 2)
    )
    assert 0 < last.numerator < last.denominator


@pytest.mark.parametrize(("after", "state"), [(3 * HOUR, "ended"), (8 * HOUR, "restated")])
def test_what_comes_late_corrects_its_own_day_until_that_closes_and_restates_it_then(
    after: Micros, state: str
) -> None:
    start, nothing = MONDAY + 16 * HOUR, float("nan")
    names = ("case", "step", "promised_hours")

    def row(case: float, step: float, time: Micros, hours: float = nothing) -> Readings:
        values = dict(zip(names, (case, step, hours), strict=True))
        number = int(case * 10 + step)
        return pack(GATEWAY, [(OFFICES[0], time, values)], number, start + number)

    events = told(start, start, MINUTE)[:-1]
    for case in (1.0, 2.0):
        events.append((READINGS, row(case, BEGUN, start, 1.0), GATEWAY))
    events.append((READINGS, row(1.0, ENDED, start + 10 * MINUTE), GATEWAY))
    end = MONDAY + DAY + after
    for now in range(start + MINUTE, end + 20 * MINUTE, MINUTE):
        events.append((READINGS, Tick(now), ""))
        if now == end:
            events.append((READINGS, row(2.0, ENDED, start + 20 * MINUTE), GATEWAY))
    told_of = [one for one in on_time(ran(events)) if one.start == MONDAY]
    before = [one for one in told_of if one.time < end][-1]
    assert (before.numerator, before.denominator) == (1, 1)
    last = told_of[-1]
    assert (last.state, last.numerator, last.denominator) == (state, 2, 2)
    assert last.revision == (state == "restated")


def test_a_city_that_starts_again_says_nothing_new() -> None:
    first = told(START, START + 20 * MINUTE, MINUTE)
    again = told(START + 30 * MINUTE, START + 40 * MINUTE, MINUTE)
    ticks = range(START + 21 * MINUTE, START + 30 * MINUTE, MINUTE)
    pause = [(READINGS, Tick(now), "") for now in ticks]
    moved = [one for one in again if isinstance(one[1], Tick | Readings)]
    straight = told(START, START + 40 * MINUTE, MINUTE)
    whole, broken = hours(ran(straight)), hours(ran([*first, *pause, *moved]))
    assert broken == whole


def test_it_depends_on_seed_and_time_alone_whatever_was_asked_before() -> None:
    whole = between(START, START + HOUR)
    parts = [between(START + n * MINUTE, START + (n + 1) * MINUTE) for n in range(60)]
    joined = Events.joined(parts)
    for one, two in zip(whole, joined, strict=True):
        np.testing.assert_array_equal(one, two)
    other = between(START, START + HOUR, seed=8)
    assert other.time.tolist() != whole.time.tolist()
    days = [between(MONDAY + n * DAY, MONDAY + (n + 1) * DAY) for n in range(7)]
    taken_in = [np.count_nonzero(day.values[:, 1] == BEGUN) for day in days]
    assert min(taken_in[:5]) > 150
    assert taken_in[5:] == [0, 0], "at weekends offices are closed"


def test_working_time_for_many_instants_is_the_calendars() -> None:
    calendar = working_calendar()
    first = at(2026, 2, 9)  # Tết is in it
    day = (first + 7 * HOUR) // DAY
    working = WorkingTime(calendar, day, day + 40)
    chance = np.random.default_rng(3)
    times = first + chance.integers(0, 10 * DAY // SECOND, 60) * SECOND
    hours_of, days_of = chance.integers(1, 30, 60), chance.integers(1, 8, 60)
    ends = working.at(working.worked(times) + hours_of * HOUR)
    closes = working.after_days(times, days_of)
    for n, time in enumerate(times.tolist()):
        assert ends[n] == calendar.after_hours(time, int(hours_of[n]))
        assert closes[n] == calendar.after_days(time, int(days_of[n]))
        assert working.is_open(times)[n] == calendar.is_open(time)


@pytest.mark.parametrize(
    ("week", "off"),
    [
        ("{monday: ['08:00-09:00']}", ""),
        ("{monday: ['08:00-17:00'], friday: ['08:00-08:20']}", ""),
        (
            "{monday: ['08:00-17:00'], tuesday: ['08:00-17:00'], friday: ['08:00-17:00']}",
            "days_off:\n"
            "- {first: 2026-10-06, last: 2026-11-29, name: {vi: Nghỉ, en: Rest}}\n"
            "- {first: 2026-12-01, last: 2027-01-25, name: {vi: Nghỉ, en: Rest}}\n",
        ),
    ],
)
def test_where_few_days_are_worked_what_was_promised_is_decided_all_the_same(
    week: str, off: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = read(f"utc_offset: '+07:00'\nuntil: 2028-12-31\nweek: {week}\n{off}", "few")
    monkeypatch.setattr(dossiers, "working_calendar", lambda: few)
    today = (MONDAY + 7 * HOUR) // DAY
    now = MONDAY + 12 * HOUR
    told_of = dossiers.known.__wrapped__(keys().tobytes(), today)
    begun = told_of.values[:, 1] == BEGUN
    by_days = begun & (told_of.values[:, 3] == max(one.days for one in PROCEDURES))
    assert (told_of.ends[by_days] < now).any(), "of those that take longest some are decided"
    assert (told_of.ends[begun] >= now).any()
    later = dossiers.known.__wrapped__(keys().tobytes(), today + 7)
    for one, two in zip(_cases(told_of, now), _cases(later, now), strict=True):
        np.testing.assert_array_equal(one, two)


def _cases(told_of: dossiers.Told, now: Micros) -> list[np.ndarray]:
    """What has happened in the last days."""
    which = (now - 5 * DAY < told_of.time) & (told_of.time <= now)
    return [told_of.source[which], told_of.time[which], told_of.values[which]]


def test_by_the_citys_own_calendar_no_more_days_are_worked_out() -> None:
    first = at(2025, 1, 1) // DAY
    for day in range(first, first + 3 * 365, 5):
        assert reach(working_calendar(), day, 17, 7 * HOUR) <= LONGEST
