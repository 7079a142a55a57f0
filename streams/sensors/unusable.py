"""Sensors that send, and whose values none can be used: no sign of life, but not nothing either."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from streams.events import Micros

UNUSABLE = "unusable"
"""Subject of an incident about a source that sends nothing usable."""

Unusable = dict[int, Micros]
"""Slot to the time of the newest reading without a usable value, since one with some."""


def noted(unusable: Unusable, slot: NDArray[np.uint16], time: NDArray[np.int64]) -> Unusable:
    """With readings [n] that have no usable value, in order of time."""
    if not len(slot):
        return unusable
    return {**unusable, **dict(zip(slot.tolist(), time.tolist(), strict=True))}


def spoke(unusable: Unusable, slots: Iterable[int]) -> Unusable:
    """Without sources that have said something usable."""
    said = set(slots)
    return {slot: time for slot, time in unusable.items() if slot not in said}
