"""Which points are inside, compared with a library that decides by robust predicates."""

from math import inf, nan

import msgspec
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from streams.cameras.tracking import Tracks
from streams.cameras.zones import Polygon, area, inside

WIDTH, HEIGHT = 640, 360
EDGE = 1 / 128
WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))
SQUARE = ((0.25, 0.25), (0.75, 0.25), (0.75, 0.75), (0.25, 0.75))

fractions = st.integers(-2, 18).map(lambda n: n / 16)
"""Coarse, so that points often lie on corners, on edges and level with them."""
corners = st.lists(st.tuples(fractions, fractions), min_size=3, max_size=8)
points = st.lists(st.tuples(fractions, fractions), min_size=1, max_size=20)


def tracks(feet: list[tuple[float, float]]) -> Tracks:
    """Tracks whose boxes stand on ``feet`` (fractions of the picture)."""
    x, y = np.array(feet, np.float32).T * np.array([[WIDTH * 10], [HEIGHT * 10]], np.float32)
    motion = np.zeros((10, len(feet)), np.float32)
    motion[:4] = x - 50, y - 100, x + 50, y
    return Tracks(motion=motion.tobytes())


def seen(foot: tuple[float, float]) -> tuple[float, float]:
    """The foot, or where the picture's edge has cut it off."""
    x, y = (min(max(part, EDGE), 1 - EDGE) for part in foot)
    return x, y


def found(polygons: list[Polygon], feet: list[tuple[float, float]]) -> list[list[bool]]:
    areas = tuple(area(polygon, WIDTH, HEIGHT) for polygon in polygons)
    mask = np.frombuffer(inside(areas, tracks(feet), WIDTH, HEIGHT), bool)
    rows: list[list[bool]] = mask.reshape(len(polygons), -1).tolist()
    return rows


@given(corners, points)
def test_the_library_says_the_same_of_every_simple_polygon(
    polygon: list[tuple[float, float]], feet: list[tuple[float, float]]
) -> None:
    shape = shapely.Polygon(polygon)
    if not shape.is_valid:
        return
    expected = [bool(shapely.contains_xy(shape, *seen(foot))) for foot in feet]
    assert found([polygon], feet) == [expected]
    assert found([polygon[::-1]], feet) == [expected]


def test_the_border_is_outside_and_zones_are_rows() -> None:
    feet = [(0.5, 0.5), (0.25, 0.5), (0.75, 0.75), (0.1, 0.5), (0.9, 0.75), (0.5, 0.25)]
    corner = ((0.0, 0.0), (0.2, 0.0), (0.2, 1.0), (0.0, 1.0))
    assert found([SQUARE, corner], feet) == [
        [True, False, False, False, False, False],
        [False, False, False, True, False, False],
    ]
    assert inside((), tracks(feet), WIDTH, HEIGHT) == b""
    assert inside((area(SQUARE, WIDTH, HEIGHT),), Tracks(), WIDTH, HEIGHT) == b""


@pytest.mark.parametrize(
    ("foot", "side"),
    [
        ((0.5, 1.0), "lower"),
        ((0.5, 0.994), "lower"),
        ((0.002, 0.5), "left"),
        ((0.999, 0.5), "right"),
        ((0.0, 1.0), "lower"),
        ((1.0, 1.0), "lower"),
        ((0.0, 1.0), "left"),
        ((1.0, 1.0), "right"),
        ((0.5, 0.0), "upper"),
    ],
)
def test_what_the_edge_cuts_is_in_the_zone_that_reaches_it(
    foot: tuple[float, float], side: str
) -> None:
    sides = {
        "lower": ((0, 0.5), (1, 0.5), (1, 1), (0, 1)),
        "upper": ((0, 0), (1, 0), (1, 0.5), (0, 0.5)),
        "left": ((0, 0), (0.4, 0), (0.4, 1), (0, 1)),
        "right": ((0.6, 0), (1, 0), (1, 1), (0.6, 1)),
    }
    inner = ((0.05, 0.05), (0.95, 0.05), (0.95, 0.95), (0.05, 0.95))
    assert found([sides[side], WHOLE, inner], [foot]) == [[True], [True], [False]]


@pytest.mark.parametrize(
    "polygon",
    [(), SQUARE[:2], (*SQUARE[:3], (nan, 0.5)), (*SQUARE[:3], (0.5, inf)), (*SQUARE[:3], (1e9, 0))],
)
def test_what_is_no_polygon_has_no_inside(polygon: Polygon) -> None:
    assert found([polygon], [(0.5, 0.5)]) == [[False]]


def test_a_point_far_beyond_every_picture_is_outside() -> None:
    motion = np.full((10, 2), [[3e9, -3e9]], np.float32)
    far = msgspec.structs.replace(Tracks(), motion=motion.tobytes())
    assert inside((area(SQUARE, WIDTH, HEIGHT),), far, WIDTH, HEIGHT) == bytes(2)
