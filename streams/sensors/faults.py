"""Why values of readings are refused, one by one: what else a reading says is used."""

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from models.measured import coded, impossible, infinite, measured
from streams.events import BAD, FAULTS, REPEATED
from streams.feeds.feed import Feed
from streams.sensors.reordering import Merged

INFINITE, OUT_OF_RANGE, MEASURES_NOTHING, ERROR_CODE = (
    1 + FAULTS.index(name) for name in ("infinite", "out_of_range", "not_measured", "error_code")
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
    if feed.missing and (codes := coded(values, feed.missing)).any():
        faults[codes] = ERROR_CODE
    empty = ~measured(values).any(axis=1)
    if empty.any():
        declared = np.array([metric in feed.metrics for metric in metrics], np.bool_)
        faults[np.ix_(empty, declared if declared.any() else ~declared)] = MEASURES_NOTHING
    return faults


def wrong_for(
    feed: Feed, metrics: Sequence[str]
) -> Callable[[NDArray[np.float64]], NDArray[np.bool_]]:
    """Tells of values [n, metrics] which of them are there and cannot be used."""

    def wrong(values: NDArray[np.float64]) -> NDArray[np.bool_]:
        return measured(values) & (faults_of(values, feed, metrics) > 0)

    return wrong


def of_merged(
    found: Merged, feed: Feed, metrics: Sequence[str]
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """(faults [n, metrics], flags [n]) of readings as they leave the stage.

    One that is joined to another is passed on only where some of its values are refused.
    """
    faults = faults_of(found.rows.values, feed, metrics)
    used = (measured(found.rows.values) & (faults == 0)).any(axis=1)
    flags = np.where(used, 0, BAD)
    if found.joined.any():
        aside = found.aside.any(axis=1)
        faults[found.joined & ~aside] = 0
        faults[aside] = np.where(found.aside[aside], faults[aside], 0)
        flags[found.joined] = np.where(aside, BAD, REPEATED)[found.joined]
    return faults, flags.astype("u1")
