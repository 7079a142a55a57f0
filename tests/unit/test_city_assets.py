"""The static city: what is listed, where it lies, and that the checked-in network is made of it."""

import gzip

import pytest

from simulators.city import make_network
from simulators.city.assets import DEMAND, LOOP_DETECTORS, NETWORK, changes, read
from simulators.city.streets import line_of, opposite, street_of, to_degrees, to_metres
from streams.configuration.check import check
from streams.configuration.configured import NOTHING, folded
from streams.events import ControlChange, Rule, Source, Zone


def test_there_are_enough_cameras_and_loops() -> None:
    assets = read()
    assert len(assets.cameras) >= 6
    assert len(assets.loops) >= 24
    assert 3 <= len(assets.gateways) <= 6
    ids = [thing.id for thing in (*assets.cameras, *assets.loops)]
    assert len(set(ids)) == len(ids)


def test_everything_lies_in_hai_phong() -> None:
    for thing in (*read().cameras, *read().loops):
        assert 20.82 < thing.place.latitude < 20.88
        assert 106.65 < thing.place.longitude < 106.73
        assert thing.place.segment == street_of(thing.edge).id


def test_each_camera_shares_its_segment_with_loops() -> None:
    watched = {loop.place.segment for loop in read().loops}
    assert {camera.place.segment for camera in read().cameras} <= watched


def test_both_carriageways_of_each_camera_are_zones_inside_its_picture() -> None:
    for camera in read().cameras:
        assert {zone.edge for zone in camera.zones} == {camera.edge, opposite(camera.edge)}
        for zone in camera.zones:
            assert all(0 <= x <= 1 and 0 <= y <= 1 for x, y in zone.polygon)


def test_the_changes_can_be_applied_in_their_order() -> None:
    known = NOTHING
    for sequence, change in enumerate(changes(), start=1):
        check(known, change)
        known = folded([ControlChange(sequence, 0, change)], known)
    assert len(known.sources) == len(read().cameras) + len(read().loops)
    assert {rule.kind for rule in known.rules.values()} == {
        "stopped_vehicle", "congestion", "anomaly", "no_data",
    }  # fmt: skip


def test_what_rules_name_is_announced_before_them() -> None:
    known: set[str] = set()
    for change in changes():
        if isinstance(change, Source | Zone):
            known.add(change.id)
        elif isinstance(change, Rule):
            assert known.issuperset((*change.sources, *change.zones))


def test_the_checked_in_demand_and_loops_are_what_the_script_makes() -> None:
    assert DEMAND.read_text() == make_network.demand()
    assert LOOP_DETECTORS.read_text() == make_network.loops()


def test_the_checked_in_network_has_every_edge_and_names_no_machine() -> None:
    packed = NETWORK.read_bytes()
    assert len(packed) < 1_000_000
    network = gzip.decompress(packed).decode()
    for camera in read().cameras:
        assert f'<edge id="{camera.edge}"' in network
        assert f'name="{street_of(camera.edge).name}"' in network
    assert "/tmp" not in network
    assert "<!--" not in network


def test_degrees_and_metres_agree() -> None:
    assert to_degrees(*to_metres(20.8532, 106.6862)) == pytest.approx((20.8532, 106.6862))
    line = line_of("lach-tray.out")
    back = line_of("lach-tray.in")
    assert line.at(line.length_m) == pytest.approx(back.start)
    assert line.at(100.0) == pytest.approx(back.at(back.length_m - 100.0))
