"""Which objects cross a line, compared with a library; and what a kind makes of it."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.cameras.lines import Crossings, Feet, Line, cross, line
from streams.cameras.zones import Polygon
from streams.events import SECOND, Counts, Incident
from tests.support.extension import extended
from tests.support.stories import MIDDLE, UPWARD
from tests.support.watchman import Thing, Watchman, at, camera, rule, zone

WIDTH, HEIGHT = 640, 360
Foot = tuple[float, float]
"""Pixels."""

pixels = st.tuples(st.integers(0, 16), st.integers(0, 16)).map(lambda p: (p[0] * 40, p[1] * 20))
"""Coarse, so that feet often lie on the line, on its prolongation and on its ends."""


def step(
    drawn: Line, before: Feet | None, feet: dict[int, Foot], *, tall: float = 0.0, seen: bool = True
) -> Crossings:
    """One frame of tracks by id; boxes are ``tall`` pixels high."""
    x, y = np.array(list(feet.values()), np.float32).reshape(-1, 2).T * 10
    boxes = np.array([x - 50, y - tall * 10, x + 50, y], np.float32)
    ids = np.array(list(feet), np.int32)
    return cross(drawn, before or {}, ids, boxes, bytes([seen]) * len(feet))


def walk(drawn: Line, *path: Foot, tall: float = 0.0) -> list[int]:
    """Each crossing of one track: 1 to the right, -1 to the left."""
    feet: Feet | None = None
    found = []
    for foot in path:
        feet, right, left = step(drawn, feet, {7: foot}, tall=tall)
        found += [1] * right[0] + [-1] * left[0]
    return found


def on_picture(polygon: Polygon) -> Line:
    return line(polygon, WIDTH, HEIGHT)


UP = on_picture(UPWARD)
"""At x = 320, from y = 324 up to y = 36."""


@given(pixels, pixels, pixels, pixels)
def test_the_library_says_the_same_of_every_step(a: Foot, b: Foot, p: Foot, q: Foot) -> None:
    def side(point: Foot) -> float:
        return float((b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]))

    meets = shapely.LineString([a, b]).intersects(shapely.LineString([p, q]))
    expected = []
    if meets and side(p) * side(q) < 0:
        expected = [1 if side(q) > 0 else -1]
    drawn = on_picture([(x / WIDTH, y / HEIGHT) for x, y in (a, b)])
    assert walk(drawn, p, q) == expected
    assert walk(drawn, q, p) == [-way for way in expected]
    assert walk(Line(drawn.end, drawn.start), p, q) == [-way for way in expected]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ([(300, 180), (340, 180)], [1]),
        ([(340, 180), (300, 180)], [-1]),
        ([(300, 180), (340, 180), (300, 180)], [1, -1]),
        ([(300, 180), (320, 180), (340, 180)], [1]),
        ([(300, 180), (320, 180), (320, 150), (300, 150)], []),
        ([(320, 180), (340, 180)], []),  # it came on the line: from where, nobody knows
        ([(300, 30), (340, 30)], []),
        ([(300, 340), (340, 340)], []),
        ([(300, 324), (340, 324)], [1]),  # through its very end
        ([(300, 180), (300, 340), (340, 340), (340, 180)], []),
        ([(300, 180), (320, 340), (320, 180), (340, 180)], []),  # round the end, onto the line
        ([(300, 300), (340, 340)], [1]),  # it ends beyond the end, but came through the line
        ([(300, 320), (340, 350)], []),
        ([(10, 180), (630, 180)], [1]),
    ],
)
def test_a_path_crosses_where_it_meets_the_line_between_its_ends(
    path: list[Foot], expected: list[int]
) -> None:
    assert walk(UP, *path) == expected
    assert walk(Line(UP.end, UP.start), *path) == [-way for way in expected]


def test_a_foot_that_trembles_on_the_line_crosses_nothing() -> None:
    trembling = [(320.0 + (-2) ** (n % 2), 180.0) for n in range(20)]
    assert walk(UP, (300, 180), *trembling, (300, 180), tall=30) == []
    assert walk(UP, (300, 180), *trembling, (340, 180), tall=30) == [1]
    assert len(walk(UP, (300, 180), *trembling)) > 10, "a box without height is never near"
    beyond = [(x, 340.0) for x, _ in trembling]
    assert walk(UP, (300, 180), *beyond, (340, 180), tall=30) == []


def test_what_is_not_seen_waits_and_what_is_gone_is_forgotten() -> None:
    first = step(UP, None, {1: (300, 180), 2: (340, 180)})
    assert first.feet is not None
    assert first.feet.keys() == {1, 2}
    expected = step(UP, first.feet, {1: (340, 180), 2: (340, 180)}, seen=False)
    assert expected == Crossings(first.feet, bytes(2), bytes(2)), "where it would be by now"
    seen = step(UP, expected.feet, {1: (345, 180), 3: (345, 180)})
    assert (seen.rightward, seen.leftward) == (b"\1\0", b"\0\0")
    assert seen.feet is not None
    assert seen.feet.keys() == {1, 3}
    assert step(UP, seen.feet, {}).feet is None


def test_a_line_of_no_length_is_crossed_by_nothing() -> None:
    point = on_picture([(0.5, 0.5), (0.5, 0.5)])
    assert walk(point, (300, 180), (340, 180), (320, 100), (320, 300)) == []


@pytest.fixture
def own() -> Iterator[None]:
    with extended():
        yield


def street(*changes: Any, polygon: Any = UPWARD) -> Watchman:
    return Watchman(camera(), zone("line", polygon=polygon), rule("wrong_way"), *changes)


def drive(man: Watchman, *corners: Foot, label: str = "car", **how: Any) -> list[Incident]:
    """Along the corners by 10 pixels a frame; what is decided meanwhile."""
    said = []
    for (ax, ay), (bx, by) in pairwise(corners):
        steps = round(max(abs(bx - ax), abs(by - ay)) / 10)
        for n in range(steps):
            foot = ax + (bx - ax) * n / steps, ay + (by - ay) * n / steps
            said += man.see(at(label, *foot), **how)
    return [event for event in said if isinstance(event, Incident)]


def test_who_crosses_the_wrong_way_is_shown_with_the_line(own: None) -> None:
    man = street()
    assert drive(man, (100, 180), (500, 180)) == []
    (opened,) = drive(man, (500, 180), (100, 180))
    assert (opened.kind, opened.zone, opened.sources) == ("wrong_way", "line", ("cam",))
    (evidence,) = opened.evidence
    assert evidence.zone == UPWARD
    (box,) = evidence.boxes
    assert (box.x0 + box.x1) / 20 == pytest.approx(310, abs=10)
    assert opened.subject.startswith("track-")
    for _ in range(11 * 5):
        man.see()
    assert [incident.revision for incident in man.incidents] == [0, 1]
    (again,) = drive(man, (500, 180), (100, 180))
    assert again.id != opened.id
    assert man.partition.counts["failed wrong_way"] == 0


def test_the_other_direction_is_the_line_from_its_other_corner(own: None) -> None:
    man = street(polygon=UPWARD[::-1])
    assert len(drive(man, (100, 180), (500, 180))) == 1
    assert len(drive(street(polygon=UPWARD[::-1]), (500, 180), (100, 180))) == 0


def test_who_goes_round_the_end_or_is_not_meant_does_not_cross(own: None) -> None:
    man = street()
    assert drive(man, (400, 180), (400, 345), (250, 345), (250, 180)) == []
    assert drive(street(), (500, 180), (100, 180), label="person") == []


def test_what_is_remembered_outlives_a_restart_and_nobody(own: None) -> None:
    man = street()
    drive(man, (500, 180), (400, 180))
    man.restart()
    assert len(drive(man, (400, 180), (200, 180))) == 1
    for _ in range(15 * 5):
        man.see()
    watch = man.partition.states["cam"].watches["wrong_way\x1fline"]
    assert watch.memory is None


def test_after_another_size_of_pictures_or_another_line_nobody_has_crossed(own: None) -> None:
    man = street()
    drive(man, (500, 180), (400, 180))
    assert drive(man, (400, 180), (200, 180), size=(320, 360)) == [], "beside a line at x = 160"
    man = street()
    drive(man, (500, 180), (400, 180))
    man.configure(zone("line", polygon=((0.7, 0.9), (0.7, 0.1))))
    assert drive(man, (400, 180), (340, 180)) == [], "it was the line that moved"
    assert man.partition.counts["failed wrong_way"] == 0


def test_rules_that_name_none_watch_what_their_kinds_do(own: None) -> None:
    both = zone("area", polygon=MIDDLE)
    man = street(both, rule("stopped_vehicle"))
    drive(man, (500, 180), (200, 180))
    for _ in range(25 * 5):
        man.see(at("car", 200, 180))
    found = {(incident.kind, incident.zone) for incident in man.incidents}
    assert found == {("wrong_way", "line"), ("stopped_vehicle", "area")}


def test_a_log_that_says_otherwise_is_not_followed(own: None) -> None:
    """What is refused today may stand in a log of former days."""
    named = rule("stopped_vehicle", zones=("line",))
    man = street(named, zone("area", polygon=MIDDLE), rule("wrong_way", id="w", zones=("area",)))
    drive(man, (500, 180), (200, 180))
    for _ in range(25 * 5):
        man.see(at("car", 200, 180))
    assert {incident.rule for incident in man.incidents} == {"wrong_way"}


def test_a_zone_that_becomes_a_line_ends_what_is_open_in_it(own: None) -> None:
    man = Watchman(camera(), zone(polygon=MIDDLE), rule("stopped_vehicle"))
    for _ in range(25 * 5):
        man.see(at("car", 300, 200))
    man.configure(zone(polygon=UPWARD))
    for _ in range(25 * 5):
        man.see(at("car", 300, 200))
    assert [incident.revision for incident in man.incidents] == [0, 1]


def test_lines_are_not_tallied_and_take_no_zones_place(own: None) -> None:
    zones = [zone(f"zone-{n:02}", polygon=MIDDLE) for n in range(30)]
    lines = [zone("a-line", polygon=UPWARD), rule("wrong_way"), rule("crowded_picture")]

    def counted(*changes: Any) -> list[Counts]:
        man = Watchman(camera(), *zones, *changes)
        drive(man, (100, 180), (500, 180))
        man.pass_until(man.time + 80 * SECOND)
        return man.counts

    with_lines = counted(*lines)
    assert with_lines == counted()
    assert len(with_lines) == 31, "the picture and every zone, of one class and minute"


crowds: st.SearchStrategy[list[list[Thing]]] = st.lists(
    st.lists(
        st.builds(at, st.sampled_from(["car", "bus"]), st.integers(20, 620), st.integers(60, 350)),
        max_size=5,
    ),
    max_size=30,
)


@settings(max_examples=25)
@given(crowds)
def test_no_picture_makes_it_fail_or_remember_more_than_its_tracks(
    frames: list[list[Thing]],
) -> None:
    with extended():
        man = street(rule("crowded_picture"))
        for things in frames:
            man.see(*things)
            state = man.partition.states["cam"]
            watch = state.watches.get("wrong_way\x1fline")
            known = set(np.frombuffer(state.tracks.facts, np.int32).reshape(5, -1)[0].tolist())
            assert set(watch.memory or () if watch else ()) <= known
        assert man.partition.counts["failed wrong_way"] == 0
        assert man.partition.counts["failed crowded_picture"] == 0
