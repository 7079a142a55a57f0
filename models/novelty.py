"""How unlike its own past a series is, reading by reading, whatever it measures.

Each reading is a point of three numbers: the value, its mean over the last two and over the last
twenty readings. Where the series has been is kept as at most 96 places; the score is the distance
to the nearest of them, in widths of what there was, and a place that was seldom visited counts as
further away. That is judged by what is usual for such distances in the series. The same is done
with what is left of the value when a slow level and what is usual at its hour of day are taken
away; the higher one counts. What was scored is learned, and right after a high score only a higher
one is told: a jam is one finding.

Nothing of the future is used, there is one setting for all, and a series takes ``SIZE`` bytes of
state. ``models/_novelty.pyx`` has the arithmetic, which is the same on every machine.
Decision 0067 says why it is made so, and how well it finds what.
"""

import numpy as np
from numpy.typing import NDArray

from models import _novelty

UNITS = _novelty.UNITS
"""Steps of a score: a score of 1 would be so many."""
SIZE = _novelty.SIZE
"""Bytes of a series' state."""
NEW = b""
"""The state of a series that has not begun."""
ALARM = UNITS // 2
"""What is worth an alarm, unless a rule says something else: chosen on invented series."""


def follow(
    state: bytes, times: NDArray[np.int64], values: NDArray[np.float64]
) -> tuple[bytes, NDArray[np.uint32]]:
    """The state after some readings, and their scores.

    Args:
        state: of the readings before them; ``NEW`` where there are none.
        times: [n], Micros, in the order in which they count.
        values: [n]; where nothing was measured, or no number, nothing is learned.

    Returns:
        The state, and [n] scores in ``UNITS``; 0 where nothing was measured.

    Raises:
        ValueError: they are not of as many readings, or the state is none.
    """
    after, scores = _novelty.follow(
        state, times.astype("<i8", copy=False).tobytes(), values.astype("<f8", copy=False).tobytes()
    )
    return after, np.frombuffer(scores, "<u4")
