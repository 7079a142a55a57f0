"""The default city's registry: its figures, where things are, and what depends on what."""

import json
from collections import Counter
from hashlib import sha256
from pathlib import Path

import pytest

from simulators.city import registry
from simulators.city.assets import read
from simulators.city.figures import listed, shared, units
from simulators.city.maker import KM_PER_LATITUDE, KM_PER_LONGITUDE
from simulators.city.registry import changes, counted, part, whole
from streams import dependencies
from streams.configuration import check, geojson
from streams.configuration.configured import NOTHING, copied, take
from streams.configuration.importing import planned
from streams.events import Source
from streams.feeds.registry import all_feeds
from streams.feeds.reporting import reports

PUBLISHED = {
    "base_station": 2030,
    "wifi_point": 123,
    "network_node": 38,
    "loudspeaker_station": 32,
    "loudspeaker": 951,
    "one_stop_office": 114,
    "data_service": 192,
}


def test_each_figure_says_whether_it_is_published_or_assumed() -> None:
    for name, figure in listed().figures.items():
        assert bool(figure.source) != bool(figure.assumed), name
        assert figure.count > 0
    assert {name: figure.count for name, figure in listed().figures.items() if figure.source} == {
        **PUBLISHED,
        "loudspeaker_station_ip": 17,
    }


def test_there_are_as_many_as_the_figures_say() -> None:
    made = counted(whole(7))
    for kind, figure in listed().figures.items():
        if kind != "loudspeaker_station_ip":
            assert made[kind] == figure.count, kind
    assert 5_500 <= sum(made.values()) <= 6_500
    types = {name for feed in all_feeds().values() for name in feed.asset_types}
    others = {"induction_loop"}  # SUMO's
    assert set(made) == types - others, "of every type of every feed there is something"


def test_the_units_are_the_114_since_2025() -> None:
    assert Counter(unit.form for unit in units()) == {
        "ward": 45, "commune": 67, "special_zone": 2,
    }  # fmt: skip
    assert len({unit.name for unit in units()}) == 114
    simulated = {thing.ward for thing in (*read().cameras,)} | {loop.ward for loop in read().loops}
    assert simulated <= {unit.name for unit in units()}


def test_what_was_counted_before_the_merger_is_where_the_city_was_then() -> None:
    before = {unit.name for unit in units() if not unit.is_new}
    counted_then = ("base_station", "wifi_point", "loudspeaker_station", "loudspeaker")
    assert {asset.ward for asset in whole(7) if asset.kind in counted_then} <= before
    offices = [asset.ward for asset in whole(7) if asset.kind == "one_stop_office"]
    assert sorted(offices) == sorted(unit.name for unit in units())


def test_what_is_in_a_ward_is_near_its_point() -> None:
    by_name = {unit.name: unit for unit in units()}
    for asset in whole(7):
        if asset.kind not in ("base_station", "transformer", "school", "wifi_point"):
            continue
        unit, point = by_name[asset.ward], asset.place.point
        assert point
        assert abs(point[0] - unit.latitude) * KM_PER_LATITUDE <= 2.5
        assert abs(point[1] - unit.longitude) * KM_PER_LONGITUDE <= 2.5


def test_the_same_seed_gives_the_same_city_on_every_machine() -> None:
    text = json.dumps(geojson.collection(whole(7), None), sort_keys=True, ensure_ascii=False)
    assert sha256(text.encode()).hexdigest() == (
        "02ee08ce83543948f2da3f38b7dd9dda73df786a9cb459d010f30f83604c2f57"
    ), "the city differs from the release before: if that is meant, say so in the changelog"


@pytest.mark.parametrize("seed", [0, 1, 2**63])
def test_another_seed_moves_things_and_leaves_their_number_and_ids(seed: int) -> None:
    whole.cache_clear()
    other = whole(seed)
    assert [asset.id for asset in other] == [asset.id for asset in whole(7)]
    moved = sum(one.place != two.place for one, two in zip(other, whole(7), strict=True))
    assert moved > len(other) / 2


@pytest.mark.parametrize("city", ["part", "whole"])
def test_each_can_be_announced_after_those_before_it(city: str) -> None:
    known = copied(NOTHING)
    for change in changes(city, 7):  # type: ignore[arg-type]
        stored = check.whole(change, known)
        check.check(known, stored)
        take(known, stored)
    parents = {name: asset.parents for name, asset in known.sources.items()}
    deepest = max(dependencies.longest(lambda one: parents[one], name) for name in parents)
    assert 6 <= deepest < check.MAX_DEPTH
    below = dependencies.children(parents)
    for camera in read().cameras:
        above = dependencies.closure(lambda one: parents[one], [camera.id])
        kinds = {known.sources[name].kind for name in above}
        assert {"network_node", "transformer", "power_feeder", "substation"} <= kinds
    core = dependencies.closure(lambda one: below.get(one, ()), ["node-01"])
    assert len(core) > 200


def test_the_part_is_what_is_around_the_simulated_and_what_that_depends_on() -> None:
    chosen = part(7)
    ids = {asset.id for asset in chosen}
    assert 400 <= len(ids) <= 1000
    assert all(set(asset.parents) <= ids for asset in chosen)
    assert set(ids) < {asset.id for asset in whole(7)}


def test_none_of_it_reports_so_that_nobody_misses_it() -> None:
    assert not any(map(reports, whole(7)))
    simulated = [one for one in changes("none", 7) if isinstance(one, Source)]
    assert all(map(reports, simulated))
    assert not any(one.parents for one in simulated)


def test_units_are_shared_out_by_weight_and_none_is_lost() -> None:
    three = units()[:3] + units()[-1:]
    for count in range(20):
        assert len(shared(count, three)) == count
    assert Counter(unit.name for unit in shared(100, three)) == {
        "Hồng Bàng": 30, "Ngô Quyền": 30, "Gia Viên": 30, "Kim Thành": 10,
    }  # fmt: skip


def test_the_file_is_what_an_import_takes(tmp_path: Path) -> None:
    file = tmp_path / "city.geojson"
    registry.main([str(file), "--seed", "7", "--city", "part"])
    plan = planned(NOTHING, {}, geojson.read(json.loads(file.read_text())))
    assert {change.id: change for change in plan.changes} == {one.id: one for one in part(7)}
