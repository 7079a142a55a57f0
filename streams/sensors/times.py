"""Which times of readings can be believed."""

import numpy as np
from numpy.typing import NDArray

from streams.control import ABSURD_AHEAD, ABSURD_BEHIND, Control
from streams.events import Micros

EARLIEST: Micros = 946_684_800_000_000
"""2000-01-01, and below it 2100-01-01: what is judged even before the first tick."""
LATEST: Micros = 4_102_444_800_000_000


def absurd(control: Control, times: NDArray[np.int64]) -> NDArray[np.bool_]:
    """[n]: which cannot be the times of readings."""
    earliest, latest = EARLIEST, LATEST
    if control.tick:
        earliest = max(earliest, (control.before or control.tick) - ABSURD_BEHIND)
        latest = min(latest, max(control.tick, control.undone) + ABSURD_AHEAD)
    found: NDArray[np.bool_] = (times < earliest) | (times > latest)
    return found


def believed(control: Control, times: NDArray[np.int64]) -> NDArray[np.int64]:
    """[n]: the last tick in the place of those that cannot be."""
    return np.where(absurd(control, times), control.tick, times)
