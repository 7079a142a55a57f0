"""Whether anything is heard of a source: what its last word, its period and patience make of that.

The stages ask in event time, for a rule, and what they find is an incident. Pages ask by the clock,
to show within ten seconds who says nothing.
"""

import numpy as np
from numpy.typing import NDArray

from streams.events import SECOND, Micros

Times = NDArray[np.int64]
"""Micros, of n sources."""

NEVER: Micros = int(np.iinfo(np.int64).max)
SHOWN_AFTER: Micros = 7 * SECOND
SHOWN_PERIODS = 3
"""A page shows a source as silent after so many of its periods, and never before SHOWN_AFTER."""


def patience(period: Times, periods: float, *, least: Micros, most: Micros) -> Times:
    """For how long sources may say nothing: so many of their periods, within the two bounds."""
    wanted: Times = np.minimum(np.rint(period * periods), most).astype(np.int64)
    return np.maximum(wanted, least)


def unheard_at(since: Times, patience: Times, period: Times) -> Times:
    """When sources are proven to be unheard of.

    Args:
        since: their last word or, where that is later, when somebody began to listen.
        period: 0 where it is not known: then nobody can tell, and it is NEVER.
    """
    return np.where(period > 0, since + patience, NEVER)


def speaks(newest: Micros | None, period: Micros, now: Micros) -> bool:
    """By the clock, for a page; ``newest``: its newest event, None: none heard of lately."""
    return newest is not None and now - newest <= shown_after(period)


def shown_after(period: Micros) -> Micros:
    """For how long a page waits for a source."""
    return max(SHOWN_AFTER, SHOWN_PERIODS * period)
