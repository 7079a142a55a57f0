"""Counters: what a system has counted since midnight."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from simulators.world import calendar
from simulators.world.calendar import Times
from simulators.world.chance import whole
from simulators.world.state import Rows
from streams.events import DAY, Micros


def since_midnight(
    rows: Rows,
    period: Micros,
    rate: Callable[[Times], NDArray[np.float64]],
    share: NDArray[np.float64],
    purpose: str,
) -> NDArray[np.float64]:
    """[n]: it never falls within a day, and begins at 0 with the next.

    Args:
        rate: how many there are in a period that begins then, of whom has all.
        share: [n], of each.
    """
    begun = calendar.midnight(rows.time)
    slots = np.arange(DAY // period)
    at = begun[:, None] + slots * period
    over = (at + period <= rows.time[:, None]).ravel()
    rates = (rate(at.ravel()).reshape(at.shape) * share[:, None]).ravel()
    keys = np.repeat(rows.keys, len(slots))
    each = whole(rates, keys, at.ravel() // period, purpose)
    counted: NDArray[np.float64] = np.where(over, each, 0.0).reshape(at.shape).sum(axis=1)
    return counted
