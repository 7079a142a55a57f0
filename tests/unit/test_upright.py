"""Which turns and mirrors a file's matrix means; ``test_capture`` has pictures."""

import struct

import pytest

from services.gateway.decoder.upright import of_matrix

ONE = 1 << 16


def matrix(a: float, b: float, c: float, d: float) -> bytes:
    turned = (round(each * ONE) for each in (a, b, c, d))
    a, b, c, d = turned
    return struct.pack("<9i", a, b, 0, c, d, 0, 0, 0, 1 << 30)


@pytest.mark.parametrize(
    ("how", "wanted"),
    [
        ((1, 0, 0, 1), (False, 0)),
        ((0, 1, -1, 0), (False, 90)),
        ((-1, 0, 0, -1), (False, 180)),
        ((0, -1, 1, 0), (False, 270)),
        ((-1, 0, 0, 1), (True, 0)),
        ((1, 0, 0, -1), (True, 180)),
        ((2, 0, 0, 0.5), (False, 0)),
    ],
)
def test_a_quarter_turn_and_a_mirror_are_known(
    how: tuple[float, float, float, float], wanted: tuple[bool, int]
) -> None:
    assert of_matrix(matrix(*how)) == wanted


@pytest.mark.parametrize("how", [(0.7, 0.7, -0.7, 0.7), (0, 0, 0, 0), (-0.7, 0.7, 0.7, 0.7)])
def test_whatever_else_leaves_the_picture_as_it_is(how: tuple[float, float, float, float]) -> None:
    assert of_matrix(matrix(*how)) == (False, 0)


def test_one_that_is_cut_off_says_nothing() -> None:
    assert of_matrix(matrix(0, 1, -1, 0)[:35]) == (False, 0)
