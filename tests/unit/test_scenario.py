"""What a scenario file says, and what a seed makes of it."""

from itertools import islice, pairwise
from pathlib import Path

import pytest

from simulators.city.assets import read
from simulators.city.streets import street_of
from simulators.scenario import ScenarioError, load, stops


def test_a_stop_begins_within_its_bounds_at_a_place_in_view() -> None:
    (script,) = load("stopped_vehicle").incidents
    for seed in range(50):
        stop = next(stops(script, seed))
        assert 25 <= stop.at_s <= 35
        assert stop.lasts_s == 60
        assert 0 <= stop.lane < street_of(stop.camera.edge).lanes
        assert script.ahead_m[0] <= stop.ahead_m <= script.ahead_m[1]


def test_seeds_choose_every_camera_and_the_same_seed_the_same_one() -> None:
    (script,) = load("stopped_vehicle").incidents
    chosen = [next(stops(script, seed)) for seed in range(60)]
    assert {stop.camera.id for stop in chosen} == {camera.id for camera in read().cameras}
    assert {stop.type for stop in chosen} == set(script.types)
    assert chosen == [next(stops(script, seed)) for seed in range(60)]


def test_it_comes_back_every_ten_to_fifteen_minutes_on_another_camera() -> None:
    (script,) = load("stopped_vehicle").incidents
    found = list(islice(stops(script, 7), 20))
    for before, after in pairwise(found):
        assert 600 <= after.at_s - before.at_s <= 900
        assert after.camera != before.camera
    assert len({stop.id for stop in found}) == 20


def test_nothing_happens_in_the_quiet_scenario() -> None:
    assert load("quiet").incidents == ()


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("name: x", "description"),
        ("name: [", "line 1, column 8"),
        ("{name: x, description: y, incident: []}", "incident"),
        (
            "{name: x, description: y, incidents: [{kind: stopped_vehicle, after_s: [1, 2],"
            " lasts_s: 5, ahead_m: [20, 30], types: [tractor]}]}",
            "tractor",
        ),
        (
            "{name: x, description: y, incidents: [{kind: stopped_vehicle, after_s: [1, 2],"
            " lasts_s: 5, ahead_m: [20, 30], types: [sedan], cameras: [cam-paris]}]}",
            "cam-paris",
        ),
    ],
)
def test_a_file_that_cannot_be_used_says_why(tmp_path: Path, content: str, says: str) -> None:
    path = tmp_path / "scenario.yaml"
    path.write_text(content)
    with pytest.raises(ScenarioError) as error:
        load(path)
    assert says in str(error.value)


def test_a_missing_file_is_named() -> None:
    with pytest.raises(ScenarioError, match=r"nowhere\.yaml"):
        load("nowhere.yaml")
