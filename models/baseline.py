"""What is usual for a series: a running level and spread that outliers hardly move.

Level and spread are exponential averages of the value and of its absolute deviation, each step
limited to ``LIMIT`` spreads (Huber's clipping, "Robust Statistics", 1981, section 1.2). Only
IEEE basic operations are used, element by element, so every machine gets the same bits.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.measured import measured

Floats = NDArray[np.float64]

MEMORY = 720
"""Readings after which an old one counts 1/e: an hour at one every five seconds."""
LIMIT = 3.0
"""Spreads by which one reading may deviate and still count in full."""
LEARNING = 24
"""Readings that count in full, since the spread is not yet known."""
DEVIATION_TO_SPREAD = 1.2533141373155003
"""sqrt(pi / 2): a normal distribution's standard deviation over its mean absolute deviation."""


class Baseline(NamedTuple):
    """Of n series with m metrics; each array is [n, m]."""

    level: Floats
    spread: Floats
    seen: Floats
    """Readings seen, at most ``MEMORY``."""


def empty(series: int, metrics: int) -> Baseline:
    shape = (series, metrics)
    return Baseline(np.zeros(shape), np.zeros(shape), np.zeros(shape))


def follow(before: Baseline, values: Floats) -> Baseline:
    """After one more reading of each series, ``values`` [n, m]; one not measured adds nothing."""
    there = measured(values)
    seen = np.minimum(before.seen + there, float(MEMORY))
    rate = there / np.maximum(seen, 1.0)
    limit = np.where(seen <= LEARNING, np.inf, LIMIT * before.spread)
    first = there & (before.seen == 0)
    level = np.where(first, values, before.level)
    step = np.clip(np.where(there, values, level) - level, -limit, limit)
    level = level + rate * step
    spread = before.spread + rate * (np.abs(step) * DEVIATION_TO_SPREAD - before.spread)
    return Baseline(level, spread, seen)
