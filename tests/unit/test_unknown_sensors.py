"""What a sensor has proven does not last through a gap in what it sends."""

import math
from collections.abc import Iterable, Sequence

import msgspec
import numpy as np
import pytest

from models.scorer import METRICS, WINDOW
from streams.events import (
    HOUR,
    MINUTE,
    NOWHERE,
    SECOND,
    Incident,
    Micros,
    Removed,
    Rule,
    Source,
    Tick,
)
from streams.incidents.hold import UNKNOWN_GAP, gap_limit
from streams.incidents.lapse import LEAST_UNHEARD, unheard_limit
from streams.rules.sensors import Sensors
from streams.stages.score import Score
from tests.support.extension import extended
from tests.support.loops import (
    LATENESS,
    PERIOD,
    START,
    Driver,
    SumScorer,
    controls,
    loop,
    pack,
)
from tests.support.stories import reading

Values = tuple[float, float, float]
Sent = list[tuple[Micros, Values]]

JAM = Rule(
    "jam",
    "congestion",
    "medium",
    parameters={"hold_seconds": 10, "clear_seconds": 10, "smooth_seconds": 5},
)
FREE, JAMMED = (600.0, 10.0, 45.0), (100.0, 80.0, 3.0)
BETWEEN = (300.0, 25.0, 17.0)
"""Neither a jam nor free."""
NOTHING = (math.nan, math.nan, math.nan)
ERRORS = (-1.0, 200.0, 65535.0)
MUTE = (100.0, math.nan, 3.0)
"""Its occupancy is missing, and without that there is no telling a jam."""


def sent(values: Iterable[Values], begin: Micros = 0, period: Micros = PERIOD) -> Sent:
    """(time, values), the first at START + ``begin``."""
    return [(START + begin + step * period, each) for step, each in enumerate(values)]


def play(
    readings: Sent,
    seconds: float,
    *rules: Rule,
    period: Micros = PERIOD,
    late: Micros = 0,
    driver: Driver | None = None,
) -> Driver:
    """With a tick each second; a pack for each reading, which arrives ``late``."""
    driver = driver or Driver()
    driver.feed(*controls([loop("a", period=period), *rules]), Tick(START))
    waiting = sorted(readings)
    for now in range(START + SECOND, round(START + seconds * SECOND) + 1, SECOND):
        while waiting and waiting[0][0] + late < now:
            time, values = waiting.pop(0)
            driver.feed(pack([("a", time, *values)], driver.offset, time))
        driver.feed(Tick(now))
    return driver


def brief(incidents: Sequence[Incident]) -> list[tuple[int, float | None, float | None]]:
    """(revision, unknown since, end) in seconds from START."""

    def seconds(time: Micros | None) -> float | None:
        return None if time is None else (time - START) / SECOND

    return [(i.revision, seconds(i.unknown_since), seconds(i.end)) for i in incidents]


def test_a_sensor_that_dies_in_a_jam_makes_no_longer_jam() -> None:
    """The reported case: 40 s of a jam, 60 s of nothing, then free traffic."""
    driver = play(sent([JAMMED] * 8) + sent([FREE] * 6, 100 * SECOND), 140, JAM)
    opened, lost, over = driver.incidents
    assert brief(driver.incidents) == [(0, None, None), (1, 35, None), (2, 35, 35)]
    assert {opened.id} == {lost.id, over.id}
    # Proven by ticks, as soon as nothing earlier can come: not by the next reading.
    assert lost.decided_at == START + 35 * SECOND + LEAST_UNHEARD + LATENESS + SECOND
    assert over.decided_at == START + 35 * SECOND + gap_limit(PERIOD) + LATENESS + SECOND
    (shown,) = over.evidence
    assert shown.metric == "occupancy"
    assert shown.series[-1][0] == START + 35 * SECOND


def test_one_that_sends_on_is_heard_to_the_end() -> None:
    """The control."""
    driver = play(sent([JAMMED] * 20 + [FREE] * 6), 140, JAM)
    assert brief(driver.incidents) == [(0, None, None), (1, None, 100)]


@pytest.mark.parametrize("period_s", [1, 5, 20, 60, 600])
def test_the_limits_go_with_the_period(period_s: int) -> None:
    period = period_s * SECOND
    proven = (20 + 10 // period_s) * period
    readings = sent([JAMMED] * (proven // period + 1), period=period)
    gap = gap_limit(period)
    driver = play(readings, (proven + gap) / SECOND + 5, JAM, period=period)
    _, lost, over = driver.incidents
    assert (lost.unknown_since, over.end) == (START + proven, START + proven)
    assert 0 < lost.decided_at - (START + proven + unheard_limit(period)) <= 4 * SECOND
    assert 0 < over.decided_at - (START + proven + gap) <= 4 * SECOND
    assert unheard_limit(period) > 2 * period
    assert unheard_limit(period) < gap


def test_of_a_source_whose_period_nobody_knows_more_is_borne() -> None:
    driver = play(sent([JAMMED] * 8), 40 + UNKNOWN_GAP / SECOND, JAM, period=0)
    _, lost, over = driver.incidents
    assert over.end == START + 35 * SECOND
    assert over.decided_at - START > UNKNOWN_GAP
    assert lost.decided_at - START > UNKNOWN_GAP // 3


@pytest.mark.parametrize("values", [JAMMED, BETWEEN])
@pytest.mark.parametrize("gap_s", [35, 60])
def test_one_that_comes_back_within_the_limit_goes_on(values: Values, gap_s: int) -> None:
    back = (35 + gap_s) * SECOND
    readings = sent([JAMMED] * 8) + sent([values] * 3 + [FREE] * 6, back)
    driver = play(readings, 160, JAM)
    assert len({incident.id for incident in driver.incidents}) == 1
    end = 35 + gap_s + 15
    assert brief(driver.incidents) == [
        (0, None, None),
        (1, 35, None),
        (2, None, None),
        (3, None, end),
    ]
    assert driver.incidents[2].evidence[0].time == START + back


def test_one_that_comes_back_later_is_another() -> None:
    back = (35 + 61) * SECOND
    driver = play(sent([JAMMED] * 8) + sent([JAMMED] * 8, back), 160, JAM)
    first, _, over, second = driver.incidents[:4]
    assert (over.id, over.end) == (first.id, START + 35 * SECOND)
    assert second.id != first.id
    assert second.start == START + back


@pytest.mark.parametrize("gap_s", [10, 35, 55])
def test_one_that_comes_back_free_was_over_when_it_was_last_proven(gap_s: int) -> None:
    driver = play(sent([JAMMED] * 8) + sent([FREE] * 6, (35 + gap_s) * SECOND), 160, JAM)
    *_, over = driver.incidents
    heard = gap_s * SECOND <= unheard_limit(PERIOD)
    assert over.end == START + (35 + gap_s if heard else 35) * SECOND
    assert over.unknown_since == (None if heard else over.end)


def test_what_argued_for_the_end_before_the_gap_counts() -> None:
    driver = play(sent([JAMMED] * 8 + [FREE]), 160, JAM)
    assert brief(driver.incidents)[1:] == [(1, 40, None), (2, 40, 40)]


@pytest.mark.parametrize("values", [NOTHING, ERRORS, MUTE])
def test_what_says_nothing_of_it_is_as_if_it_were_not_there(values: Values) -> None:
    told = play(sent([JAMMED] * 8 + [values] * 20 + [FREE] * 6), 180, JAM)
    gone = play(sent([JAMMED] * 8) + sent([FREE] * 6, 140 * SECOND), 180, JAM)
    assert brief(told.incidents) == brief(gone.incidents)
    assert brief(told.incidents) == [(0, None, None), (1, 35, None), (2, 35, 35)]


def test_one_value_that_is_missing_breaks_no_jam_and_no_end() -> None:
    flicker = [JAMMED, MUTE] * 10
    driver = play(sent([*flicker, FREE, MUTE, FREE, FREE]), 140, JAM)
    opened, over = driver.incidents
    assert opened.start == START
    assert opened.decided_at == START + 10 * SECOND
    assert over.end == START + 100 * SECOND


def test_an_anomaly_counts_the_readings_that_have_a_score() -> None:
    odd = Rule("odd", "anomaly", "low", parameters={"readings": 3.0, "readings_clear": 3.0})

    class Switch(SumScorer):
        def score(self, features):  # type: ignore[no-untyped-def]
            newest = features[:, (WINDOW - 1) * len(METRICS) + METRICS.index("occupancy")]
            return (1000 * (newest > 2)).astype("<u2")

    def run(values: list[Values], seconds: int) -> list[Incident]:
        driver = Driver(Score({"switch@1": Switch()}, 1))
        return play(sent(values), seconds, odd, driver=driver).incidents

    strange = (600.0, 60.0, 45.0)
    opened, lost, over = run([FREE] * 40 + [strange] * 4, 300)
    assert lost.unknown_since == over.end == START + 43 * PERIOD
    assert [one.evidence[0].model for one in (opened, lost, over)] == ["switch@1"] * 3
    found = run([FREE] * 40 + [strange, NOTHING, strange, NOTHING, strange], 240)
    assert [incident.revision for incident in found[:1]] == [0]


def test_a_kind_of_an_installation_is_held_to_the_same() -> None:
    with extended():
        source = Source("g", "gauge", "G", "G", "simulated", NOWHERE, "gw", period=60 * SECOND)
        driver = Driver(Score({}, 1))
        driver.feed(*controls([source, Rule("water", "high_water", "high")]), Tick(START))
        for minute in range(1, 12):
            time = START + minute * MINUTE
            level = 3.5 if minute < 6 else math.nan
            driver.feed(reading("g", time, minute, {"level": level}))
            for second in range(60):
                driver.feed(Tick(time + second * SECOND))
        opened, lost, over = driver.incidents
    assert opened.kind == "high_water"
    assert lost.unknown_since == over.end == START + 5 * MINUTE
    assert over.revision == 2


@pytest.mark.parametrize("removed", [Removed("rule", "jam"), Removed("source", "a")])
@pytest.mark.parametrize("after_s", [50, 80])
def test_what_is_removed_in_the_gap_was_over_when_it_was_last_proven(
    removed: Removed, after_s: int
) -> None:
    driver = play(sent([JAMMED] * 8), after_s, JAM)
    tick = driver.state[""].tick
    driver.feed(*controls([removed], first=9), Tick(tick + SECOND), Tick(tick + 100 * SECOND))
    *_, over = driver.incidents
    heard = after_s < 35 + LEAST_UNHEARD / SECOND
    assert over.end == (tick + SECOND - LATENESS if heard else START + 35 * SECOND)
    assert len([one for one in driver.incidents if one.end is not None]) == 1


def test_an_interruption_of_ticks_is_a_gap_as_well() -> None:
    driver = play(sent([JAMMED] * 8), 38, JAM)
    driver.feed(Tick(START + 8 * HOUR))
    assert brief(driver.incidents) == [(0, None, None), (1, 35, 35)]
    driver = play(sent([JAMMED] * 8), 38, JAM)
    driver.feed(*controls([Removed("rule", "jam")], first=9), Tick(START + 8 * HOUR))
    assert brief(driver.incidents) == [(0, None, None), (1, 35, 35)]


def test_readings_that_came_while_no_tick_did_leave_no_gap() -> None:
    driver = play(sent([JAMMED] * 8), 38, JAM)
    for time, values in sent([JAMMED] * 40, 40 * SECOND):
        driver.feed(pack([("a", time, *values)], time // SECOND))
    driver.feed(Tick(START + 240 * SECOND))
    assert brief(driver.incidents) == [(0, None, None)]


def test_a_gap_between_readings_that_are_released_at_once_is_found() -> None:
    driver = play(sent([JAMMED] * 8), 38, JAM)
    for time, values in sent([FREE] * 6, 200 * SECOND):
        driver.feed(pack([("a", time, *values)], time // SECOND))
    driver.feed(Tick(START + 240 * SECOND))
    assert brief(driver.incidents) == [(0, None, None), (1, 35, 35)]


@pytest.mark.parametrize("late_s", [10, 60, 180])
def test_a_slow_link_is_no_gap_and_a_gap_on_it_is_one(late_s: int) -> None:
    late = late_s * SECOND
    values = [FREE] * 60 + [JAMMED] * 30
    steady = play(sent([*values, *[FREE] * 20]), 110 * 5 + late_s * 2, JAM, late=late)
    mine = [one for one in steady.incidents if one.start >= START + 300 * SECOND]
    assert [one.unknown_since for one in mine] == [None, None]
    driver = play(sent(values), 110 * 5 + late_s * 3, JAM, late=late)
    *_, over = driver.incidents
    assert over.end == over.unknown_since == START + 89 * PERIOD


def test_no_data_is_said_beside_it_and_is_never_unknown_itself() -> None:
    quiet = Rule("quiet", "no_data", "high", parameters={"least_seconds": 20})
    driver = play(sent([JAMMED] * 8), 300, JAM, quiet)
    missed = [one for one in driver.incidents if one.kind == "no_data"]
    assert brief(missed) == [(0, None, None)]


def test_wherever_it_is_stored_it_goes_on_the_same() -> None:
    """Workers killed before, in and after gaps, of which one is too long."""

    class Stored(Driver):
        at = -1

        def feed(self, *events):  # type: ignore[no-untyped-def]
            for event in events:
                super().feed(event)
                if self.at in (0, self.offset):
                    self.reload()
            return self

    readings = (
        sent([JAMMED] * 8)
        + sent([JAMMED] * 4, 75 * SECOND)
        + sent([JAMMED, MUTE, BETWEEN] + [JAMMED] * 4, 170 * SECOND)
        + sent([FREE] * 6, 245 * SECOND)
    )
    whole = play(readings, 280, JAM)
    assert brief(whole.incidents) == [
        (0, None, None),
        (1, 35, None),
        (2, None, None),
        (3, 90, None),
        (4, 90, 90),
        (0, None, None),
        (1, 200, None),
        (2, 200, 200),
    ]
    for at in range(0, whole.offset, 7):
        stored = Stored()
        stored.at = at
        assert play(readings, 280, JAM, driver=stored).incidents == whole.incidents


def test_what_an_earlier_release_has_open_is_known_until_a_gap() -> None:
    """It noted a jam's newest reading only from the second on."""
    driver = play(sent([JAMMED] * 3), 14, JAM)
    (key,) = [key for key, state in driver.state.items() if isinstance(state, Sensors)]
    watch = driver.state[key].watches["jam"]["a"]
    former = msgspec.structs.replace(watch, last=0)
    driver.state[key] = Sensors({"jam": {"a": former}})
    for second in range(15, 90):
        driver.feed(Tick(START + second * SECOND))
    assert brief(driver.incidents) == [(0, None, None), (1, 10, None), (2, 10, 10)]


def test_a_watch_stays_small() -> None:
    driver = play(sent([JAMMED] * 30), 185, JAM)
    (sensors,) = [state for state in driver.state.values() if isinstance(state, Sensors)]
    assert driver.incidents[-1].unknown_since
    assert len(msgspec.msgpack.encode(sensors)) < 300
    assert np.isfinite(driver.incidents[-1].unknown_since)
