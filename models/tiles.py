"""Parts of a picture that a network sees one after the other, so that what is far is larger.

Where two parts meet they overlap. What an inner edge has cut is dropped where another part, or the
whole picture, shows more of it.
"""

from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

MOST = 5
"""Parts in a row: 25 networks' runs a picture are more than any camera is worth."""
EDGE = 2.0
"""Pixels from an inner edge within which a box is taken to be cut by it."""
COVERED = 700
"""Thousandths of a cut box that lie in another one of which it is a part."""


class Part(NamedTuple):
    """Pixels of the picture, upper ends excluded."""

    x0: int
    y0: int
    x1: int
    y1: int


class Tiles(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    columns: int = 1
    rows: int = 1
    overlap: float = 0.2
    """Share of a part that its neighbour shows too."""
    whole: bool = False
    """Whether the whole picture is seen besides: else what is larger than the overlap is cut."""

    def __post_init__(self) -> None:
        if not (1 <= self.columns <= MOST and 1 <= self.rows <= MOST):
            raise ValueError(f"tiles: give 1 to {MOST} columns and rows")
        if not 0 <= self.overlap <= 0.5:
            raise ValueError("tiles: overlap is 0 to 0.5")

    @property
    def count(self) -> int:
        """Of the runs of the network that a picture takes."""
        cut = self.columns * self.rows
        return cut + (self.whole and cut > 1)

    def parts(self, width: int, height: int) -> list[Part]:
        """``count`` of them, row by row, the whole picture last."""
        across, down = (
            _cuts(width, self.columns, self.overlap),
            _cuts(height, self.rows, self.overlap),
        )
        found = [Part(x0, y0, x1, y1) for y0, y1 in down for x0, x1 in across]
        return found + [Part(0, 0, width, height)] * (self.count - len(found))


WHOLE = Tiles()


def _cuts(size: int, count: int, overlap: float) -> list[tuple[int, int]]:
    """``count`` stretches of 0 to ``size``, all of one length, none empty."""
    length = min(size, max(1, int(np.ceil(size / (count - (count - 1) * overlap)))))
    step = (size - length) / max(1, count - 1)
    starts = [int(number * step) for number in range(count)]
    return [(start, start + length) for start in starts]


def cut(corners: NDArray[np.float64], part: Part, width: int, height: int) -> NDArray[np.bool_]:
    """[n]: which boxes, in pixels of the picture, end at an edge of the part that is none of it."""
    inner = np.array([part.x0 > 0, part.y0 > 0, part.x1 < width, part.y1 < height])
    return np.asarray(((np.abs(corners - np.array(part)) <= EDGE) & inner).any(1))


def whole(
    boxes: NDArray[np.int64], groups: NDArray[np.int64], cut: NDArray[np.bool_]
) -> NDArray[np.intp]:
    """Indexes of the boxes that are no cut part of another that shows more.

    Args:
        boxes: [n, 4], tenths of a pixel.
        groups: [n]: only boxes of one group are the same thing.
        cut: [n].
    """
    low, high = boxes[:, :2], boxes[:, 2:]
    area = (high - low).prod(1)
    kept = np.ones(len(boxes), bool)
    for index in np.flatnonzero(cut):
        sides = np.minimum(high[index], high) - np.maximum(low[index], low)
        shared = np.maximum(sides, 0).prod(1)
        larger = (groups == groups[index]) & (~cut | (area > area[index]))
        larger[index] = False
        kept[index] = not (larger & (shared * 1000 >= COVERED * area[index])).any()
    return np.flatnonzero(kept)
