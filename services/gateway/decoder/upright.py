"""How a picture is made upright and of its shape, as its file says for whoever shows it."""

import math
import struct
from typing import Any

import av
from av.sidedata.sidedata import Type

# PyAV knows side data by its own list only and would fail by those that came later, such as the
# whole EXIF of a JPEG: here these are some type that nobody asks for.
Type._missing_ = classmethod(lambda cls, _: cls.VIDEO_HINT)  # type: ignore[method-assign,assignment]

SQUARE = 1.15
"""Pixels that are wider or higher by less are shown as they are: as recorders of 704 x 576 have."""
WIDEST = 3.0
"""By more none are."""

MATRIX = struct.Struct("<9i")


class Upright:
    """Of the pictures of one source."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[bool, int]] = {}
        """By what the library says of a picture's turn. It does not say whether it is mirrored, and
        a picture that is asked for its matrix is let go late, with all that was made of it."""

    def of(self, frame: av.VideoFrame) -> tuple[bool, int]:
        """Whether its sides are to be exchanged, and the degrees to turn it clockwise then."""
        turn = frame.rotation
        if turn not in self._known:
            found: Any = frame.side_data.get("DISPLAYMATRIX")
            self._known[turn] = of_matrix(bytes(found)) if found is not None else (False, 0)
        return self._known[turn]


def of_matrix(matrix: bytes) -> tuple[bool, int]:
    """The same, by ``av_display_rotation_get``'s 3 x 3 whole numbers, row by row.

    Whatever is no quarter of a turn stays as it is.
    """
    if len(matrix) != MATRIX.size:
        return False, 0
    a, b, _, c, d, *_ = MATRIX.unpack(matrix)
    mirrored = a * d - b * c < 0
    if mirrored:
        a, b = -a, -b
    degrees = round(math.degrees(math.atan2(b, a))) % 360
    return (mirrored, degrees) if degrees % 90 == 0 else (False, 0)


def in_shape(width: int, height: int, aspect: float) -> tuple[int, int]:
    """The size in which its pixels are square; nothing of the picture is made smaller.

    Args:
        aspect: width of a pixel, by its height.
    """
    if SQUARE < aspect <= WIDEST:
        return round(width * aspect), height
    if SQUARE < 1 / aspect <= WIDEST:
        return width, round(height / aspect)
    return width, height
