"""Whether a model need look at a picture."""

from fractions import Fraction
from functools import cache

import cv2
import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from simulators.cameras import Renderer
from simulators.city import assets
from streams.cameras import gate
from streams.cameras.gate import COLUMNS, LONGEST, LOOKS, ROWS, Looked, after_look, changed, is_as
from streams.cameras.verdicts import look
from streams.events import SECOND

Picture = NDArray[np.uint8]
NOW = 1_800_000_000 * SECOND
FRAME = SECOND // 5
LAST = Looked(NOW, 7, "m@1", 640, 360, bytes([90] * (ROWS * COLUMNS)), looks=LOOKS)
NEXT = msgspec.structs.replace(LAST, time=NOW + FRAME, looks=0)


@cache
def renderer(camera: int) -> Renderer:
    return Renderer(assets.read().cameras[camera], 1)


def street(number: int, hour: float = 12.0, camera: int = 0) -> Picture:
    """Empty, with the noise of that picture."""
    return renderer(camera).render([], number, hour)


def noisy(picture: Picture, sigma: float, seed: int) -> Picture:
    grain = np.random.default_rng(seed).normal(0, sigma, picture.shape)
    return np.clip(np.rint(picture + grain), 0, 255).astype(np.uint8)


def cells(picture: Picture, quality: int = 80) -> bytes:
    """As they come: of a JPEG."""
    jpeg = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    return look(np.asarray(cv2.imdecode(jpeg, cv2.IMREAD_COLOR), np.uint8)).cells


def with_thing(picture: Picture, x: int, y: int, side: int, by: int) -> Picture:
    """A square that is darker than what was there, or brighter where that is dark."""
    made = picture.astype(np.int64)
    part = made[y : y + side, x : x + side]
    part += -by if part.mean() >= 128 else by
    return np.clip(made, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("quality", [40, 80])
@pytest.mark.parametrize("hour", [0, 12])
@pytest.mark.parametrize("camera", range(3))
def test_noise_and_compression_are_no_change(camera: int, hour: float, quality: int) -> None:
    first = cells(street(0, hour, camera), quality)
    shown = [cells(street(n, hour, camera), quality) for n in range(1, 12)]
    assert sum(changed(first, each) for each in shown) <= 1


@pytest.mark.parametrize("sigma", [5, 12, 25])
def test_the_noise_of_a_night_is_no_change_but_what_comes_in_it_is(sigma: float) -> None:
    night = np.clip(street(0) // 4 + 40, 0, 255).astype(np.uint8)
    first = cells(noisy(night, sigma, 0))
    assert sum(changed(first, cells(noisy(night, sigma, n))) for n in range(1, 12)) <= 1
    car = with_thing(night, 300, 200, 40, 45)
    assert all(changed(first, cells(noisy(car, sigma, n))) for n in range(1, 12))


@pytest.mark.parametrize("size", [(3840, 2160), (768, 576), (320, 240), (64, 48)])
def test_pictures_of_any_size_have_cells(size: tuple[int, int]) -> None:
    small = cv2.resize(street(0), size)
    assert len(cells(np.asarray(small, np.uint8))) == ROWS * COLUMNS


@settings(deadline=None, max_examples=25)
@given(
    st.integers(0, 626), st.integers(0, 346), st.integers(0, 2), st.sampled_from([12.0, 18.0]),
    st.integers(1, 9),
)  # fmt: skip
def test_a_small_thing_is_a_change_wherever_it_comes(
    x: int, y: int, camera: int, hour: float, number: int
) -> None:
    """Of 14 pixels in 640: to a detector with an input of 416 of nine."""
    came = with_thing(street(number, hour, camera), x, y, 14, 60)
    assert changed(cells(street(0, hour, camera)), cells(came))


@pytest.mark.parametrize("gain", [0.92, 0.97, 1.03, 1.08])
@pytest.mark.parametrize("more", [-10, 0, 10])
def test_light_is_no_change_but_what_comes_with_it_is(gain: float, more: int) -> None:
    before = (street(0).astype(np.float64) * 0.7 + 30).astype(np.uint8)
    lit = np.clip(np.rint(before * gain + more), 0, 255).astype(np.uint8)
    assert not changed(cells(before), cells(lit))
    assert changed(cells(before), cells(with_thing(lit, 300, 200, 24, 60)))


@pytest.mark.parametrize("part", [0.1, 0.3, 0.5, 0.7, 1.0])
def test_what_is_large_is_no_light(part: float) -> None:
    """A lorry before the lens."""
    after = street(1)
    after[:, : round(after.shape[1] * part)] = street(1, camera=1)[:, : round(640 * part)]
    assert changed(cells(street(0)), cells(after))


def test_a_lamp_that_goes_out_is_a_change() -> None:
    night = np.full((360, 640, 3), 12, np.uint8)
    lamp = night.copy()
    lamp[100:110, 200:210] = 230
    assert changed(cells(lamp), cells(night))
    assert changed(cells(night), cells(lamp))


@pytest.mark.parametrize("step", [0.2, 0.5, 1.0, 3.0])
def test_nothing_creeps_past(step: float) -> None:
    """A thing that moves a part of a pixel a frame is seen before it has moved by its size."""

    def at(moved: float) -> bytes:
        picture = street(0)
        return cells(with_thing(picture, 300 + round(moved), 220, 20, 60))

    first = at(0)
    moved = next(n * step for n in range(200) if changed(first, at(n * step)))
    assert 0 < moved <= 10


@given(
    st.lists(st.integers(0, 255), min_size=8, max_size=8),
    st.lists(st.integers(0, 255), min_size=8, max_size=8),
)
@settings(deadline=None, max_examples=20)
def test_it_is_what_exact_arithmetic_says(olds: list[int], news: list[int]) -> None:
    random = np.random.default_rng(sum(olds) + 256 * sum(news))
    old = np.array(olds, np.uint8)[random.integers(0, 8, (ROWS, COLUMNS))]
    new = np.where(random.random((ROWS, COLUMNS)) < 0.02, news[0], old).astype(np.uint8)
    said = changed(old.tobytes(), new.tobytes())
    assert said == (_exact(old, new, 0, 1) or _exact(_fours(old), _fours(new), 1, 4))
    assert changed(old.tobytes(), old.tobytes()) is False


def _fours(cells: NDArray[np.uint8]) -> NDArray[np.int64]:
    summed: NDArray[np.int64] = (
        cells.astype(np.int64).reshape(ROWS // 2, 2, COLUMNS // 2, 2).sum((1, 3))
    )
    return summed


def _exact(old: NDArray[np.integer], new: NDArray[np.integer], scale: int, unit: int) -> bool:
    """The same by fractions."""
    a, b = [int(x) for x in old.ravel()], [int(x) for x in new.ravel()]
    n, mean_a, mean_b = len(a), Fraction(sum(a), len(a)), Fraction(sum(b), len(b))
    spread = sum((x - mean_a) ** 2 for x in map(Fraction, a))
    both = sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True))
    gain = both / spread if spread else Fraction(1)
    bound = Fraction(1, gate.GAIN)
    gain = min(max(gain, 1 - bound), 1 + bound)
    apart = [y - gain * x for x, y in zip(a, b, strict=True)]
    middle = sorted(apart)[n // 2]
    apart = sorted(abs(x - middle) for x in apart)
    limit = max(Fraction(gate.LEAST[scale] * unit), gate.NOISE * apart[n // 2])
    return apart[-1] > min(limit, gate.MOST * unit)


def test_a_still_picture_is_as_the_last_for_less_than_the_longest_gap() -> None:
    assert is_as(LAST, NEXT)
    assert is_as(LAST, msgspec.structs.replace(NEXT, time=NOW + LONGEST - 1))
    for time in (NOW + LONGEST, NOW, NOW - FRAME):
        assert not is_as(LAST, msgspec.structs.replace(NEXT, time=time))


@pytest.mark.parametrize(
    "change",
    [{"sequence": 8}, {"model": "m@2"}, {"width": 641}, {"height": 359}],
    ids=lambda change: next(iter(change)),
)
def test_another_model_size_or_configuration_asks_for_a_look(change: dict[str, object]) -> None:
    assert not is_as(LAST, msgspec.structs.replace(NEXT, **change))


def test_before_any_look_and_until_looks_have_shown_the_same_none_is_left_out() -> None:
    assert not is_as(gate.NEVER, NEXT)
    seen, closed = gate.NEVER, []
    for number in range(6):
        now = msgspec.structs.replace(NEXT, time=NOW + number * FRAME)
        closed.append(is_as(seen, now))
        seen = after_look(seen, now)
    assert closed == [False] * LOOKS + [True] * (6 - LOOKS)


def box(x: int, y: int, side: int = 400) -> bytes:
    return np.array([[x, y, x + side, y + side]], "<i4").tobytes()


@pytest.mark.parametrize(
    ("boxes", "classes", "same"),
    [
        (box(1000, 1000), b"\2", True),
        (box(1090, 1000), b"\2", True),
        (box(1240, 1000), b"\2", False),
        (box(1000, 1000), b"\0", False),
        (b"", b"", False),
        (box(1000, 1000) + box(3000, 1000), b"\2\2", False),
        (box(3000, 1000), b"\2", False),
    ],
)
def test_looks_count_while_they_show_the_same(boxes: bytes, classes: bytes, same: bool) -> None:
    last = msgspec.structs.replace(LAST, boxes=box(1000, 1000), classes=b"\2")
    now = msgspec.structs.replace(NEXT, boxes=boxes, classes=classes)
    assert after_look(last, now).looks == (LOOKS if same else 1)
