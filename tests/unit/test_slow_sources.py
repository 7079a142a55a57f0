"""Sources whose link is slow, or whose clock is wrong: heard, judged and never taken for dead."""

import math

import pytest

from streams.events import BAD, MINUTE, SECOND, Incident, Micros, Removed, Rule, Tick
from streams.sensors.lag import AHEAD, MOST_LATENESS
from tests.support.loops import PERIOD, START, Driver, Row, controls, loop, pack

JAM = Rule("jam", "congestion", "medium", parameters={"hold_seconds": 10, "clear_seconds": 10})
QUIET = Rule("quiet", "no_data", "high", parameters={"least_seconds": 20})
FREE, JAMMED = (600.0, 10.0, 45.0), (100.0, 80.0, 3.0)


def sent(
    values: list[tuple[float, float, float]], *, late: Micros = 0, ahead: Micros = 0, start: int = 1
) -> list[tuple[Micros, Row]]:
    """(when it arrives, reading) of source a, one each PERIOD."""
    return [
        (START + step * PERIOD + late, ("a", START + step * PERIOD + ahead, *reading))
        for step, reading in enumerate(values, start)
    ]


def play(arrivals: list[tuple[Micros, Row]], seconds: int, *rules: Rule) -> Driver:
    """With a tick each second; a pack for each reading."""
    driver = Driver().city("a", "b", rules=rules)
    waiting = sorted(arrivals, key=lambda item: item[0])
    number = 0
    for now in range(START + SECOND, START + (seconds + 1) * SECOND, SECOND):
        while number < len(waiting) and waiting[number][0] < now:
            driver.feed(pack([waiting[number][1]], number + 1, waiting[number][0]))
            number += 1
        driver.feed(Tick(now))
    return driver


def of(driver: Driver, kind: str) -> list[Incident]:
    return [one for one in driver.incidents if one.kind == kind and one.sources == ("a",)]


@pytest.mark.parametrize("late_s", [0, 1, 2, 3, 4, 10, 29, 61, 180])
def test_a_slow_link_is_heard_and_its_jam_is_found(late_s: int) -> None:
    values = [FREE] * 12 + [JAMMED] * 24 + [FREE] * 24
    driver = play(sent(values, late=late_s * SECOND), 360 + 2 * late_s, JAM, QUIET)
    # Before the first arrives nothing has been heard of it.
    first, last = START + late_s * SECOND, START + len(values) * PERIOD
    assert [one for one in of(driver, "no_data") if first < one.start < last] == []
    opened, ended = of(driver, "congestion")
    prompt = play(sent(values), 360, JAM, QUIET)
    expected, end = of(prompt, "congestion")
    assert (opened.start, ended.end) == (expected.start, end.end)
    assert opened.id == expected.id
    assert opened.decided_at >= expected.decided_at
    assert [row[4] for row in driver.rows] == [0] * len(values)


@pytest.mark.parametrize("late_s", [3, 30])
def test_a_source_that_dies_is_missed_however_slow_its_link_was(late_s: int) -> None:
    driver = play(sent([FREE] * 24, late=late_s * SECOND), 360, QUIET)
    *_, missed = of(driver, "no_data")
    last_arrival = START + 24 * PERIOD + late_s * SECOND
    assert 0 <= last_arrival - missed.start <= 3 * SECOND
    assert missed.subject == ""


def test_a_link_that_recovers_is_waited_for_no_longer() -> None:
    values = [FREE] * 20
    slow = sent(values, late=20 * SECOND)
    quick = sent([FREE] * 40 + [JAMMED] * 10, start=30)
    driver = play(slow + quick, 420, JAM)
    (opened,) = of(driver, "congestion")
    assert opened.decided_at - opened.start <= 15 * SECOND


def test_a_backlog_holds_back_nothing_that_is_live() -> None:
    live = sent([FREE] * 20 + [JAMMED] * 12)
    old = [
        (START + 60 * SECOND + n * SECOND // 2, ("a", START - 10_000 * SECOND + n * PERIOD, *FREE))
        for n in range(60)
    ]
    driver = play(live + old, 180, JAM, QUIET)
    alone = play(live, 180, JAM, QUIET)
    assert driver.incidents == alone.incidents
    assert driver.counts["late"] == 60


@pytest.mark.parametrize("ahead_s", [1, 4, 6, 30, 300, 590])
def test_a_clock_that_is_ahead_makes_no_dead_source(ahead_s: int) -> None:
    values = [FREE] * 60
    driver = play(sent(values, ahead=ahead_s * SECOND), 290, QUIET)
    assert of(driver, "no_data") == []


@pytest.mark.parametrize("ahead_s", [6, 300])
def test_a_source_that_dies_is_missed_however_far_its_clock_was_ahead(ahead_s: int) -> None:
    driver = play(sent([FREE] * 24, ahead=ahead_s * SECOND), 24 * 5 + 60, QUIET)
    (missed,) = of(driver, "no_data")
    assert abs(missed.start - (START + 24 * PERIOD)) <= 2 * SECOND


@pytest.mark.parametrize("step_s", [-300, -30, 30, 300])
def test_a_clock_that_steps_back_to_what_it_should_be_makes_no_dead_source(step_s: int) -> None:
    wrong = sent([FREE] * 24, ahead=step_s * SECOND)
    right = sent([FREE] * 48, start=25)
    driver = play(wrong + right, 355, QUIET)
    assert of(driver, "no_data") == []


def test_a_source_that_comes_back_ends_its_incident_when_it_was_heard() -> None:
    first = sent([FREE] * 6, late=10 * SECOND)
    again = sent([FREE] * 6, late=10 * SECOND, start=30)
    driver = play(first + again, 200, QUIET)
    opened, ended = of(driver, "no_data")
    back = START + 30 * PERIOD + 10 * SECOND
    assert ended.end is not None
    assert 0 <= back - ended.end <= 3 * SECOND
    assert opened.id == ended.id


@pytest.mark.parametrize(
    "values",
    [(math.nan,) * 3, (-1.0, 200.0, 65535.0), (math.inf,) * 3, (math.nan, math.nan, -math.inf)],
)
@pytest.mark.parametrize("late_s", [0, 3])
def test_a_source_without_usable_values_is_no_sign_of_life(
    values: tuple[float, float, float], late_s: int
) -> None:
    driver = play(sent([FREE] * 4 + [values] * 12, late=late_s * SECOND), 85, QUIET)
    (missed,) = of(driver, "no_data")
    assert missed.subject == "unusable"
    assert missed.decided_at <= START + (20 + 20 + late_s + 10) * SECOND
    assert all(row[4] & BAD for row in driver.rows[5:])


def test_one_that_says_something_again_has_data() -> None:
    values = [FREE] * 4 + [(math.nan,) * 3] * 12 + [(math.nan, 5.0, math.nan)] * 4
    opened, ended = of(play(sent(values), 110, QUIET), "no_data")
    assert opened.subject == ended.subject == "unusable"
    assert ended.end == START + 17 * PERIOD


def amounts(driver: Driver) -> list[tuple[str, float, bool]]:
    """(amount, seconds since the start, over) of what was found of clocks."""
    return [
        (one.subject, (one.decided_at - START) / SECOND, one.end is not None)
        for one in driver.incidents
        if one.kind == "clock_error"
    ]


@pytest.mark.parametrize("off_s", [-300, -60, -15, 7, 30, 300, 3600, 40 * 86_400])
def test_a_clock_that_is_wrong_is_named_with_the_amount(off_s: int) -> None:
    values = [FREE] * 24
    wrong = sent(values, ahead=off_s * SECOND)
    right = sent(values, start=25)
    driver = play(wrong + right, 250)
    (opened, ended) = amounts(driver)
    assert abs(int(opened[0].removesuffix(" s")) - off_s) <= 1
    assert opened[1] <= 40
    assert ended[0] == opened[0]
    assert ended[1:] == (126.0, True)
    for incident in driver.incidents:
        assert incident.sources == ("a",)


@pytest.mark.parametrize("off_s", [-8, -3, 0, 1, 4])
def test_a_clock_that_is_right_within_what_a_link_takes_is_not_named(off_s: int) -> None:
    assert amounts(play(sent([FREE] * 40, ahead=off_s * SECOND), 190)) == []


def test_a_backlog_is_no_wrong_clock() -> None:
    old = [
        (START + (60 + n // 10) * SECOND, ("a", START - 9_000 * SECOND + n * PERIOD, *FREE))
        for n in range(60)
    ]
    assert amounts(play(sent([FREE] * 30) + old, 150)) == []
    assert amounts(play(old, 150)) == []


def test_a_clock_that_steps_to_another_wrong_time_is_another_error() -> None:
    first = sent([FREE] * 12, ahead=60 * SECOND)
    then = sent([FREE] * 12, ahead=300 * SECOND, start=13)
    found = amounts(play(first + then, 125))
    assert [(int(amount.removesuffix(" s")) // 10, over) for amount, _, over in found] == [
        (6, False),
        (6, True),
        (30, False),
    ]


def test_clocks_of_one_gateway_are_wrong_together() -> None:
    rows = [(time, [row, ("b", *row[1:])]) for time, row in sent([FREE] * 12, ahead=90 * SECOND)]
    driver = Driver().city("a", "b")
    for number, (time, pair) in enumerate(rows):
        driver.feed(Tick(time - SECOND), pack(pair, number + 1, time), Tick(time))
    (incident,) = driver.incidents
    assert incident.sources == ("a", "b")
    driver.reload()
    driver.feed(*controls([Removed("source", "a"), Removed("source", "b")], first=9))
    driver.feed(Tick(driver.state[""].tick + SECOND))
    assert driver.incidents[-1].end is not None


@pytest.mark.parametrize("jump_s", [60, 200, 3_600, 40 * 86_400])
def test_where_time_resumes_elsewhere_nobody_is_slow_or_wrong(jump_s: int) -> None:
    driver = play(sent([FREE] * 8), 42, QUIET)
    resumed = START + (42 + jump_s) * SECOND
    driver.feed(Tick(resumed, True))
    # One that was stamped before, and a source that is new, while what is under way still comes.
    driver.feed(*controls([loop("c")], first=9))
    driver.feed(pack([("a", START + 45 * SECOND, *FREE)], 90, START + 45 * SECOND))
    driver.feed(pack([("c", resumed, *FREE)], 91, resumed))
    for second in range(1, 60):
        driver.feed(Tick(resumed + second * SECOND))
        if second % 5 == 0:
            time = resumed + second * SECOND
            driver.feed(pack([("a", time, *FREE), ("c", time, *FREE)], 100 + second, time))
    assert amounts(driver) == []
    assert not driver.state["intake/gw-1"].lags.slow
    assert of(driver, "no_data") == []


def test_the_bounds_are_what_the_words_say() -> None:
    assert MOST_LATENESS == 5 * MINUTE
    assert AHEAD < 10 * SECOND
