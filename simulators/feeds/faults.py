"""What becomes of readings on their way: some are lost, late, sent twice, or stay what they were.

Each at a stated rate, by chance that depends on the reading alone.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulators.world.chance import Keys, Numbers, noise, uniform
from simulators.world.state import Rows
from streams.events import DAY, HOUR, SECOND, Micros

DELAY: Micros = 20 * SECOND
"""What is late, and what is sent twice, comes so much later; every feed waits longer for it."""
MOST_SKEW: Micros = 3 * SECOND
"""No clock is further off: more is a fault that a rule would tell."""


class Rates(NamedTuple):
    """Shares of readings, but where another unit is said."""

    lost: float = 0.002
    late: float = 0.003
    twice: float = 0.001
    stuck_a_day: float = 0.002
    """Of a source: that it repeats one value for half an hour to two hours of the day."""
    skew: Micros = SECOND // 2
    """Deviation of a source's clock, which stays what it is."""


USUAL = Rates()
NONE = Rates(0.0, 0.0, 0.0, 0.0, 0)


def lost(rates: Rates, keys: Keys, numbers: Numbers) -> NDArray[np.bool_]:
    return uniform(keys, numbers, "lost") < rates.lost


def late(rates: Rates, keys: Keys, numbers: Numbers) -> NDArray[np.bool_]:
    return uniform(keys, numbers, "late") < rates.late


def twice(rates: Rates, keys: Keys, numbers: Numbers) -> NDArray[np.bool_]:
    return uniform(keys, numbers, "twice") < rates.twice


def skew(rates: Rates, keys: Keys) -> NDArray[np.int64]:
    """By how much each one's clock is ahead."""
    off = noise(keys, np.zeros(len(keys), np.int64), "skew") * rates.skew
    return np.clip(off, -MOST_SKEW, MOST_SKEW).astype(np.int64)


def held(rates: Rates, rows: Rows, period: NDArray[np.int64]) -> Rows:
    """What is really measured: where a source is stuck, what it measured when that began."""
    day = rows.time // DAY
    stuck = uniform(rows.keys, day, "stuck") < rates.stuck_a_day
    if not stuck.any():
        return rows
    since = day * DAY + (uniform(rows.keys, day, "stuck since") * (DAY - 2 * HOUR)).astype(np.int64)
    lasts = ((0.5 + 1.5 * uniform(rows.keys, day, "stuck for")) * HOUR).astype(np.int64)
    stuck &= (since <= rows.time) & (rows.time < since + lasts)
    back = np.where(stuck, (rows.time - since) // period, 0)
    time = (rows.time - back * period).astype(np.int64)
    return rows._replace(time=time, number=(rows.number - back).astype(np.int64))
