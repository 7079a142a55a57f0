"""Why values of readings are refused, one by one: what else a reading says is used."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from models.measured import impossible, infinite, measured
from streams.events import FAULTS
from streams.feeds.feed import Feed

INFINITE, OUT_OF_RANGE, MEASURES_NOTHING = (
    1 + FAULTS.index(name) for name in ("infinite", "out_of_range", "not_measured")
)


def faults_of(values: NDArray[np.float64], feed: Feed, metrics: Sequence[str]) -> NDArray[np.uint8]:
    """[n, metrics]: 0, or the place in ``FAULTS`` of what is wrong, counted from 1.

    That nothing was measured is a fault only where a reading has no value at all: sensors of one
    metric each share a gateway's columns.
    """
    faults = np.zeros(values.shape, "u1")
    wrong = impossible(values, feed.ranges(metrics))
    if wrong.any():
        faults[wrong] = OUT_OF_RANGE
        faults[infinite(values)] = INFINITE
    empty = ~measured(values).any(axis=1)
    if empty.any():
        declared = np.array([metric in feed.metrics for metric in metrics], np.bool_)
        faults[np.ix_(empty, declared if declared.any() else ~declared)] = MEASURES_NOTHING
    return faults
