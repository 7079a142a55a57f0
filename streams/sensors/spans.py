"""What a metric did in the span of time that ends at each reading: of its window, no more is known.

``times`` are Micros and ``values`` floats, both [n, readings], oldest first, each row's own reading
last; NaN where nothing was measured. A counter only grows, and begins at 0 again where its device
was restarted, at midnight, or where it was full: what it has counted since is what it says then.
"""

import numpy as np
from numpy.typing import NDArray

from models.measured import NOT_MEASURED, measured, or_zero
from streams.events import Micros

Floats = NDArray[np.float64]


def within(times: NDArray[np.int64], span: Micros) -> NDArray[np.bool_]:
    """[n, readings]: which lie in the span; a row's own always does."""
    return (times > 0) & (times[:, -1:] - times <= span)


def reached(times: NDArray[np.int64], span: Micros) -> NDArray[np.bool_]:
    """[n, readings]: which a change in the span can be of: those in it, and the one before."""
    there = within(times, span)
    there[:, :-1] |= there[:, 1:]
    return there


def before(values: Floats) -> tuple[Floats, NDArray[np.intp]]:
    """[n, readings]: the last measured value before each, NaN where there is none, and its place
    (-1 there)."""
    places = np.where(measured(values), np.arange(values.shape[1]), -1)
    places = np.maximum.accumulate(places, axis=1)
    places = np.concatenate((np.full((len(values), 1), -1), places[:, :-1]), axis=1)
    found = np.take_along_axis(values, np.maximum(places, 0), axis=1)
    return np.where(places >= 0, found, NOT_MEASURED), places


def steps(values: Floats, *, counter: bool) -> Floats:
    """[n, readings]: from the last measured value before each to it; NaN where either is not.

    Of a counter never below 0: one that fell was begun anew.
    """
    found = values - before(values)[0]
    return np.where(found < 0, np.maximum(values, 0.0), found) if counter else found


def moved(
    times: NDArray[np.int64], values: Floats, span: Micros, *, counter: bool
) -> tuple[Floats, Floats]:
    """[n] each: how far a row's own value lies above the lowest and below the highest of the span;
    NaN where it was not measured. A counter: what it counted in the span, and 0.

    A step from a reading before the span counts by its share in that: of a source that speaks once
    in an hour a sixth is what it changed in ten minutes, and a gap of hours is no jump.
    """
    own, there = values[:, -1], within(times, span) & measured(values)
    step, places = steps(values, counter=counter), before(values)[1]
    earlier = np.take_along_axis(times, np.maximum(places, 0), axis=1)
    inside = times - np.maximum(earlier, times[:, -1:] - span)
    share = np.clip(inside / np.maximum(times - earlier, 1), 0.0, 1.0)
    part = np.where(there & (places >= 0), or_zero(step) * share, 0.0)
    if counter:
        rise, fall = part.sum(axis=1), np.zeros(len(own))
    else:
        rise = np.maximum(own - np.where(there, values, np.inf).min(axis=1), part[:, -1])
        fall = np.maximum(np.where(there, values, -np.inf).max(axis=1) - own, -part[:, -1])
    known = measured(own)
    return np.where(known, rise, NOT_MEASURED), np.where(known, fall, NOT_MEASURED)


def summed(times: NDArray[np.int64], values: Floats, span: Micros, *, counter: bool) -> Floats:
    """[n]: what was counted in the span; of what is no counter the sum of its values.

    Always of one reading at least, however far apart they come: the newest that was measured.
    """
    counts = steps(values, counter=True) if counter else values
    last = before(np.concatenate((values, values[:, -1:]), axis=1))[1][:, -1]
    there = within(times, span) | (np.arange(values.shape[1]) == last[:, None])
    found: Floats = np.where(there & measured(counts), or_zero(counts), 0.0).sum(axis=1)
    return found


def newest(times: NDArray[np.int64], values: Floats, span: Micros) -> Floats:
    """[n]: the newest measured value that is no older than the span; NaN where there is none."""
    return latest(values, within(times, span) & measured(values))


def latest(values: Floats, there: NDArray[np.bool_]) -> Floats:
    """[n]: of each row the last value of those that are there; NaN where none is."""
    place = values.shape[1] - 1 - there[:, ::-1].argmax(axis=1)
    found = np.take_along_axis(values, place[:, None], axis=1)[:, 0]
    return np.where(there.any(axis=1), found, NOT_MEASURED)
