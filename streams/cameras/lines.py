"""Which objects cross a line that is drawn on the picture.

An object has crossed where the straight path of its foot, the middle of its box's lower side, meets
the line. The path begins where the foot was last seen clear of the line, so one that stands on it
and trembles crosses nothing, and one that goes round an end does not either. Decided by integers.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.cameras import _frame
from streams.cameras.zones import Polygon

Point = tuple[int, int]
"""From the left and from the top, in ``POINTS`` of a tenth of a pixel."""
Feet = dict[int, list[int]]
"""Track to where its foot was last seen clear of the line, as a ``Point``."""

CLEAR = 10
"""Clear of the line is what lies further from it than this part of its box's height: the box of an
object that stands still trembles with its size."""


class Line(NamedTuple):
    start: Point
    end: Point


class Crossings(NamedTuple):
    feet: Feet | None
    """Of all tracks that may still come, to be remembered until the next frame; None: of none."""
    rightward: bytes
    """bool [n]: has come to the right of the line, as one looks from its first corner to its
    second …"""
    leftward: bytes
    """… and to its left."""


def is_line(polygon: Polygon) -> bool:
    """Whether a zone of these corners is a line."""
    return len(polygon) == 2


def line(polygon: Polygon, width: int, height: int) -> Line:
    """A zone of two corners, from 0 to 1, on pictures of ``width`` x ``height`` pixels."""
    corners = np.array(polygon, np.float64) * (width * 10, height * 10)
    start, end = (np.rint(corners) * _frame.POINTS).astype(np.int64).tolist()
    return Line((start[0], start[1]), (end[0], end[1]))


def cross(
    line: Line, before: Feet, ids: NDArray[np.int32], boxes: NDArray[np.float32], seen: bytes
) -> Crossings:
    """What one frame's tracks do to the line.

    Args:
        before: the feet after the frame before it.
        ids: [n]
        boxes: [4, n], x0, y0, x1, y1 in tenths of a pixel.
        seen: bool [n]: those that this frame shows; the boxes of others are only expected.
    """
    rightward, leftward = bytearray(len(ids)), bytearray(len(ids))
    feet = {track: before[track] for track in ids.tolist() if track in before}
    for place, track, x, y, tall in _shown(ids, boxes, seen):
        foot = x, y
        if _is_on(line, foot, tall // CLEAR):
            continue
        last = before.get(track)
        feet[track] = [x, y]
        if last is None or not _meet(line, Line((last[0], last[1]), foot)):
            continue
        if _turn(line, foot) > 0:
            rightward[place] = 1
        else:
            leftward[place] = 1
    return Crossings(feet or None, bytes(rightward), bytes(leftward))


def _shown(
    ids: NDArray[np.int32], boxes: NDArray[np.float32], seen: bytes
) -> Iterator[tuple[int, ...]]:
    """(place, id, x and y of the foot, height of the box) of the tracks that are seen."""
    shown = np.frombuffer(seen, bool).nonzero()[0]
    x0, y0, x1, y1 = boxes[:, shown].astype(np.float64) * _frame.POINTS
    points = np.rint([(x0 + x1) / 2, y1, y1 - y0]).astype(np.int64)
    yield from zip(shown.tolist(), ids[shown].tolist(), *points.tolist(), strict=True)


def _turn(line: Line, point: Point) -> int:
    """Above 0 right of the line and its prolongations, below 0 left of them, 0 on them."""
    (ax, ay), (bx, by) = line
    return (bx - ax) * (point[1] - ay) - (by - ay) * (point[0] - ax)


def _is_on(line: Line, point: Point, near: int) -> bool:
    """Whether the point is beside the line, not beyond its ends, and within ``near`` of it."""
    (ax, ay), (bx, by) = line
    square = (bx - ax) ** 2 + (by - ay) ** 2
    along = (bx - ax) * (point[0] - ax) + (by - ay) * (point[1] - ay)
    return 0 <= along <= square and _turn(line, point) ** 2 <= near**2 * square


def _meet(line: Line, path: Line) -> bool:
    """Whether the path leads from one side of the line to the other, between its ends."""
    if _sign(_turn(line, path.start)) * _sign(_turn(line, path.end)) >= 0:
        return False
    return _sign(_turn(path, line.start)) * _sign(_turn(path, line.end)) <= 0


def _sign(number: int) -> int:
    return (number > 0) - (number < 0)
