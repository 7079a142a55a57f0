"""What counts as measured, from a sensor's message to its chart: all else is ``NOT_MEASURED``.

Which codes a feed sends for nothing, and what its sensors can say, its file declares; what follows
from that is decided here.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

NOT_MEASURED = math.nan


def measured(values: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
    """Which values there are; any shape."""
    there: NDArray[np.bool_] = ~np.isnan(values)
    return there


def nothing(shape: int | tuple[int, ...]) -> NDArray[np.float64]:
    """So many values of which none was measured."""
    return np.full(shape, NOT_MEASURED)


def or_zero(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The same, and 0 where nothing was measured; any shape."""
    return np.where(measured(values), values, 0.0)


def coded(values: NDArray[np.float64], codes: Sequence[float]) -> NDArray[np.bool_]:
    """Which values are codes that a sensor sends where it measures nothing; any shape."""
    return np.isin(values, codes)


def infinite(values: NDArray[np.floating[Any]]) -> NDArray[np.bool_]:
    """Which values are none that anything can be; any shape."""
    found: NDArray[np.bool_] = np.isinf(values)
    return found


def impossible(
    values: NDArray[np.float64], ranges: Sequence[tuple[float, float] | None]
) -> NDArray[np.bool_]:
    """[n, metrics]: which values are infinite, or none that a working sensor can say.

    Args:
        values: [n, metrics].
        ranges: of each metric, what a working sensor can say, both ends included; None: any number.
    """
    bad = infinite(values)
    for column, sayable in enumerate(ranges):
        if sayable is not None:
            low, high = sayable
            bad[:, column] |= (values[:, column] < low) | (values[:, column] > high)
    return bad


def or_none(value: float) -> float | None:
    """For people: None also for infinity."""
    return value if math.isfinite(value) else None


def rows(values: NDArray[np.float64]) -> list[list[float | None]]:
    """[n, metrics] for a table, with None for what was not measured."""
    found = values.astype(object)
    found[~measured(values)] = None
    told: list[list[float | None]] = found.tolist()
    return told
