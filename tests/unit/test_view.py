"""Whether a camera still sees what its zones were drawn on."""

from collections.abc import Iterable, Iterator
from functools import cache

import cv2
import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray

from simulators.cameras import Renderer
from simulators.city import assets
from streams.cameras.verdicts import look
from streams.cameras.view import EVERY, LEARNING, View, begin_anew, is_covered, watch
from streams.events import MINUTE, SECOND, FrameRef, Micros, Moved

Picture = NDArray[np.uint8]
NOW = 1_800_000_000 * SECOND
CAMERAS = [
    pytest.param(number, marks=() if number < 2 else pytest.mark.slow)
    for number in range(len(assets.read().cameras))
]


@cache
def renderer(camera: int) -> Renderer:
    return Renderer(assets.read().cameras[camera], 1)


def street(number: int = 0, hour: float = 12.0, camera: int = 0) -> Picture:
    return renderer(camera).render([], number, hour)


def streets(number: int, hour: float = 12.0, camera: int = 0) -> list[Picture]:
    return [street(each, hour, camera) for each in range(number)]


def turned(picture: Picture, right: float = 0, down: float = 0, zoom: float = 1) -> Picture:
    """With what it shows elsewhere, by fractions of its size, and zoomed about its middle."""
    height, width = picture.shape[:2]
    across = right * width + (1 - zoom) * width / 2
    along = down * height + (1 - zoom) * height / 2
    how = np.array([[zoom, 0, across], [0, zoom, along]])
    moved = cv2.warpAffine(picture, how, (width, height), borderMode=cv2.BORDER_REFLECT)
    return np.asarray(moved, np.uint8)


def compressed(picture: Picture, quality: int) -> Picture:
    jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)


class Watched:
    """One camera; each picture comes ``apart`` after the one before."""

    def __init__(self, apart: Micros = SECOND, camera: int = 0) -> None:
        self.view, self.apart, self.number = View(), apart, 0
        learning = max(LEARNING, LEARNING * EVERY // apart) + 1
        assert not any(self.see(streets(5, camera=camera), learning))

    def see(
        self, pictures: list[Picture], number: int = 0, accepted: int = 0
    ) -> list[Moved | None]:
        """These again and again, ``number`` in all or each once."""
        outlines = [look(picture).outline for picture in pictures]
        told = []
        for each in range(number or len(pictures)):
            time = NOW + self.number * self.apart
            frame = FrameRef(0, self.number, "")
            self.view = watch(self.view, outlines[each % len(outlines)], time, frame, accepted)
            self.number += 1
            told.append(self.view.moved)
        return told


@pytest.mark.parametrize("camera", CAMERAS)
def test_a_day_and_a_night_are_no_other_view(camera: int) -> None:
    watched = Watched(10 * MINUTE, camera)
    day = [street(number, (12 + number / 6) % 24, camera) for number in range(150)]
    assert not any(watched.see(day))


@pytest.mark.parametrize("camera", CAMERAS)
@pytest.mark.parametrize("hour", [0.0, 6.0, 18.5])
def test_another_light_at_once_is_no_other_view(camera: int, hour: float) -> None:
    watched = Watched(camera=camera)
    assert not any(watched.see(streets(5, hour, camera), 120))
    assert not any(watched.see(streets(5, camera=camera), 60))


def infrared(picture: Picture) -> Picture:
    """Without colour; what is green is bright, and the sky dark."""
    blue, green, red = (picture[..., n].astype(int) for n in range(3))
    grey = np.clip(1.2 * red + 0.6 * (green - blue), 0, 255).astype(np.uint8)
    return np.dstack([grey] * 3)


def in_rain(picture: Picture, seed: int) -> Picture:
    rng, drops = np.random.default_rng(seed), picture.copy()
    for x, y in rng.integers(0, (640, 360), (300, 2)).tolist():
        cv2.line(drops, (x, y), (x + 2, y + 14), (200, 200, 200), 1)
    return drops


def under_headlights(picture: Picture, seed: int) -> Picture:
    dark = (picture // 6).astype(np.uint8)
    for x, y in np.random.default_rng(seed).integers((100, 150), (540, 340), (4, 2)).tolist():
        cv2.circle(dark, (x, y), 45, (230, 240, 255), -1)
    return dark


def noisy(picture: Picture, seed: int) -> Picture:
    noise = np.random.default_rng(seed).normal(0, 14, picture.shape)
    return np.clip(picture + noise, 0, 255).astype(np.uint8)


def shaken(picture: Picture, seed: int) -> Picture:
    right, down = np.random.default_rng(seed).uniform(-0.012, 0.012, 2)
    return turned(picture, right, down)


def behind_a_lorry(picture: Picture, seed: int) -> Picture:
    hidden = picture.copy()
    hidden[60:, 150:520] = 140
    cv2.rectangle(hidden, (170, 90), (500, 300), (60, 60, 160), 8)
    return noisy(hidden, seed)


HARMLESS = {
    "infrared": lambda picture, _: infrared(picture),
    "rain": in_rain,
    "headlights": under_headlights,
    "noise": noisy,
    "wind": shaken,
    "lorry": behind_a_lorry,
    "compressed": lambda picture, _: compressed(picture, 15),
    "fog": lambda picture, _: (picture // 5 + 130).astype(np.uint8),
    "black": lambda picture, _: (picture // 24).astype(np.uint8),
}


@pytest.mark.parametrize("what", HARMLESS)
@pytest.mark.parametrize("camera", CAMERAS)
def test_what_happens_before_a_lens_is_no_other_view(camera: int, what: str) -> None:
    watched = Watched(camera=camera)
    change = HARMLESS[what]
    assert not any(watched.see([change(street(n, 12, camera), n) for n in range(8)], 180))
    assert not any(watched.see(streets(5, camera=camera), 30))


MOVES = [
    {"right": 0.05},
    {"right": -0.08, "down": 0.06},
    {"down": -0.12},
    {"right": 0.3, "down": 0.1},
    {"zoom": 1.25},
    {"zoom": 0.8},
]


@pytest.mark.parametrize("move", MOVES, ids=str)
@pytest.mark.parametrize("camera", CAMERAS)
def test_a_camera_that_was_turned_is_found_and_says_by_how_much(
    camera: int, move: dict[str, float]
) -> None:
    watched = Watched(camera=camera)
    last = watched.view.seen
    told = watched.see([turned(each, **move) for each in streets(5, 12, camera)], 15)
    assert told[3] is None, "a few pictures prove nothing"
    found = told[-1]
    assert found
    assert abs(found.right - 1000 * move.get("right", 0)) <= 35
    assert abs(found.down - 1000 * move.get("down", 0)) <= 35
    assert abs(found.zoom - 1000 * move.get("zoom", 1)) <= 60
    assert found.time == last
    assert found.frame == FrameRef(0, (last - NOW) // watched.apart, "")
    assert watched.see([street(9, 12, camera)] * 2)[-1] is None, "it is turned back"


@pytest.mark.parametrize("apart", [SECOND // 30, SECOND // 5, SECOND, 5 * SECOND])
@pytest.mark.parametrize("camera", CAMERAS)
def test_another_view_altogether_is_found_at_any_rate(camera: int, apart: Micros) -> None:
    watched = Watched(apart, camera)
    other = streets(5, 12, (camera + 1) % len(CAMERAS))
    told = watched.see(other, max(60 * SECOND // apart, 8))
    first = next(number for number, each in enumerate(told) if each)
    assert 10 * SECOND <= first * apart <= 35 * SECOND
    assert all(told[first:])
    assert told[-1] is not None
    assert told[-1].zoom == 0, "there is no saying by how much"


def test_a_camera_that_looks_round_is_moved_until_it_is_back() -> None:
    watched = Watched()
    for _ in range(10):
        assert watched.see(streets(3, 12, 1), 40)[-1]
        assert not any(watched.see(streets(3), 40)[2:])


def test_a_glance_aside_is_no_move() -> None:
    watched = Watched()
    for _ in range(20):
        assert not any(watched.see(streets(3, 12, 1), 5))
        assert not any(watched.see(streets(3), 5))


def test_it_stays_moved_in_another_light_and_by_night() -> None:
    watched = Watched()
    assert watched.see([turned(each, 0.2) for each in streets(3)], 20)[-1]
    for hour in (18.5, 0.0, 12.0):
        assert all(watched.see([turned(each, 0.2) for each in streets(3, hour)], 120))


def test_a_view_that_was_accepted_is_learned_anew() -> None:
    watched = Watched()
    away = [turned(each, 0.2) for each in streets(3)]
    assert watched.see(away, 20)[-1]
    assert not any(watched.see(away, 200, accepted=1))
    assert watched.see(streets(3), 20, accepted=1)[-1], "and the former one is another now"


def test_what_shows_nothing_proves_nothing() -> None:
    watched = Watched()
    plain = [np.full((360, 640, 3), 128 + number, np.uint8) for number in range(3)]
    assert not any(watched.see(plain, 100))
    assert watched.see([turned(each, 0.2) for each in streets(3)], 20)[-1]
    assert all(watched.see(plain, 100)), "nor that it was turned back"


def hand(light: int) -> Picture:
    """Out of focus, brighter on one side: no one grey, and no edge."""
    rows, columns = np.mgrid[:360, :640]
    grey = light + columns / 12 + rows / 20 + np.random.default_rng(1).normal(0, 2, rows.shape)
    return np.clip(np.dstack([grey] * 3), 0, 255).astype(np.uint8)


@pytest.mark.parametrize("camera", CAMERAS)
def test_a_hand_before_the_lens_covers_what_was_there_to_see(camera: int) -> None:
    watched, seen = Watched(camera=camera), look(hand(50))
    assert seen.verdict == "good", "by itself: a wall may look so"
    assert not is_covered(View(), seen.outline, seen.light)
    assert is_covered(watched.view, seen.outline, seen.light)
    for hour in (0, 5, 12, 18):
        for change in HARMLESS.values():
            other = look(change(street(3, hour, camera), 3))
            assert not is_covered(watched.view, other.outline, other.light)
    night = look(hand(0))
    assert not is_covered(watched.view, night.outline, night.light)


def test_where_time_goes_back_the_view_is_still_known() -> None:
    watched = Watched()
    watched.view = begin_anew(watched.view)
    watched.number -= 15
    assert watched.see([turned(each, 0.2) for each in streets(3)], 20)[-1]


def everything() -> Iterator[tuple[list[Picture], int]]:
    yield streets(4), 40
    yield [turned(each, 0.1) for each in streets(4)], 20
    yield streets(4, 0.0), 20
    yield streets(4, 12.0, 2), 30


def test_it_is_small_and_goes_on_from_what_was_stored() -> None:
    def run(parts: Iterable[tuple[list[Picture], int]], *, restarts: bool) -> list[Moved | None]:
        watched, told = Watched(), []
        for pictures, number in parts:
            for each in range(number):
                told += watched.see([pictures[each % len(pictures)]])
                stored = msgspec.msgpack.encode(watched.view)
                assert len(stored) < 2900
                if restarts:
                    watched.view = msgspec.msgpack.decode(stored, type=View)
        return told

    once = run(everything(), restarts=False)
    assert once == run(everything(), restarts=True)
    assert any(once)
