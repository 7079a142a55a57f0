"""The city's systems, simulated: what each scripted failure does, and on what that rests."""

from collections.abc import Collection, Sequence
from functools import cache

import numpy as np
import pytest

from simulators import announced
from simulators.feeds import faults
from simulators.feeds.counting import since_midnight
from simulators.feeds.packs import Gateways, Telling
from simulators.feeds.registry import all_simulated
from simulators.scenario import ScenarioError
from simulators.world import script
from simulators.world.calendar import SUNDAY, at, is_tet, is_working, weekday
from simulators.world.chance import key
from simulators.world.rhythm import CALLS, OFFICE, PORT, TRAFFIC
from simulators.world.script import Occurrence, Scenario, Script
from simulators.world.spans import union
from simulators.world.state import Coupling, Rows, World
from simulators.world.truth import truth
from streams.events import DAY, HOUR, MINUTE, SECOND, Micros, Source
from streams.feeds.feed import EVENT_FIELDS, Feed
from streams.feeds.registry import all_feeds
from streams.sensors.register import FAILED
from tests.support.systems import SEED, begun, only, run, some

MONDAY = at(2026, 11, 30)
FEEDER, OLD, NEW, LINK = "feeder-003", "bts-0085", "bts-0128", "link-01"
"""A feeder; base stations on it, one with an old battery and one with a new; a link into it."""
RADIO, WIRED = "wifi-006", "wifi-005"
"""Access points on that feeder: one is reached through the new station, one by the link's node."""
GAUGE, STREET = "flood-01", "tt-cau-rao-out"
POWER_OFF = Occurrence("feeder_failure", FEEDER, MONDAY + HOUR, MONDAY + 3 * HOUR)


@cache
def city() -> list[Source]:
    return some(FEEDER, OLD, NEW, RADIO, WIRED, GAUGE, STREET)


def measured(
    feed: str,
    metric: str,
    asset: str,
    times: Sequence[Micros],
    *happens: Occurrence,
    without: Collection[Coupling] = (),
    assets: Sequence[Source] = (),
) -> list[float]:
    """What one asset measures at these times; NaN: nothing, or it is silent.

    Args:
        assets: instead of those of ``city``.
    """
    world = World(SEED, assets or city(), happens, without=without)
    time = np.array(times, np.int64)
    number = np.full(len(time), world.place[asset])
    rows = Rows(number, time, time // MINUTE, world.keys[number])
    simulated = all_simulated()[feed]
    values = np.where(simulated.silent(world, rows), np.nan, simulated.measure(world, rows)[metric])
    found: list[float] = values.tolist()
    return found


def at_minutes(*minutes: float) -> list[Micros]:
    return [MONDAY + round(minute * MINUTE) for minute in minutes]


# --- couplings; each with a control that has it left out -----------------------------------------


@pytest.mark.parametrize("without", [(), ("power",)])
def test_a_station_lives_on_its_battery_and_is_down_when_that_is_empty(
    without: tuple[Coupling, ...],
) -> None:
    times = at_minutes(59, 61, 70, 179, 181)
    of = {"base_stations": ("in_service", "mains_voltage", "battery_charge")}
    up, mains, charge = (
        measured("base_stations", metric, OLD, times, POWER_OFF, without=without)
        for metric in of["base_stations"]
    )
    if without:
        assert up == [1, 1, 1, 1, 1]
        assert min(mains) > 200
        return
    assert up == [1, 1, 0, 0, 1]
    assert mains[0] > 200 > mains[1] == 0
    assert 0 < charge[1] < 100 == charge[0]
    assert np.isnan(charge[2]), "nobody hears of it"
    (newer,) = measured("base_stations", "in_service", NEW, at_minutes(175), POWER_OFF)
    assert newer == 1
    assert measured("power_feeders", "energised", FEEDER, times, POWER_OFF) == [1, 0, 0, 0, 1]


def test_without_batteries_every_station_is_down_at_once() -> None:
    soon = at_minutes(60.5)
    assert measured("base_stations", "in_service", NEW, soon, POWER_OFF) == [1]
    assert measured("base_stations", "in_service", NEW, soon, POWER_OFF, without=["battery"]) == [0]


@pytest.mark.parametrize(
    ("happens", "silent", "heard"),
    [
        (Occurrence("station_outage", NEW, MONDAY, MONDAY + HOUR), RADIO, WIRED),
        (Occurrence("backhaul_cut", LINK, MONDAY, MONDAY + HOUR), WIRED, RADIO),
    ],
)
def test_who_is_reached_through_what_is_down_is_silent(
    happens: Occurrence, silent: str, heard: str
) -> None:
    def up(asset: str, *without: Coupling) -> list[float]:
        times = at_minutes(30, 61)
        return measured("public_wifi", "in_service", asset, times, happens, without=without)

    assert np.isnan(up(silent)[0])
    assert up(silent)[1] == 1
    assert up(heard) == [1, 1]
    assert up(silent, "backhaul") == [1, 1], "the control: reached by nothing"
    world = World(SEED, city(), [happens])
    assert world.is_gone(silent, MONDAY + MINUTE)
    assert not world.is_gone(silent, MONDAY + 2 * HOUR)
    assert not world.is_gone("nobody", MONDAY)


def test_access_points_without_mains_are_silent_and_what_it_does_is_told() -> None:
    assert np.isnan(measured("public_wifi", "in_service", WIRED, at_minutes(90), POWER_OFF))
    world = World(SEED, city(), [POWER_OFF])
    (staged,) = truth(world)
    assert (staged.kind, staged.source) == ("feeder_failure", FEEDER)
    felt = {(one.source, one.how): (one.start, one.end) for one in staged.felt}
    assert felt[WIRED, "gone"] == (POWER_OFF.start, POWER_OFF.end)
    assert felt[OLD, "dark"] == (POWER_OFF.start, POWER_OFF.end)
    began, ended = felt[OLD, "gone"]
    assert POWER_OFF.start + 5 * MINUTE <= began < POWER_OFF.start + 10 * MINUTE
    assert ended == POWER_OFF.end
    assert (NEW, "gone") not in felt
    assert not any(source in (GAUGE, STREET) for source, _ in felt)


NOON = at(2026, 11, 30, 12)


def storm(start: Micros, source: str = GAUGE) -> Occurrence:
    return Occurrence("flood", source, start, start + 3 * HOUR)


def tides(world: World) -> tuple[Micros, Micros]:
    """A day's highest and lowest water."""
    times = NOON + np.arange(0, DAY, 10 * MINUTE, dtype=np.int64)
    levels = world.weather.tide(times)
    return int(times[levels.argmax()]), int(times[levels.argmin()])


def depth(middle: Micros, *without: Coupling) -> float:
    """At its deepest, of a storm around that time."""
    happens = storm(middle - 90 * MINUTE)
    times = [happens.start + minute * MINUTE for minute in range(0, 300, 5)]
    found = measured("environment_stations", "flood_depth", GAUGE, times, happens, without=without)
    return max(found)


def test_the_same_rain_stands_deeper_where_the_tide_holds_it_back() -> None:
    high, low = tides(World(SEED, city()))
    assert depth(high) > 1.3 * depth(low) > 30
    assert depth(high, "tide") == pytest.approx(depth(low, "tide"), rel=0.05), "the control"


def test_flooded_streets_are_slow() -> None:
    happens = storm(NOON, GAUGE)
    there = some(GAUGE, STREET)
    times = [NOON - HOUR, NOON + 100 * MINUTE]

    def speed(*without: Coupling) -> list[float]:
        return measured(
            "travel_times", "speed", STREET, times, happens, without=without, assets=there
        )

    before, during = speed()
    assert during < 0.75 * before
    assert speed("flood")[1] > 0.9 * before, "the control"
    assert any(one.how == "flooded" for one in truth(World(SEED, there, [happens]))[0].felt)


def test_it_rains_around_the_storm_and_the_tide_surges() -> None:
    happens = storm(NOON)
    rows = (NOON - HOUR, NOON + 90 * MINUTE)
    there = some(GAUGE, "rain-01", "water-hon-dau")
    rain = measured("environment_stations", "rainfall", "rain-01", rows, happens, assets=there)
    assert rain[1] > 5 > rain[0]
    tide = [
        measured("environment_stations", "water_level", "water-hon-dau", rows, *one, assets=there)
        for one in ((), (happens,))
    ]
    assert tide[0][0] == tide[1][0]
    assert tide[1][1] - tide[0][1] == pytest.approx(0.7, abs=0.02)


# --- rhythm --------------------------------------------------------------------------------------


def test_days_of_the_city() -> None:
    days = {
        "tet": at(2027, 2, 6, 10), "eve": at(2027, 2, 5, 10), "kings": at(2026, 4, 26, 10),
        "sunday": at(2026, 11, 29, 10), "saturday": at(2026, 11, 28, 10), "monday": MONDAY,
        "instead": at(2026, 8, 22, 10),
    }  # fmt: skip
    times = np.array([*days.values()], np.int64)
    assert dict(zip(days, is_tet(times).tolist(), strict=True)) == {
        "tet": True, "eve": True, "kings": False, "sunday": False, "saturday": False,
        "monday": False, "instead": False,
    }  # fmt: skip
    assert (weekday(times) == SUNDAY).tolist() == [True, True, True, True, False, False, False]
    assert is_working(times).tolist() == [False, False, False, False, False, True, True]
    assert len(weekday(times[:0])) == 0


def test_offices_rest_and_telephones_do_not() -> None:
    morning = [at(2026, 11, 30, 9), at(2026, 11, 29, 9), at(2027, 2, 8, 9), at(2026, 11, 30, 23)]
    times = np.array(morning, np.int64)
    office, calls, port, traffic = (one.at(times) for one in (OFFICE, CALLS, PORT, TRAFFIC))
    assert office[0] > 0.8
    assert office[1:].tolist() == [0, 0, 0]
    assert calls.min() > 0.3
    assert port[3] > port[0] > port[2], "busiest at night, and hardly at Tết"
    assert traffic[0] > 2 * traffic[3]


def test_what_is_counted_since_midnight_begins_anew_and_never_falls() -> None:
    times = MONDAY + np.arange(1, 48 * 6, dtype=np.int64) * 10 * MINUTE
    keys = np.full(len(times), key(1, "office"), np.uint64)
    rows = Rows(np.zeros(len(times), np.intp), times, times // MINUTE, keys)
    share = np.ones(len(times))
    counted = since_midnight(rows, 10 * MINUTE, lambda t: 5 * OFFICE.at(t), share, "x")
    first, second = counted[:143], counted[143:]
    for day in (first, second):
        assert (np.diff(day) >= 0).all()
    assert second[0] == 0
    assert 100 < first[-1] < 300
    assert first[-1] != second[-1]


# --- on their way --------------------------------------------------------------------------------


def test_readings_are_lost_late_and_repeated_at_the_stated_rates() -> None:
    keys = np.full(20_000, key(1, "a"), np.uint64)
    numbers = np.arange(20_000)
    rates = faults.Rates(lost=0.05, late=0.02, twice=0.01)
    for what, rate in ((faults.lost, 0.05), (faults.late, 0.02), (faults.twice, 0.01)):
        assert what(rates, keys, numbers).mean() == pytest.approx(rate, rel=0.25)
        assert not what(faults.NONE, keys, numbers).any()
    assert np.abs(faults.skew(rates._replace(skew=10 * SECOND), keys[:1])) <= faults.MOST_SKEW


def test_a_stuck_sensor_repeats_itself_for_a_while() -> None:
    world = World(SEED, city())
    times = MONDAY + np.arange(0, DAY, MINUTE, dtype=np.int64)
    number = np.full(len(times), world.place[NEW])
    rows = Rows(number, times, times // MINUTE, world.keys[number])
    period = np.full(len(times), MINUTE)
    always = faults.held(faults.USUAL._replace(stuck_a_day=1.0), rows, period)
    load = all_simulated()["base_stations"].measure(world, always)["channel_load"]
    runs = np.diff(np.flatnonzero(np.diff(np.append(np.inf, load)) != 0), append=len(load))
    assert 25 <= runs.max() <= 125
    assert faults.held(faults.NONE, rows, period) is rows


def test_packs_are_the_same_in_every_run_and_nothing_is_sent_twice_by_a_pause() -> None:
    def drafts() -> list[tuple[str, tuple[str, ...], bytes, bytes]]:
        gateways = Gateways(World(SEED, city()))
        assert list(gateways.closed(MONDAY)) == [], "what was due before is not made up for"
        return [
            (name, draft.sources, draft.times.tobytes(), draft.values.tobytes())
            for second in (*range(1, 90), 3600, 3600)
            for name, draft in gateways.closed(MONDAY + second * SECOND)
        ]

    first = drafts()
    assert first == drafts()
    assert len(first) > 10
    assert len(set(first)) == len(first)


# --- scripts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", script.names())
def test_every_scenario_happens_in_the_default_city(name: str) -> None:
    scenario = script.load(name)
    assert scenario.name == name
    everything = some(FEEDER, NEW, LINK, GAUGE, "portal-01", "gate-tan-vu-1", "office-001", "pay-1")
    happens = script.occurrences(scenario, everything, SEED, MONDAY)
    assert happens == script.occurrences(scenario, everything, SEED, MONDAY)
    assert [one.kind for one in happens] == [one.kind for one in scenario.incidents]
    for one in happens:
        assert MONDAY < one.start < one.end
    assert len(truth(World(SEED, everything, happens))) == len(happens)


def test_a_scenario_that_cannot_happen_says_why() -> None:
    def scenario(**said: object) -> Scenario:
        return Scenario("x", "", (Script("flood", (1, 2), 60, **said),))  # type: ignore[arg-type]

    with pytest.raises(ScenarioError, match="no flood_gauge is 'bts-0001'"):
        script.occurrences(scenario(at=("bts-0001",)), city(), SEED, MONDAY)
    with pytest.raises(ScenarioError, match="there is no flood_gauge"):
        script.occurrences(scenario(), some(FEEDER), SEED, MONDAY)
    with pytest.raises(ScenarioError, match="of its systems come attack, backhaul_cut"):
        script.load("storm of the century")


def test_spans_that_touch_are_one() -> None:
    assert union([(5, 9), (1, 3), (3, 4), (8, 8), (7, 12)]) == ((1, 4), (5, 12))


# --- what the stage for sensors makes of it ------------------------------------------------------


def found(
    ids: Sequence[str], hours: float, *happens: Occurrence, start: Micros = MONDAY
) -> set[tuple[str, str]]:
    """(kind of incident, source) of all that began."""
    driver = run(only(some(*ids), ids), start, hours * 3600, happens)
    return {(one.kind, source) for one in begun(driver) for source in one.sources}


def test_a_feeder_that_fails_is_found_with_what_hangs_on_it() -> None:
    early = Occurrence("feeder_failure", FEEDER, MONDAY + 10 * MINUTE, MONDAY + 40 * MINUTE)
    raised = found([FEEDER, OLD, NEW, WIRED], 0.75, early)
    assert ("not_in_service", FEEDER) in raised
    assert {("low_value", OLD), ("not_in_service", OLD)} <= raised, "on battery, and then down"
    assert ("low_value", NEW) in raised, "on battery"
    assert ("no_data", WIRED) in raised
    assert {source for _, source in raised} <= {FEEDER, OLD, NEW, WIRED}


QUIET = (
    FEEDER, OLD, WIRED, "node-02", "pa-01", GAUGE, "rain-01", STREET, "office-001", "pay-1",
    "gate-tan-vu-1", "hospital-01", "data-001", "portal-01",
)  # fmt: skip
"""One of nearly each."""


def test_a_quiet_quarter_of_an_hour_in_the_rush_raises_nothing() -> None:
    assert found(QUIET, 0.25, start=at(2026, 11, 30, 16.5)) == set()


@pytest.mark.parametrize(
    "feed",
    [all_feeds()[name] for name, one in all_simulated().items() if not one.tells],
    ids=lambda one: one.id,
)
def test_no_limit_of_a_default_rule_is_passed_for_long_in_a_quiet_time(feed: Feed) -> None:
    whole = announced.assets("whole", SEED)
    world = World(SEED, whole)
    chosen = [one for one in whole if one.kind in feed.asset_types and one.gateway]
    passed = {rule.metric: 0 for rule in feed.default_rules if rule.metric}
    for one in chosen[:: max(1, len(chosen) // 8)]:
        times = MONDAY + np.arange(0, max(2 * DAY, 100 * one.period), one.period, dtype=np.int64)
        asset = np.full(len(times), world.place[one.id])
        rows = Rows(asset, times, times // one.period, world.keys[asset])
        found = all_simulated()[feed.id].measure(world, rows)
        for rule in feed.default_rules:
            if rule.metric:
                values, limit = found[rule.metric], rule.parameters.get("limit", 0.5)
                high = rule.kind in ("high_value", "citizen_report")
                beyond = values > limit if high else values < limit
                assert not (beyond[1:] & beyond[:-1]).any(), (one.id, rule.metric)
                passed[rule.metric] += int(beyond.sum())
                if "hold_seconds" not in rule.parameters:
                    assert passed[rule.metric] == 0, (one.id, rule.metric)
    if passed and feed.id != "power_feeders":
        assert sum(passed.values()), "the control: without holding it would be"


@pytest.mark.parametrize(
    ("kind", "source", "hours", "expected"),
    [
        ("station_outage", NEW, 0.5, {("not_in_service", NEW), ("no_data", RADIO)}),
        ("flood", GAUGE, 2.0, {("high_value", GAUGE)}),
        ("defacement", "portal-01", 0.25, {("not_in_service", "portal-01")}),
        ("attack", "portal-01", 0.25, {("high_value", "portal-01")}),
        ("gate_queue", "gate-tan-vu-1", 0.75, {("high_value", "gate-tan-vu-1")}),
        ("overdue", "office-001", 0.75, {("high_value", "office-001")}),
        ("backhaul_cut", LINK, 0.4, {("not_in_service", LINK), ("not_in_service", "node-02"),
                                     ("no_data", WIRED)}),
    ],
)  # fmt: skip
def test_what_is_scripted_is_found(
    kind: script.Failure, source: str, hours: float, expected: set[tuple[str, str]]
) -> None:
    ids = {source, *(one for _, one in expected)}
    happens = Occurrence(kind, source, MONDAY + 5 * MINUTE, MONDAY + round(hours * HOUR))
    assert found(sorted(ids), hours, happens) == expected


@pytest.mark.parametrize("strength", [1.0, 0.0])
def test_payments_that_a_bank_refuses_are_found_and_without_them_nothing_is(
    strength: float,
) -> None:
    noon = MONDAY + 11 * HOUR
    happens = Occurrence("refusing_bank", "pay-1", noon + 5 * MINUTE, noon + 35 * MINUTE, strength)
    expected = {("ratio_off", "pay-1")} if strength else set()
    assert found(["pay-1", "pay-2"], 0.5, happens, start=noon) == expected


@cache
def paid(*happens: Occurrence) -> list[tuple[int, int]]:
    """(made, failed) of each minute from Monday on for three days, three gateways in a row."""
    world = World(SEED, some("pay-1", "pay-2", "pay-3"), happens)
    counts = []
    for gateway in Gateways(world).all:
        if isinstance(gateway, Telling):
            told = gateway.told(MONDAY, MONDAY + 3 * DAY - 1)
            failed = told.values[:, EVENT_FIELDS.index("step")] == FAILED
            minute = told.source * 3 * 1440 + (told.time - MONDAY) // MINUTE
            length = 3 * 3 * 1440
            counts += [np.bincount(minute, each, length) for each in (None, failed)]
    return list(zip(*(each.astype(int).tolist() for each in counts), strict=True))


def too_many(counts: list[tuple[int, int]], minutes: int) -> int:
    """How often the share that failed in so many minutes is beyond the default rule's limit."""
    (rule,) = (each for each in all_feeds()["payments"].default_rules if each.metric)
    made, failed = (
        np.convolve([each[place] for each in counts], np.ones(minutes), "valid") for place in (0, 1)
    )
    told = made >= rule.parameters["least_count"] * minutes / 10
    return int((told & (failed > rule.parameters["high"] * made)).sum())


def test_on_quiet_days_no_ten_minutes_of_payments_fail_as_the_rule_has_it() -> None:
    quiet = paid()
    assert sum(made for made, _ in quiet) > 200_000
    assert too_many(quiet, 10) == 0
    assert too_many(quiet, 1) > 0, "the control: of one minute alone too many fail"


def test_where_a_bank_refuses_one_in_three_more_fail_there_and_nothing_else_changes() -> None:
    start, end = MONDAY + 10 * HOUR, MONDAY + 11 * HOUR
    quiet, struck = paid(), paid(Occurrence("refusing_bank", "pay-2", start, end))
    assert [made for made, _ in quiet] == [made for made, _ in struck]
    other = [at for at, (one, two) in enumerate(zip(quiet, struck, strict=True)) if one != two]
    assert 3 * 1440 + 600 <= other[0] <= other[-1] < 3 * 1440 + 660
    made, failed = np.array(struck[3 * 1440 + 600 : 3 * 1440 + 660]).sum(axis=0)
    assert 0.3 < failed / made < 0.4
    assert too_many(struck, 10) >= 60
