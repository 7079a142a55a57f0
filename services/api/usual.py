"""The band of what is usual for a series, as a chart shows it. Pure."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from models.baseline import LIMIT, empty, follow

RIPE = 12
"""Stretches after which something is known of what is usual."""


class Band(NamedTuple):
    low: float
    high: float


def bands(values: Sequence[float]) -> list[Band | None]:
    """What would have been usual at each place, by what came before it and nothing else: level and
    spread of ``models.baseline``, and as many spreads to either side as count in full there. None:
    too little had come.
    """
    now, found = empty(1, 1), list[Band | None]()
    for n, value in enumerate(values):
        level, away = float(now.level[0, 0]), LIMIT * float(now.spread[0, 0])
        found.append(Band(level - away, level + away) if n >= RIPE else None)
        now = follow(now, np.array([[value]]))
    return found
