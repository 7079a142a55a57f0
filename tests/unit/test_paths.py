"""How what moves before a camera came there: drawn on the wall, and bounded."""

from itertools import pairwise

import msgspec
import pytest

from services.api.paths import POINTS, RECENT, STEP, Paths
from streams.events import SECOND, BadMessage, Detections, Micros
from tests.support.watchman import FRAME, HEIGHT, START, WIDTH, Thing, at, detections

MOST = 600


class Camera:
    def __init__(self) -> None:
        self.paths, self.time = Paths(), START
        self.last: Detections

    def see(self, *things: Thing, after: Micros = FRAME) -> list[list[int]]:
        self.time += after
        self.last = detections(self.time, things)
        self.paths.follow(self.last)
        return self.paths.drawn(MOST)


def car(step: int, y: float = 200) -> Thing:
    return at("car", 20 + 8 * step, y, 40, 30)


def test_who_moves_has_a_path_that_ends_where_it_is_and_who_stands_has_none() -> None:
    camera = Camera()
    for step in range(40):
        drawn = camera.see(car(step), at("truck", 400, 100))
    (path,) = drawn
    feet = list(zip(path[::2], path[1::2], strict=True))
    thing = car(39)
    assert feet[-1] == (
        round(500 * (thing[1] + thing[3]) / WIDTH),
        round(1000 * thing[4] / HEIGHT),
    )
    assert 2 < len(feet) <= POINTS
    assert all(b[0] - a[0] >= STEP for a, b in pairwise(feet[:-1]))


def test_a_path_goes_ten_seconds_back_and_ends_with_the_track() -> None:
    camera = Camera()
    for step in range(40):
        camera.see(car(step))
    for _ in range(RECENT // FRAME - 20):
        assert camera.see(car(39)), "it has come lately"
    for _ in range(25):
        drawn = camera.see(car(39))
    assert drawn == [], "it stands"
    for step in range(40, 60):
        drawn = camera.see(car(step))
    assert drawn
    for _ in range(15):
        drawn = camera.see()
    assert drawn == [], "it has gone"


def test_nothing_is_followed_through_a_pause_or_into_another_view() -> None:
    for change in ({"time": 20 * SECOND}, {"view": 1}, {"width": 2 * WIDTH}):
        camera = Camera()
        for step in range(20):
            assert camera.see(car(step)) or step < 10
        event = detections(camera.time + change.get("time", FRAME), [car(20)])
        changed = {name: value for name, value in change.items() if name != "time"}
        camera.paths.follow(msgspec.structs.replace(event, **changed))
        assert camera.paths.drawn(MOST) == [], change


def test_a_picture_that_is_as_before_a_bad_one_and_a_repeated_one_move_nobody() -> None:
    camera = Camera()
    for step in range(20):
        before = camera.see(car(step))
    looked = camera.time
    for number in range(1, 4):
        same = detections(looked + number * FRAME)
        camera.paths.follow(msgspec.structs.replace(same, as_of=looked))
    assert camera.paths.drawn(MOST) == before
    camera.paths.follow(msgspec.structs.replace(detections(looked + SECOND), verdict="dark"))
    camera.paths.follow(camera.last)
    assert camera.paths.drawn(MOST) == before
    with pytest.raises(BadMessage):
        camera.paths.follow(
            msgspec.structs.replace(detections(looked + SECOND, [car(20)]), classes=b"\xff")
        )


def test_a_crowd_has_no_more_points_than_may_be_sent() -> None:
    camera = Camera()
    for step in range(30):
        camera.see(*(car(step, y) for y in range(20, 340, 32)))
    assert len(camera.paths.drawn(MOST)) == 10
    few = camera.paths.drawn(40)
    assert [len(path) for path in few] == [8] * 10
    assert len(camera.paths.drawn(10)) == 5
    assert camera.paths.drawn(0) == []
