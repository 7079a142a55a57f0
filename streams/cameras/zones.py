"""Which objects stand in which zone."""

from collections.abc import Sequence

import numpy as np

from streams.cameras import _frame
from streams.cameras.tracking import Tracks

Polygon = Sequence[tuple[float, float]]
"""Corners in fractions of the picture's width and height."""
Area = bytes
"""int64 [corners, 2] in ``POINTS`` of a tenth of a pixel; empty: nothing is inside."""


def area(polygon: Polygon, width: int, height: int) -> Area:
    """The zone on pictures of ``width`` x ``height`` pixels.

    A polygon with fewer than three corners, or one with a corner that is no number or out of all
    bounds, has no inside.
    """
    corners = np.array(polygon, np.float64).reshape(-1, 2) * (width * 10, height * 10)
    points = np.rint(corners) * _frame.POINTS
    if len(points) < 3 or not (np.abs(points) <= _frame.FURTHEST).all():  # nor where it is NaN
        return b""
    return points.astype(np.int64).tobytes()


def inside(areas: tuple[Area, ...], tracks: Tracks, width: int, height: int) -> bytes:
    """bool [z, n]: whether the foot of track n, the middle of its box's lower side, is in zone z.

    One on the border is not. Of what the edge of the picture, ``width`` x ``height`` pixels, cuts,
    the foot is out of sight: it is in the zone that reaches the edge there.
    """
    return _frame.inside(tracks.motion, areas, width * 10, height * 10)
