"""A kind that learns each series: its budget of alarms, and that nothing changes what it finds."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simulators.feeds.registry import all_simulated
from simulators.world.state import Rows, World
from streams.events import DAY, MINUTE, SECOND, Incident, Micros, Removed, Rule, Tick
from streams.kinds.registry import find
from streams.kinds.unlike_before import ALARM
from streams.rules.sensors import Sensors
from tests.support.loops import PERIOD, START, Driver, controls, pack
from tests.support.systems import SEED, some

KIND = find("unlike_before")
SOON = Rule("odd", "unlike_before", "low", parameters={"learn_seconds": 600.0})
CALM, ODD = (900.0, 12.0, 45.0), (9000.0, 95.0, 3.0)


def told(driver: Driver, values: list[tuple[float, float, float]]) -> Driver:
    """One reading each period, with a tick after it."""
    begin = driver.state[""].tick
    for step, each in enumerate(values, 1):
        time = begin + step * PERIOD
        driver.feed(Tick(time), pack([("a", time, *each)], time // SECOND))
    return driver


def told_in_full(again: Callable[[Driver], None] = lambda _: None) -> list[Incident]:
    driver = Driver().city("a", rules=[SOON])
    for part in ([CALM] * 130, [ODD] * 3, [CALM] * 230):
        for each in part:
            told(driver, [each])
            again(driver)
    return driver.incidents


def test_what_was_never_so_is_found_once_and_ends() -> None:
    begun, ended = told_in_full()
    assert (begun.kind, begun.revision, ended.revision) == ("unlike_before", 0, 1)
    assert begun.start - START == 131 * PERIOD
    assert ended.end
    assert begun.evidence[0].metric == "flow", "the metric that the rule watches"


def test_a_crash_after_every_message_changes_nothing() -> None:
    assert told_in_full(Driver.reload) == told_in_full()


def learned(driver: Driver) -> dict[str, dict[str, bytes]]:
    found: dict[str, dict[str, bytes]] = {}
    for state in driver.state.values():
        if isinstance(state, Sensors):
            found |= state.learned
    return found


def test_what_is_remembered_is_small_and_goes_with_its_rule() -> None:
    driver = told(Driver().city("a", rules=[SOON]), [CALM] * 100)
    few = len(learned(driver)["odd"]["a"])
    told(driver, [(900.0 + n % 17, 12.0, 45.0) for n in range(300)])
    assert len(learned(driver)["odd"]["a"]) <= few + 100 < 4000
    driver.feed(*controls([Removed("rule", "odd")], first=9), Tick(driver.state[""].tick + SECOND))
    assert learned(driver) == {}


def test_another_metric_has_another_past() -> None:
    other = Rule("odd", "unlike_before", "low", parameters={"learn_seconds": 600.0, "metric": 3.0})
    driver = told(Driver().city("a", rules=[SOON]), [CALM] * 150)
    driver.feed(*controls([other], first=9))
    assert not told(driver, [ODD] * 3).incidents, "it has not learned that one for long enough"


def alarms(times: NDArray[np.int64], values: NDArray[np.float64], **said: float) -> list[Micros]:
    rule = Rule("r", "unlike_before", "low", parameters=said)
    assert KIND.follows
    marks = KIND.follows(KIND, rule, times, values, b"")[1]
    found: list[Micros] = times[marks == ALARM].tolist()
    return found


SERIES = (
    ("base_stations", "channel_load", "bts-0001"),
    ("public_wifi", "wifi_clients", "wifi-001"),
    ("web_portals", "response_time", "portal-01"),
    ("travel_times", "speed", "tt-cau-rao-out"),
)


def test_quiet_months_of_the_simulated_city_keep_the_budget_together() -> None:
    found = 0
    for feed, metric, asset in SERIES:
        world = World(SEED, some(asset))
        times = START + np.arange(0, 37 * DAY, 10 * MINUTE, dtype=np.int64)
        number = np.full(len(times), world.place[asset])
        rows = Rows(number, times, times // MINUTE, world.keys[number])
        values = all_simulated()[feed].measure(world, rows)[metric]
        found += len(alarms(times, values))
        broken, at = values.copy(), len(values) - 200
        broken[at : at + 6] = values.max() + 4 * (values.max() - values.min())
        assert times[at] in alarms(times, broken), (
            "the control: what is far from all of it is found"
        )
    assert found <= len(SERIES)


def test_a_smaller_budget_has_more_alarms() -> None:
    chance = np.random.default_rng(4)
    times = START + np.arange(0, 90 * DAY, 10 * MINUTE, dtype=np.int64)
    values = 20 + chance.standard_normal(len(times))
    values[chance.random(len(times)) < 0.004] += 8 * chance.random()
    month, day = (len(alarms(times, values, budget_days=n, least_score=0.0)) for n in (30.0, 1.0))
    assert 1 <= month <= 8 < day
