"""Rules on loops: each incident opens once, ends once, and nothing is made of a gap."""

import math

import pytest

from streams.events import DAY, HOUR, SECOND, Incident, Removed, Rule, Tick
from streams.incidents.identity import incident_id
from streams.rules.sensors import Sensors
from tests.support.loops import (
    LATENESS,
    PERIOD,
    START,
    Driver,
    Row,
    SumScorer,
    controls,
    loop,
    pack,
)

JAM = Rule("jam", "congestion", "medium")
QUIET = Rule("quiet", "silence", "high")
ODD = Rule("odd", "anomaly", "low", parameters={"readings": 3.0, "readings_clear": 4.0})
FREE = (1440.0, 5.0, 42.0)
JAMMED = (720.0, 80.0, 4.0)
STANDING = (0.0, 100.0, math.nan)


def run(driver: Driver, states: list[tuple[float, float, float]], source: str = "a") -> Driver:
    """One reading each PERIOD, with a tick each second; goes on where the driver is."""
    begin = driver.state[""].tick
    for step, state in enumerate(states, 1):
        time = begin + step * PERIOD
        row: Row = (source, time, *state)
        driver.feed(pack([row], time // SECOND))
        for second in range(4, -1, -1):
            driver.feed(Tick(time - second * SECOND))
    return driver


def summary(driver: Driver) -> list[tuple[str, int, float, float, float | None]]:
    """(kind, revision, start, decided_at, end) in seconds from START."""
    return [
        (
            incident.kind,
            incident.revision,
            (incident.start - START) / SECOND,
            (incident.decided_at - START) / SECOND,
            None if incident.end is None else (incident.end - START) / SECOND,
        )
        for incident in driver.incidents
    ]


def test_a_jam_opens_and_ends_once() -> None:
    driver = run(Driver().city("a", rules=[JAM]), [FREE] * 20 + [JAMMED] * 40 + [FREE] * 40)
    opened, ended = driver.incidents
    assert (opened.revision, ended.revision) == (0, 1)
    assert opened.id == ended.id == incident_id("jam", "a", "", "", opened.start)
    assert opened.start > START + 100 * SECOND
    assert opened.decided_at - opened.start == 30 * SECOND
    assert opened.end is None
    assert ended.end is not None
    assert ended.end > START + 300 * SECOND
    assert ended.decided_at - ended.end == 60 * SECOND
    assert (opened.origin, opened.severity, opened.sources) == ("simulated", "medium", ("a",))
    assert opened.place is not None
    assert {output.key for output in driver.outputs if isinstance(output.event, Incident)} == {
        opened.place.segment
    }


def test_evidence_is_the_readings_that_prove_it() -> None:
    driver = run(Driver().city("a", rules=[JAM]), [FREE] * 20 + [JAMMED] * 12)
    (evidence,) = driver.incidents[0].evidence
    assert (evidence.source, evidence.metric) == ("a", "occupancy")
    assert evidence.time == evidence.series[-1][0] == driver.incidents[0].decided_at
    assert len(evidence.series) == 24
    assert [value for _, value, _ in evidence.series][-3:] == [80.0, 80.0, 80.0]


def test_vehicles_that_stand_on_a_loop_are_a_jam() -> None:
    driver = run(Driver().city("a", rules=[JAM]), [FREE] * 10 + [STANDING] * 20)
    assert [incident.kind for incident in driver.incidents] == ["congestion"]


@pytest.mark.parametrize(
    "states",
    [
        [FREE] * 60,
        [(0.0, 0.0, math.nan)] * 60,
        [(720.0, 80.0, 40.0)] * 60,  # dense, but it flows
        [(720.0, 5.0, 4.0)] * 60,  # slow, but hardly anybody
        [FREE] * 20 + [JAMMED] * 4 + [FREE] * 20,  # too short
        [(1440.0, math.nan, 4.0)] * 60,  # occupancy is not known
    ],
)
def test_what_is_no_jam(states: list[tuple[float, float, float]]) -> None:
    assert run(Driver().city("a", rules=[JAM]), states).incidents == []


def test_a_jam_that_flickers_is_one_jam() -> None:
    flicker = ([JAMMED] * 5 + [FREE]) * 12
    driver = run(Driver().city("a", rules=[JAM]), [FREE] * 10 + flicker + [FREE] * 30)
    assert [incident.revision for incident in driver.incidents] == [0, 1]


def test_parameters_of_the_rule_count() -> None:
    quick = Rule("jam", "congestion", "medium", parameters={"hold_seconds": 0.0})
    wild = Rule("jam", "congestion", "medium", parameters={"hold_seconds": math.nan})
    mad = Rule("jam", "congestion", "medium", parameters={"hold_seconds": 1e300})
    states = [FREE] * 10 + [JAMMED] * 20
    decided = [
        [row[3] for row in summary(run(Driver().city("a", rules=[rule]), states))]
        for rule in (quick, JAM, wild, mad)
    ]
    assert decided[0][0] == decided[1][0] - 30
    assert decided[2] == decided[1]
    assert decided[3] == []


def test_a_rule_names_its_sources() -> None:
    other = Rule("jam", "congestion", "medium", sources=("b",))
    assert run(Driver().city("a", "b", rules=[other]), [JAMMED] * 30).incidents == []


def test_a_rule_names_types() -> None:
    def jams(sources: tuple[str, ...], *types: str) -> int:
        rule = Rule("jam", "congestion", "medium", sources, types=types)
        return len(run(Driver().city("a", "b", rules=[rule]), [JAMMED] * 30).incidents)

    assert [jams(("b",), "induction_loop"), jams(("b",), "loop"), jams((), "loop")] == [1, 1, 1]
    assert jams((), "camera") == 0


def test_readings_on_both_sides_of_a_gap_prove_nothing() -> None:
    driver = run(Driver().city("a", rules=[JAM]), [FREE] * 10 + [JAMMED] * 6)
    assert driver.incidents == []
    driver.feed(Tick(driver.state[""].tick + 8 * HOUR))
    run(driver, [JAMMED] * 5)
    assert driver.incidents == []
    run(driver, [JAMMED] * 5)
    assert [incident.kind for incident in driver.incidents] == ["congestion"]


def test_eight_hours_down_raise_nothing_and_make_nothing_late() -> None:
    names = [f"loop-{number}" for number in range(30)]
    driver = Driver().city(*names, rules=[QUIET])
    begin = START
    for _ in range(2):
        for step in range(1, 13):
            time = begin + step * PERIOD
            driver.feed(Tick(time), pack([(name, time, *FREE) for name in names], time // SECOND))
        begin += 8 * HOUR
    for _ in range(49):
        driver.feed(Tick(driver.state[""].tick + SECOND))
    assert driver.incidents == []
    assert driver.counts == {"accepted": 2 * 12 * 30}
    for _ in range(60):  # the control: from then on there is no data
        driver.feed(Tick(driver.state[""].tick + SECOND))
    assert len(driver.incidents) == 30


def test_no_data_opens_at_its_time_and_ends_with_the_next_reading() -> None:
    driver = run(Driver().city("a", rules=[QUIET]), [FREE] * 10)
    for _ in range(90):
        driver.feed(Tick(driver.state[""].tick + SECOND))
    run(driver, [FREE] * 2)
    assert summary(driver) == [("no_data", 0, 50, 110, None), ("no_data", 1, 50, 145, 145)]
    assert driver.incidents[0].origin == "simulated"


def test_a_source_never_heard_is_silent_from_its_announcement() -> None:
    driver = Driver().city("a", rules=[QUIET])
    for _ in range(30):
        driver.feed(Tick(driver.state[""].tick + SECOND))
    driver.feed(*controls([loop("b")], first=9))
    for _ in range(70):
        driver.feed(Tick(driver.state[""].tick + SECOND))
    assert [(i.sources, (i.decided_at - START) / SECOND) for i in driver.incidents] == [
        (("a",), 60),
        (("b",), 90),
    ]


def test_a_slow_source_may_be_silent_for_three_periods() -> None:
    slow = loop("slow", period=HOUR)
    driver = Driver().feed(*controls([slow, QUIET]), Tick(START))
    for _ in range(3 * 3600 + 4):
        driver.feed(Tick(driver.state[""].tick + SECOND))
    assert [row[3] for row in summary(driver)] == [3 * 3600]


def test_only_the_partition_of_its_gateway_judges_no_data() -> None:
    from streams.stage import Position
    from streams.stages.score import Score
    from streams.topics import READINGS, partition_of

    silent = []
    for number in range(4):
        stage = Score({}, 4)
        state: dict[str, object] = {}
        for event in [*controls([loop("a"), QUIET]), Tick(START), Tick(START + 9 * SECOND)]:
            state |= stage.step(state, event, Position(READINGS, number, 0)).changes
        for second in range(10, 80):
            result = stage.step(state, Tick(START + second * SECOND), Position(READINGS, number, 0))
            state |= result.changes
            silent += [number for out in result.outputs if isinstance(out.event, Incident)]
    assert silent == [partition_of("gw-1", 4)]


def test_a_reading_without_a_usable_value_is_no_sign_of_life() -> None:
    driver = run(Driver().city("a", rules=[QUIET]), [(-1.0, math.nan, math.inf)] * 40)
    assert driver.counts == {"bad": 39}
    (missed,) = driver.incidents
    assert (missed.kind, missed.subject) == ("no_data", "unusable")
    partly = run(Driver().city("a", rules=[QUIET]), [(-1.0, 5.0, 40.0)] * 40)
    assert partly.counts == {"accepted": 39}
    assert partly.incidents == []


def test_what_is_removed_while_open_is_ended() -> None:
    for removed in (Removed("rule", "jam"), Removed("source", "a")):
        driver = run(Driver().city("a", rules=[JAM]), [JAMMED] * 20)
        driver.feed(*controls([removed], first=9))
        tick = driver.state[""].tick + SECOND
        driver.feed(Tick(tick), Tick(tick + SECOND))
        opened, ended = driver.incidents
        assert (ended.id, ended.revision, ended.end) == (opened.id, 1, tick - LATENESS)
        assert ended.decided_at > opened.decided_at


@pytest.mark.parametrize("away", [Removed("rule", QUIET.id), Removed("source", "a")])
@pytest.mark.parametrize("stored", [False, True])
def test_a_loop_still_silent_after_a_change_is_another_incident(
    away: Removed, stored: bool
) -> None:
    driver = run(Driver().city("a", rules=[QUIET]), [FREE] * 10)

    def pass_seconds(number: int) -> None:
        for _ in range(number):
            driver.feed(Tick(driver.state[""].tick + SECOND))
            if stored:
                driver.reload()

    pass_seconds(90)
    driver.feed(*controls([away], first=9))
    pass_seconds(5)
    driver.feed(*controls([loop("a"), QUIET], first=10))
    pass_seconds(90)
    first, ended, second = driver.incidents
    assert ended.id == first.id != second.id
    assert ended.end is not None
    assert ended.end <= second.start < second.decided_at
    run(driver, [FREE] * 10)
    assert driver.incidents[-1].end
    kept = [state.watches for state in driver.state.values() if isinstance(state, Sensors)]
    assert kept == [{}], "nothing is kept of an incident that is over"


class Switch(SumScorer):
    """Scores by the newest occupancy, so that a test decides what is odd."""

    def score(self, features):  # type: ignore[no-untyped-def]
        from models.scorer import METRICS, WINDOW

        newest = features[:, (WINDOW - 1) * len(METRICS) + METRICS.index("occupancy")]
        return (1000 * (newest > 2)).astype("<u2")


def test_an_anomaly_takes_some_readings_in_a_row() -> None:
    from streams.stages.score import Score

    stage = Score({"switch@1": Switch()}, 1)
    driver = Driver(stage).city("a", rules=[ODD])
    odd = (1440.0, 60.0, 42.0)
    run(driver, [FREE] * 40 + [odd] * 2 + [FREE] * 3 + [odd] * 3 + [FREE] * 3 + [odd] + [FREE] * 6)
    opened, ended = driver.incidents
    assert (opened.kind, opened.start, opened.decided_at) == (
        "anomaly",
        START + 46 * PERIOD,
        START + 48 * PERIOD,
    )
    assert ended.end == START + 53 * PERIOD
    assert opened.evidence[0].model == "switch@1"
    assert opened.evidence[0].metric == "occupancy"
    assert [score for _, _, score in opened.evidence[0].series][-3:] == [1000, 1000, 1000]


def test_a_window_forgets_what_is_stale() -> None:
    """A day later the readings before are no context for the next ones."""
    import numpy as np

    driver = run(Driver().city("a"), [FREE] * 40)
    driver.feed(Tick(driver.state[""].tick + DAY))
    run(driver, [FREE] * 3)  # the last of them still waits for its watermark
    values = driver.state["windows/gw-1"].read_values()[0]
    assert np.isnan(values).all(axis=1).sum() == 22
