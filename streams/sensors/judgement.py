"""What a kind of incident says of readings: which argue for it, and which against."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.incidents.hold import Need

__all__ = ["Judgement", "Need"]


class Judgement(NamedTuple):
    """Of n readings."""

    proves: NDArray[np.bool_]
    clears: NDArray[np.bool_]
    to_open: Need
    to_end: Need
    tells: NDArray[np.bool_] | None = None
    """Those that say something of it, be it neither for nor against: the others are as if they were
    not there. None: those that measure all that the kind needs, and are scored where it rests on
    that. What proves or clears tells something in any case."""
