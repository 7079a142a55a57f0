"""What a kind of incident says of readings: which argue for it, and which against."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.events import Micros


class Need(NamedTuple):
    """How long a condition must hold: both must be reached."""

    time: Micros
    readings: int


class Judgement(NamedTuple):
    """Of n readings."""

    proves: NDArray[np.bool_]
    clears: NDArray[np.bool_]
    to_open: Need
    to_end: Need
