"""People who come to stand on a median, and the zone that they are in."""

import pytest

from simulators.city.assets import read
from simulators.city.streets import MEDIAN_M
from simulators.gathering import AHEAD_M, ENOUGH, Gathering, watched, zone_of
from simulators.lens import HEIGHT, WIDTH
from simulators.scenario import load, names
from streams.events import Rule

SECONDS = range(120)


@pytest.mark.parametrize(("scenario", "most"), [("crowd", 8), ("intrusion", 1)])
def test_they_come_stand_and_leave(scenario: str, most: int) -> None:
    (script,) = load(scenario).people
    for seed in range(20):
        gathering = Gathering(script, seed)
        there = [gathering.within(second) for second in SECONDS]
        assert there[0] == there[-1] == 0
        assert max(there) == most
        full = [second for second, count in zip(SECONDS, there, strict=True) if count == most]
        assert full[-1] - full[0] >= script.lasts_s
        assert full == list(range(full[0], full[-1] + 1)), "once, without a gap"
        standing = gathering.at(full[len(full) // 2])
        assert len({person.id for person in standing}) == most
        assert all(AHEAD_M[0] <= person.u <= AHEAD_M[1] for person in standing)
        assert all(abs(person.v) < MEDIAN_M / 2 for person in standing)


def test_the_same_seed_is_the_same_and_seeds_differ() -> None:
    (script,) = load("crowd").people
    found = [Gathering(script, seed) for seed in range(40)]
    assert {each.camera.id for each in found} == {camera.id for camera in read().cameras}
    assert Gathering(script, 3).at(50.0) == found[3].at(50.0) != found[4].at(50.0)


def test_nobody_jumps() -> None:
    (script,) = load("crowd").people
    gathering = Gathering(script, 5)
    before: dict[str, float] = {}
    for step in range(600):
        now = {person.id: person.u for person in gathering.at(step / 5)}
        for person, u in now.items():
            assert abs(u - before.get(person, u)) < 0.3
        before = now


def test_their_feet_are_in_the_zone_of_every_camera() -> None:
    for camera in read().cameras:
        (xs, ys) = zip(*zone_of(camera).polygon, strict=True)
        assert 0 <= min(xs) < max(xs) <= 1
        assert 0 <= min(ys) < max(ys) <= 1
        assert (max(ys) - min(ys)) * HEIGHT > 60, "it is seen"
        assert (max(xs) - min(xs)) * WIDTH > 20


def test_rules_hold_on_every_median() -> None:
    rules = {each.kind: each for each in watched() if isinstance(each, Rule)}
    assert rules.keys() == {"intrusion", "crowd"}
    assert rules["crowd"].parameters == {"count": ENOUGH}
    assert all(len(rule.zones) == len(read().cameras) for rule in rules.values())


def test_every_scenario_of_the_city_can_be_loaded() -> None:
    assert {"crowd", "far", "intrusion", "night", "quiet", "stopped_vehicle"} < set(names())
    calm = [name for name in names() if not load(name).stages]
    assert {"quiet", "quiet-night"} <= set(calm)
    assert not {"crowd", "intrusion", "night", "stopped_vehicle"} & set(calm)
    harmless = [name for name in names() if load(name).stages and not load(name).is_wrong]
    assert harmless == ["beside"]
    assert load("night").hour == 22.5
