"""What rules make of a loop's readings: when one proves an incident, and when its end.

The default of every parameter that a rule of these kinds may carry stands here and only here.
"""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.scorer import METRICS, NOT_SCORED
from streams.events import DAY, SECOND, Micros, Rule
from streams.sensors.windows import Views

FLOW, OCCUPANCY, SPEED = (METRICS.index(metric) for metric in ("flow", "occupancy", "speed"))

DEFAULTS: dict[str, dict[str, float]] = {
    "congestion": {
        "speed_below": 15.0,
        "speed_clear": 20.0,
        "occupancy_above": 30.0,
        "occupancy_clear": 20.0,
        "smooth_seconds": 30.0,
        "hold_seconds": 30.0,
        "clear_seconds": 60.0,
    },
    "anomaly": {"score": 0.7, "score_clear": 0.5, "readings": 3.0, "readings_clear": 12.0},
    "silence": {"periods": 3.0, "silence_seconds": 60.0},
}
"""Every parameter of the loop rules.

``speed_below`` (km/h) with ``occupancy_above`` (%), both means over ``smooth_seconds``, for
``hold_seconds``: a jam; it ends when ``speed_clear`` or ``occupancy_clear`` is passed for
``clear_seconds``. Where nothing moves the speed counts as 0.
``readings`` in a row that reach ``score``: an anomaly; it ends with ``readings_clear`` in a row
below ``score_clear``.
``periods`` of the source or ``silence_seconds``, whichever is longer, without a reading: silence.
"""

LONGEST: Micros = 30 * DAY
MOST_READINGS = 1e6


def parameter(rule: Rule, name: str) -> float:
    """The rule's own where it is a finite number, else the default."""
    value = rule.parameters.get(name, math.nan)
    return value if math.isfinite(value) else DEFAULTS[rule.kind][name]


class Need(NamedTuple):
    """How long a condition must hold: both must be reached."""

    time: Micros
    readings: int


class Judgement(NamedTuple):
    """What a rule says of n readings."""

    proves: NDArray[np.bool_]
    clears: NDArray[np.bool_]
    to_open: Need
    to_end: Need


def judge(rule: Rule, views: Views, scores: NDArray[np.uint16]) -> Judgement:
    """Of each reading; ``scores`` [n] in thousandths. The rule is of kind congestion or anomaly."""
    return _congestion(rule, views) if rule.kind == "congestion" else _anomaly(rule, scores)


def _congestion(rule: Rule, views: Views) -> Judgement:
    speed, occupancy = smoothed(views, seconds(rule, "smooth_seconds"))
    # NaN compares false: without an occupancy a reading neither proves nor clears.
    crawls = np.isnan(speed) | (speed < parameter(rule, "speed_below"))
    return Judgement(
        crawls & (occupancy > parameter(rule, "occupancy_above")),
        (speed > parameter(rule, "speed_clear")) | (occupancy < parameter(rule, "occupancy_clear")),
        Need(seconds(rule, "hold_seconds"), 1),
        Need(seconds(rule, "clear_seconds"), 1),
    )


def _anomaly(rule: Rule, scores: NDArray[np.uint16]) -> Judgement:
    scored = scores != NOT_SCORED
    return Judgement(
        scored & (scores >= round(_within(parameter(rule, "score"), 1.0) * 1000)),
        scored & (scores < round(_within(parameter(rule, "score_clear"), 1.0) * 1000)),
        Need(0, round(_within(parameter(rule, "readings"), MOST_READINGS))),
        Need(0, round(_within(parameter(rule, "readings_clear"), MOST_READINGS))),
    )


def smoothed(views: Views, span: Micros) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(speed, occupancy) [n] over the readings of the last ``span``.

    Speed is weighted by flow, which makes it the mean of vehicles; NaN where none passed.
    """
    now = views.times[:, -1:]
    recent = views.times > now - max(span, 1)
    flow, speed, occupancy = (
        views.values[:, :, metric].astype(np.float64) for metric in (FLOW, SPEED, OCCUPANCY)
    )
    moving = recent & ~np.isnan(speed)
    # A loop that measures no flow still has a mean speed; one vehicle is the least that passed.
    weight = np.where(moving, np.where(np.isnan(flow), 1.0, np.maximum(flow, 1.0)), 0.0)
    present = recent & ~np.isnan(occupancy)
    return (
        _mean(np.where(moving, speed, 0.0) * weight, weight),
        _mean(np.where(present, occupancy, 0.0), present.astype(np.float64)),
    )


def silence_limit(rule: Rule, period: NDArray[np.int64]) -> NDArray[np.int64]:
    """Time without a reading that proves silence, per source."""
    least = seconds(rule, "silence_seconds")
    periods = np.rint(period * _within(parameter(rule, "periods"), MOST_READINGS))
    limit: NDArray[np.int64] = np.maximum(np.minimum(periods, LONGEST).astype(np.int64), least)
    return limit


def seconds(rule: Rule, name: str) -> Micros:
    return round(_within(parameter(rule, name), LONGEST / SECOND) * SECOND)


def _within(value: float, most: float) -> float:
    """A rule with a figure beyond reason must not stop the stage."""
    return min(max(value, 0.0), most)


def _mean(summed: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    """Row by row, oldest first: a fixed order of additions gives the same bits everywhere."""
    top, bottom = (np.add.accumulate(array, axis=1)[:, -1] for array in (summed, weight))
    return np.where(bottom > 0, top / np.maximum(bottom, 1e-9), np.nan)
