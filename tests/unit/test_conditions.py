"""Conditions that any sensor can be watched by, with what is next to what they are about."""

from collections.abc import Mapping
from datetime import date

import msgspec
import numpy as np
import pytest

from streams.configuration.check import InvalidChangeError, check, whole
from streams.configuration.configured import Configured
from streams.configuration.unjudged import Doubt, unjudged
from streams.events import HOUR, MINUTE, SECOND, Rule, Tick
from streams.kinds.registry import find
from streams.kinds.unlike_peers import compare
from streams.rules.comparing import is_left_behind
from streams.sensors.spans import moved, newest, steps, summed
from streams.words import Words
from streams.worktime.calendar import DayOff
from streams.worktime.file import working_calendar
from tests.contract.test_kinds import configured
from tests.support.conditions import Said, evenly, play
from tests.support.loops import START, Driver, controls
from tests.support.measured import source
from tests.support.stories import reading

NAN = float("nan")


def rule(kind: str, **values: float) -> Rule:
    return Rule("r", kind, "high", parameters=values)


def column(*values: float) -> np.ndarray:
    return np.array([values], np.float64)


def seconds(*values: float) -> np.ndarray:
    return (np.array([values], np.int64) + 1000) * SECOND


# --- spans ------------------------------------------------------------------------------------


def test_a_counter_that_begins_again_has_not_counted_backwards() -> None:
    assert steps(column(90, 99, 2, 5), counter=True)[0, 1:].tolist() == [9, 2, 3]
    assert steps(column(90, 99, 2, 5), counter=False)[0, 1:].tolist() == [9, -97, 3]
    assert steps(column(90, NAN, 2, -1), counter=True)[0, 2:].tolist() == [2, 0]


def test_what_moved_counts_by_its_share_of_the_span() -> None:
    times = seconds(0, 3600, 7200)
    rise, fall = moved(times, column(0, 0, 60), 600 * SECOND, counter=False)
    assert (rise[0], fall[0]) == (10, 0), "an hour's step, of which ten minutes are a sixth"
    rise, fall = moved(times, column(0, 60, 0), 600 * SECOND, counter=False)
    assert (rise[0], fall[0]) == (0, 10)
    assert moved(times, column(0, 0, 60), 600 * SECOND, counter=True)[0][0] == 10
    gap = seconds(0, 7200, 7260)
    assert moved(gap, column(0, 720, 721), 600 * SECOND, counter=True)[0][0] == pytest.approx(55)


def test_what_moved_is_from_the_lowest_and_from_the_highest_of_the_span() -> None:
    times = seconds(0, 10, 20, 30)
    rise, fall = moved(times, column(-9, -3, NAN, -5), 20 * SECOND, counter=False)
    assert (rise[0], fall[0]) == (0, 2), "the -9 is older than the span"
    rise, fall = moved(times, column(-9, -3, NAN, -5), 30 * SECOND, counter=False)
    assert (rise[0], fall[0]) == (4, 2)
    assert np.isnan(moved(times, column(1, 2, 3, NAN), 30 * SECOND, counter=False)[0][0])


def test_sums_have_the_newest_reading_at_least() -> None:
    times = seconds(0, 3600, 7200)
    assert summed(times, column(5, 7, 9), MINUTE, counter=False)[0] == 9
    assert summed(times, column(5, 7, 9), HOUR, counter=False)[0] == 16
    assert summed(times, column(5, 7, NAN), MINUTE, counter=False)[0] == 7
    assert summed(times, column(5, 7, 9), MINUTE, counter=True)[0] == 2
    assert summed(times, column(NAN, NAN, 9), HOUR, counter=True)[0] == 0
    assert newest(times, column(5, 7, NAN), HOUR)[0] == 7
    assert np.isnan(newest(times, column(5, 7, NAN), MINUTE)[0])


# --- a change that is too fast ----------------------------------------------------------------


@pytest.mark.parametrize("period", [1, 60, 3600, 86_400])
def test_a_jump_is_found_at_any_period_and_is_over(period: float) -> None:
    level = [1.0] * 6 + [6.0] * 40
    # Of a day's step only a part can have been in the span: the limit is for a span of a period.
    watch = rule("fast_change", change=3, within_seconds=2 * period, deadband=1)
    found = play(watch, evenly("water_level", level, period), type="tide_station", period=period)
    assert [(one.revision, one.end is not None) for one in found] == [(0, False), (1, True)]
    assert found[0].evidence[0].metric == "water_level"
    slow = [1.0 + n / 10 for n in range(46)]
    assert not play(watch, evenly("water_level", slow, period), type="tide_station", period=period)


@pytest.mark.parametrize(
    ("side", "values", "number"),
    [
        (1, [-5, -5, -1, -1], 1),
        (1, [-1, -1, -5, -5], 0),
        (-1, [-1, -1, -5, -5], 1),
        (-1, [-5, -5, -1, -1], 0),
        (0, [-1, -1, -5, -5], 1),
        (0, [-1, -3, -5, -7], 1),
        (0, [-1, -2, -1, -2], 0),
    ],
)
def test_which_way_it_changes(side: float, values: list[float], number: int) -> None:
    watch = rule("fast_change", change=3, within_seconds=600, side=side)
    told = evenly("water_level", values, 300)
    assert len(play(watch, told, type="tide_station", period=300)) == number


def test_what_a_counter_counted_is_a_change_and_its_beginning_again_is_none() -> None:
    watch = rule("fast_change", change=50, within_seconds=1200)
    calm = [100.0 * n for n in (1, 1.1, 1.2, 1.3)] + [2.0, 12, 22]
    assert not play(
        watch, evenly("dossiers_received", calm, 600), type="one_stop_office", period=600
    )
    rush = [100.0, 110, 120, 2, 90, 100]
    found = play(watch, evenly("dossiers_received", rush, 600), type="one_stop_office", period=600)
    assert len(found) == 1
    # The control: as a plain value the fall at midnight is a change.
    fell = rule("fast_change", change=50, within_seconds=1200, metric=3)
    assert play(fell, evenly("dossiers_pending", calm, 600), type="one_stop_office", period=600)


def test_after_a_gap_nothing_has_jumped() -> None:
    watch = rule("fast_change", change=3, within_seconds=600)
    told = evenly("water_level", [1.0] * 5, 300) + evenly("water_level", [6.0] * 5, 300, 9000)
    assert not play(watch, told, type="tide_station", period=300)
    assert play(
        watch, evenly("water_level", [1.0] * 5 + [6.0] * 5, 300), type="tide_station", period=300
    )


EXACTLY = [(2.3, 2.6, 0.3), (5.0, 5.3, 0.3), (0.1, 0.4, 0.3), (7.7, 8.8, 1.1), (1.9, 0.7, 1.2)]
"""Two levels, and how far apart they are: as windows keep them, some are further apart."""


def test_the_control_for_differences_of_exactly_the_limit() -> None:
    apart = [abs(float(np.float32(b)) - float(np.float32(a))) - by for a, b, by in EXACTLY]
    assert min(apart) < 0 < max(apart)


@pytest.mark.parametrize(("before", "after", "change"), EXACTLY)
def test_a_change_of_exactly_the_limit_is_not_beyond_it(
    before: float, after: float, change: float
) -> None:
    for limit, revisions in ((change, []), (change + 0.001, []), (change - 0.001, [0, 1])):
        watch = rule("fast_change", change=limit, within_seconds=300)
        told = evenly("water_level", [before, after, after, after], 300)
        found = play(watch, told, type="tide_station", period=300)
        assert [one.revision for one in found] == revisions


@pytest.mark.parametrize("level", [1.0, 9e6])
def test_what_does_not_change_any_more_is_over_however_large_it_is(level: float) -> None:
    watch = rule("fast_change", change=0.25, within_seconds=600, metric=1)
    told = evenly("service_calls", [level] * 3 + [level + 2] * 6, 300)
    found = play(watch, told, type="data_service", period=300)
    assert [one.revision for one in found] == [0, 1]
    assert np.spacing(np.float32(9e6)) > 0.25, "the control: windows keep no such change of it"


def test_a_counter_of_millions_is_counted_to_the_piece() -> None:
    watch = rule("fast_change", change=50, within_seconds=600, metric=1)
    for more, number in ((50.0, 0), (51.0, 1)):
        told = evenly("dossiers_received", [90_000.0, 90_000.0 + more], 600)
        assert len(play(watch, told, type="one_stop_office", period=600)) == number


# --- a limit ----------------------------------------------------------------------------------


@pytest.mark.parametrize("limit", [0.1, 0.3, 0.7, 30.1, 64.3, 1013.2, 5.0])
def test_what_is_at_its_limit_is_not_beyond_it(limit: float) -> None:
    beyond = {"high_value": round(limit + 0.1, 1), "low_value": round(limit - 0.1, 1)}
    for kind, value in beyond.items():
        watch = rule(kind, limit=limit)
        assert play(watch, evenly("flow", [limit] * 4)) == []
        begun, ended = play(watch, evenly("flow", [value, limit, round(2 * limit - value, 1)]))
        assert begun.start < ended.decided_at
    assert together(BOTH | {"flow": limit}, high=limit) == [0]
    assert together(BOTH | {"flow": limit}, low=limit, high=2e6) == [0]
    assert together(BOTH | {"flow": beyond["high_value"]}, high=limit) == []


# --- a value that is stuck --------------------------------------------------------------------


def test_what_stays_the_same_is_stuck_until_it_moves() -> None:
    watch = rule("stuck_value", hold_seconds=60, readings=4)
    values = [1.0, 2, 1, 2] + [1.5] * 20 + [1.6]
    begun, ended = play(watch, evenly("flow", values))
    assert begun.start < begun.decided_at
    assert ended.end


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ([n * 0.5 for n in range(40)], "it creeps"),
        ([1.0, 1.1] * 20, "it wavers by more than the tolerance"),
        ([0.0] * 40, "it rests: nothing is to be measured"),
    ],
)
def test_what_is_not_stuck(values: list[float], why: str) -> None:
    watch = rule("stuck_value", hold_seconds=60, readings=4, rests_to=0, tolerance=0.05)
    assert not play(watch, evenly("flow", values)), why


@pytest.mark.parametrize("level", [0.1, 20.1, 64.3, 1013.2])
def test_two_steps_of_what_a_sensor_can_tell_are_apart_by_one(level: float) -> None:
    watch = rule("stuck_value", hold_seconds=60, readings=4, tolerance=0.1)
    told = evenly("flow", [level, round(level + 0.1, 1)] * 20)
    assert play(watch, evenly("flow", [level, round(level + 0.2, 1)] * 20)) == []
    assert len(play(watch, told)) == 1


def test_alike_before_and_after_a_gap_is_not_stuck_for_all_of_it() -> None:
    watch = rule("stuck_value", hold_seconds=300, readings=4)
    told = evenly("flow", [7.0] * 10) + evenly("flow", [7.0] * 10, since=3600)
    assert not play(watch, told)


@pytest.mark.parametrize("period", [1, 60, 86_400])
def test_stuck_takes_so_many_readings_at_any_period(period: float) -> None:
    watch = rule("stuck_value", hold_seconds=60, readings=6)
    few = evenly("water_level", [2.0, 3, 3, 3, 3, 3], period)
    assert not play(watch, few, type="tide_station", period=period)
    enough = evenly("water_level", [2.0] + [3] * 70, period)
    found = play(watch, enough, type="tide_station", period=period)
    assert [one.revision for one in found if not one.unknown_since] == [0]


# --- a ratio of two counts --------------------------------------------------------------------


def offices(*pairs: tuple[float, float], period: float = 600) -> list[Said]:
    return [
        (period * n, {"dossiers_received": received, "dossiers_resolved": resolved})
        for n, (received, resolved) in enumerate(pairs, 1)
    ]


def ratio(*pairs: tuple[float, float], **values: float) -> int:
    said = {"metric": 2, "of_metric": 1, "low": 0.5, "high": 2, "least_count": 5, **values}
    watch = rule("ratio_off", **said)
    return len(play(watch, offices(*pairs), type="one_stop_office", period=600))


def test_a_ratio_of_counters_is_of_what_they_counted() -> None:
    even = [(10 * n, 9 * n) for n in range(1, 12)]
    assert ratio(*even) == 0
    behind = even + [(110 + 10 * n, 99 + n) for n in range(1, 12)]
    assert ratio(*behind) == 1
    again = behind + [(220 + 10 * n, 110 + 10 * n) for n in range(1, 12)]
    assert ratio(*again) == 2, "it begins and ends"


def test_a_counter_that_begins_again_makes_no_ratio() -> None:
    midnight = [(1000 + 10 * n, 900 + 9 * n) for n in range(6)] + [
        (10 * n, 9 * n) for n in range(8)
    ]
    assert ratio(*midnight) == 0


def test_of_next_to_nothing_there_is_no_ratio() -> None:
    assert ratio(*[(100, 90)] * 10) == 0, "nothing is counted: no division by zero"
    assert ratio(*[(100, 90 + n) for n in range(10)]) == 0, "of nothing at all"
    assert ratio(*[(100 + n // 2, 90) for n in range(10)]) == 0, "of too few"
    assert ratio(*[(100 + n, 90) for n in range(10)]) == 1


def test_a_ratio_takes_both_of_one_reading() -> None:
    torn: list[Said] = [
        (600.0 * n, {"dossiers_received": 10.0 * n} if n % 2 else {"dossiers_resolved": 9.0 * n})
        for n in range(1, 12)
    ]
    watch = rule("ratio_off", metric=2, of_metric=1, low=0.5, high=2)
    assert not play(watch, torn, type="one_stop_office", period=600)


# --- several together -------------------------------------------------------------------------


def together(*told: Mapping[str, float], **values: float) -> list[int]:
    said = {"low": 0, "high": 100, "second_low": 50, "second_deadband": 10, **values}
    found = play(rule("values_together", **said), [(5.0 * n, v) for n, v in enumerate(told, 1)])
    return [one.revision for one in found]


BOTH = {"flow": 50.0, "occupancy": 80.0, "speed": 3.0}


def test_all_must_be_in_their_ranges() -> None:
    assert together(BOTH) == [0]
    assert together(BOTH | {"flow": 101.0}) == []
    assert together(BOTH | {"occupancy": 49.0}) == []
    assert together(BOTH, BOTH | {"occupancy": 45.0}) == [0], "in the dead band it lasts"
    assert together(BOTH, BOTH | {"occupancy": 39.0}) == [0, 1]


def test_a_third_counts_where_it_is_named() -> None:
    third = {"third_metric": 3.0, "third_low": 0.0, "third_high": 2.0}
    assert together(BOTH, **third) == []
    assert together(BOTH | {"speed": 2.0}, **third) == [0]


def test_what_comes_apart_is_taken_together_where_the_rule_says_so() -> None:
    one, other = {"flow": 50.0}, {"occupancy": 80.0}
    assert together(one, other) == []
    assert together(one, other, together_seconds=5) == [0]
    assert together(one, {"speed": 1.0}, {"speed": 1.0}, other, together_seconds=5) == []


# --- of all -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("fast_change", {"change": 3, "deadband": 3}),
        ("fast_change", {"change": 0}),
        ("fast_change", {"side": 0.5}),
        ("stuck_value", {"readings": 1}),
        ("ratio_off", {"low": 2, "high": 1}),
        ("ratio_off", {"low": 0.5, "high": 1, "deadband": 0.3}),
        ("ratio_off", {"least_count": 0}),
        ("ratio_off", {"metric": 2, "of_metric": 2}),
        ("values_together", {"low": 5, "high": 4}),
        ("values_together", {"metric": 2}),
        ("values_together", {"third_metric": 1}),
        ("values_together", {"third_metric": 3, "third_low": 5, "third_high": 4}),
    ],
    ids=str,
)
def test_what_would_never_begin_or_never_end_is_refused(
    kind: str, values: dict[str, float]
) -> None:
    with pytest.raises(InvalidChangeError):
        check(configured(), whole(Rule("r", kind, "low", parameters=values)))


STORIES: list[tuple[Rule, list[Said], str]] = [
    (
        rule("fast_change", change=50, within_seconds=60),
        evenly("flow", [10.0] * 5 + [90.0] * 20),
        "loop",
    ),
    (
        rule("stuck_value", hold_seconds=60, readings=4),
        evenly("flow", [1.0, 2] + [3.0] * 20 + [4.0]),
        "loop",
    ),
    (
        rule("ratio_off", metric=2, of_metric=1, low=0.5, high=2),
        offices(*[(10 * n, n) for n in range(9)], *[(80 + n, 8 + n) for n in range(9)]),
        "one_stop_office",
    ),
    (
        rule("values_together", low=0, high=100, second_low=50),
        [(5.0 * n, BOTH if n < 9 else {**BOTH, "flow": 200.0}) for n in range(1, 20)],
        "loop",
    ),
]


@pytest.mark.parametrize(("watch", "told", "type"), STORIES, ids=lambda x: getattr(x, "kind", ""))
def test_reloads_repeats_and_late_values_change_nothing(
    watch: Rule, told: list[Said], type: str
) -> None:
    period = told[1][0] - told[0][0]
    found = play(watch, told, type=type, period=period)
    assert [one.revision for one in found] == [0, 1]
    assert play(watch, told, type=type, period=period, reload=True) == found
    assert play(watch, [*told, *told], type=type, period=period) == found
    late = [(at + period / 2, dict.fromkeys(values, 1000.0)) for at, values in told]
    assert play(watch, told, type=type, period=period, late=late) == found


# --- one of several that measure alike ---------------------------------------------------------


def peers(*columns: list[float], period: float = 300, **values: float) -> list[str]:
    """Of which sources something is announced, by water levels of one station each."""
    watch = rule("unlike_peers", **{"difference": 1.0, "factor": 4.0, **values})
    told = [evenly("water_level", each, period) for each in columns]
    found = play(watch, *told, type="tide_station", period=period)
    return [one.sources[0] for one in found if one.revision == 0]


@pytest.mark.parametrize("period", [1, 300, 86_400])
def test_the_one_of_ten_that_differs_is_found(period: float) -> None:
    even = [[-2.0 + n / 100, -1.0 + n / 100, n / 100] for n in range(10)]
    assert peers(*even, period=period) == [], "all rise together"
    even[4][2] = 3.0
    assert peers(*even, period=period) == ["s4"]
    even[4][2] = -3.0
    assert peers(*even, period=period) == ["s4"]


def test_with_few_or_silent_peers_nobody_can_tell() -> None:
    assert peers([1.0, 9], [1.0, 1], [1.0, 1], [1.0, 1]) == []
    four = [[1.0] * 60 for _ in range(4)]
    assert peers([1.0] * 59 + [9], *four) == ["s0"]
    # What they said last is hours old when the one goes elsewhere.
    assert peers([1.0] * 59 + [9], *[each[:5] for each in four]) == []
    assert peers([9.0]) == []


def test_where_peers_do_not_agree_none_of_them_differs() -> None:
    halves = [[1.0], [1.1], [1.0], [8.0], [8.1], [8.0]]
    assert peers(*halves) == []
    spread = [[float(n)] for n in range(6)]
    assert peers(*spread) == []


@pytest.mark.parametrize(("most", "differs", "limit"), EXACTLY)
def test_what_is_exactly_so_far_from_its_peers_does_not_differ(
    most: float, differs: float, limit: float
) -> None:
    columns = [[most] for _ in range(5)] + [[differs]]
    assert peers(*columns, difference=limit) == []
    assert peers(*columns, difference=limit + 0.001) == []
    assert peers(*columns, difference=limit - 0.001) == ["s5"]


def test_peers_that_are_exactly_so_far_apart_agree() -> None:
    columns = [[5.3], [5.3], [5.0], [5.0], [5.0], [9.0]]
    assert peers(*columns, difference=0.3, factor=1) == ["s5"]


@pytest.mark.parametrize("broken", [21.0, 1e9])
def test_one_that_says_millions_hides_no_other(broken: float) -> None:
    values = np.array([20.0] * 20 + [50.0, broken])
    watch = rule("unlike_peers", difference=0.5)
    said, _ = compare(find("unlike_peers"), watch, values, np.arange(22))
    assert said.tolist() == [1] * 20 + [3, 3]


def test_all_wrong_together_are_alike() -> None:
    assert peers(*[[1.0, 29.0] for _ in range(6)]) == []


def test_what_it_should_have_been_is_shown_and_it_ends() -> None:
    watch = rule("unlike_peers", difference=1, factor=4)
    told = [evenly("water_level", [5.0] * 4, 300) for _ in range(6)]
    told[2] = evenly("water_level", [5.0, 8, 5.9, 5.1], 300)
    begun, ended = play(watch, *told, type="tide_station", period=300)
    assert begun.evidence[0].between == (4.0, 6.0)
    assert (begun.sources, ended.revision) == (("s2",), 1)
    assert ended.end
    assert ended.evidence[0].time - begun.evidence[0].time == 600 * SECOND, "not at once"


def test_peers_that_speak_at_other_moments_are_compared_and_nothing_later_is() -> None:
    watch = rule("unlike_peers", difference=1, factor=4)
    told = [evenly("water_level", [5.0, 5, 5], 300, n * 7) for n in range(5)]
    told.append(evenly("water_level", [5.0, 9, 5], 300, 111))
    found = play(watch, *told, type="tide_station", period=300)
    assert [one.sources for one in found] == [("s5",), ("s5",)]
    assert play(watch, *told, type="tide_station", period=300, reload=True) == found


@pytest.mark.parametrize("quick", [2, 5])
def test_one_that_says_more_at_a_tick_than_its_window_holds_is_taken_for_no_other(
    quick: int,
) -> None:
    driver = Driver()
    sources = [
        msgspec.structs.replace(source(f"s{n}", "loop", "gw"), period=30 * SECOND) for n in range(6)
    ]
    driver.feed(*controls([*sources, rule("unlike_peers", difference=1, factor=4)]), Tick(START))
    for at in range(1, 61):
        for n in range(6):
            if n == quick or at % 30 == 1:
                told = {"flow": 900.0 if n == 3 else 100.0}
                driver.feed(reading(f"s{n}", START + at * SECOND, driver.offset, told, "gw"))
    driver.feed(Tick(START + 60 * SECOND), Tick(START + 120 * SECOND))
    assert {one.sources for one in driver.incidents} == {("s3",)}


@pytest.mark.parametrize("lag", [90, 150])
def test_what_comes_long_after_its_peers_is_compared_or_said_not_to_be(lag: int) -> None:
    driver = Driver()
    sources = [
        msgspec.structs.replace(source(f"s{n}", "loop", "gw"), period=5 * SECOND) for n in range(6)
    ]
    watch = rule("unlike_peers", difference=1, factor=4)
    driver.feed(*controls([*sources, watch]), Tick(START))
    for at in range(5, lag + 150, 5):
        now = START + at * SECOND
        told = {"flow": 100.0}
        driver.feed(*(reading(f"s{n}", now, driver.offset, told, "gw") for n in range(5)))
        slow = {"flow": 900.0}
        driver.feed(reading("s5", now - lag * SECOND, driver.offset, slow, "gw"))
        driver.feed(Tick(now + 2 * SECOND), Tick(now + 5 * SECOND))
    found = {one.sources for one in driver.incidents if one.kind == "unlike_peers"}
    left_behind = is_left_behind(sources[5], lag * SECOND)
    assert left_behind == (lag > 120)
    assert found == (set() if left_behind else {("s5",)})
    known = Configured(1, {one.id: one for one in sources}, rules={"r": watch, "jam": JAM})
    named = [one.rule.id for one in unjudged(known, {"s5": Doubt("lagging", None)})]
    assert named == ["r"], "others judge it all the same"
    assert len(unjudged(known, {"s5": Doubt("late", None)})) == 2


JAM = Rule("jam", "congestion", "high")

# --- a level that is not usual for the hour ----------------------------------------------------


WEEK = 7 * 24
"""Hours."""


def load(hour: int, shape: Mapping[int, float]) -> float:
    """Of an office: by the hour on working days, nothing at weekends."""
    day, of_day = hour // 24 % 7, hour % 24
    return (shape.get(of_day, 40.0) if day < 5 else 10.0) + hour % 3


BUSY = dict.fromkeys(range(8, 17), 80.0)


def marks(values: list[float], period: int = HOUR, **said: float) -> np.ndarray:
    """What the kind says of each: 0 nobody knows, 1 usual, 2 between, 3 shifted."""
    kind = find("level_shift")
    assert kind.follows
    watch = rule("level_shift", **{"difference": 5.0, "learn_seconds": 21 * 86_400.0, **said})
    times = START + np.arange(1, len(values) + 1, dtype=np.int64) * period
    return kind.follows(kind, watch, times, np.array(values), b"")[1]


def weeks(number: int) -> list[float]:
    return [load(hour, BUSY) for hour in range(number * WEEK)]


def test_each_week_as_the_last_is_no_shift_and_another_level_is_one() -> None:
    assert set(marks(weeks(6))[3 * WEEK :].tolist()) == {1}
    begin = 4 * WEEK + 34
    higher = [value + 15 * (begin <= hour < begin + 30) for hour, value in enumerate(weeks(5))]
    found = np.flatnonzero(marks(higher) == 3)
    assert begin <= found[0] <= begin + 4
    assert found[-1] <= begin + 31
    assert len(found) >= 20


def test_a_working_day_at_the_weekend_is_a_shift_though_it_is_no_limit() -> None:
    sunday = 4 * WEEK + 6 * 24
    busy = weeks(5)[:sunday] + [load(hour, BUSY) for hour in range(24)]
    found = np.flatnonzero(marks(busy) == 3)
    assert found[0] >= sunday
    assert len(found) >= 8


def test_a_public_holiday_is_usual_where_it_is_as_a_sunday(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of a city that has a day off in its calendar, and of the same without: the control."""
    calendar = msgspec.structs.replace(working_calendar(), off=(), worked=())
    holiday = date(2026, 12, 16)  # a Wednesday, in the fourth week
    city = msgspec.structs.replace(calendar, off=(DayOff(holiday, holiday, Words("", "")),))

    def office(rests: bool) -> list[float]:
        found = []
        for number in range(1, 5 * WEEK):
            day, hour = divmod((START + number * HOUR + 7 * HOUR) // HOUR, 24)
            off = (day + 3) % 7 >= 5 or (rests and day == (holiday - date(1970, 1, 1)).days)
            found.append(10.0 if off else load(hour, BUSY))
        return found

    for of, rests, shifted in (
        (calendar, True, True),
        (city, True, False),
        (city, False, True),
        (calendar, False, False),
    ):
        monkeypatch.setattr("streams.kinds.level_shift.working_calendar", lambda of=of: of)
        assert (3 in marks(office(rests))) == shifted
    # What the same rule recorded with them is refused where there are none yet.
    assert find("level_shift").version == 2


def test_before_it_has_learned_it_says_nothing() -> None:
    assert set(marks(weeks(1) + [99.0] * 30).tolist()) == {0}
    assert set(marks([5.0])) == {0}


def test_what_lasts_for_weeks_is_usual_in_the_end() -> None:
    found = marks(weeks(4) + [value + 15 for value in weeks(12)])
    assert (found == 3).any()
    assert set(found[-WEEK:].tolist()) == {1}


@pytest.mark.parametrize("period", [MINUTE, 24 * HOUR])
def test_other_periods_find_it_too(period: int) -> None:
    number = 16 * 24 * 60 if period < HOUR else 60
    values = [10.0 + n % 3 for n in range(number)]
    said = {"learn_seconds": 14 * 86_400.0}
    assert 3 not in marks(values, period, **said)
    values[-120:] = [60.0] * len(values[-120:]) if period < HOUR else [*values[-120:-2], 60.0, 60.0]
    found = np.flatnonzero(marks(values, period, **said) == 3)
    assert len(found) >= 2
    assert found[0] >= number - 120


def test_after_days_without_a_value_it_goes_on() -> None:
    kind = find("level_shift")
    assert kind.follows
    watch = rule("level_shift", difference=5, learn_seconds=21 * 86_400)
    hours = np.array([n for n in range(5 * WEEK) if not 4 * WEEK < n < 4 * WEEK + 60], np.int64)
    values = np.array(weeks(5))[hours]
    said = kind.follows(kind, watch, START + hours * HOUR, values, b"")[1]
    assert 3 not in said


def test_what_it_has_learned_is_small_and_survives_a_crash() -> None:
    kind = find("level_shift")
    assert kind.follows
    watch = rule("level_shift", difference=5, learn_seconds=21 * 86_400)
    times = START + np.arange(1, 5 * WEEK + 1, dtype=np.int64) * HOUR
    values = np.array([*weeks(4), *(value - 60 for value in weeks(1))])
    memory, said = kind.follows(kind, watch, times, values, b"")
    assert len(memory) < 6000
    parts, again = b"", list[int]()
    for at in range(len(times)):
        parts, one = kind.follows(kind, watch, times[at : at + 1], values[at : at + 1], parts)
        again += one.tolist()
    assert (parts, again) == (memory, said.tolist())
    assert again[-1] == 3, "values below 0 are as good as others"


@pytest.mark.parametrize(
    ("kind", "values", "said"),
    [
        ("high_value", {"metric": 4}, "metric=4: give at most 3: a loop measures flow, occ"),
        ("ratio_off", {"of_metric": 9}, "of_metric=9: give at most 3"),
        ("values_together", {"third_metric": 4}, "third_metric=4: give at most 3"),
    ],
)
def test_a_metric_that_the_source_does_not_measure_is_refused(
    kind: str, values: dict[str, float], said: str
) -> None:
    known = configured()
    for reach in ({"sources": ("induction_loop",)}, {"types": ("induction_loop",)}):
        with pytest.raises(InvalidChangeError, match=said.replace("a loop", "a induction_loop")):
            check(known, whole(Rule("r", kind, "low", parameters=values, **reach)))
        check(known, whole(Rule("r", kind, "low", **reach)))
