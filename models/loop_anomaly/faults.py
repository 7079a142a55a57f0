"""What the network learns to notice: changes of a window, and series that were never measured."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.baseline import Baseline
from models.measured import NOT_MEASURED, measured
from models.scorer import LEAST_SPREAD, METRICS, WINDOW

Array = NDArray[np.float64]
FLOW, OCCUPANCY, SPEED = range(len(METRICS))
HIGHEST = np.array([6000.0, 100.0, 130.0])
"""Of each metric, what a window is clipped to."""


class Around(NamedTuple):
    """What a change may be measured by; level and spread are [metrics]."""

    level: Array
    spread: Array
    random: np.random.Generator


def alter(
    seen: NDArray[np.float32], usual: Baseline, random: np.random.Generator
) -> NDArray[np.float32]:
    """Windows [n, WINDOW, metrics] with the latest readings of each changed in one of the ways."""
    spread = np.maximum(usual.spread, LEAST_SPREAD)
    changed = seen.astype(np.float64)
    ways = random.integers(len(WAYS), size=len(seen))
    for number, way in enumerate(WAYS):
        rows = np.flatnonzero(ways == number)
        for row in rows:
            recent = slice(WINDOW - int(random.integers(1, WINDOW + 1)), WINDOW)
            window = changed[row]
            window[recent] = way(window[recent], Around(usual.level[row], spread[row], random))
    return np.clip(changed, 0.0, HIGHEST).astype(np.float32)


def _jam(part: Array, around: Around) -> Array:
    """Vehicles crawl or stand: speed falls, occupancy rises, flow does not."""
    jammed: Array = part * np.array(
        [around.random.uniform(0.0, 0.9), 1.0, around.random.uniform(0.05, 0.6)]
    )
    occupancy = np.maximum(
        around.random.uniform(15.0, 90.0), around.level[OCCUPANCY] + 2 * around.spread[OCCUPANCY]
    )
    jammed[:, OCCUPANCY] = occupancy + around.random.normal(0.0, 8.0, len(part))
    jammed[:, OCCUPANCY][~measured(part[:, OCCUPANCY])] = NOT_MEASURED
    return jammed


def _shift(part: Array, around: Around) -> Array:
    """One metric lies higher or lower."""
    by = np.zeros(len(METRICS))
    by[around.random.integers(len(METRICS))] = around.random.choice(
        (-1.0, 1.0)
    ) * around.random.uniform(1.5, 8.0)
    return part + by * around.spread


def _stuck(part: Array, _: Around) -> Array:
    """The sensor repeats one reading."""
    return np.broadcast_to(part[0], part.shape)


def _nothing(part: Array, _: Around) -> Array:
    """No vehicle comes any more."""
    return np.where(measured(part), np.array([0.0, 0.0, NOT_MEASURED]), NOT_MEASURED)


def _noise(part: Array, around: Around) -> Array:
    """Readings scatter."""
    return (
        part
        + around.random.normal(0.0, around.random.uniform(2.0, 6.0), part.shape) * around.spread
    )


def _spike(part: Array, around: Around) -> Array:
    """The newest reading alone is far off."""
    spiked = part.copy()
    metric = around.random.integers(len(METRICS))
    spiked[-1, metric] += (
        around.random.choice((-1.0, 1.0)) * around.random.uniform(5.0, 14.0) * around.spread[metric]
    )
    return spiked


WAYS: tuple[Callable[[Array, Around], Array], ...] = (
    _jam,
    _jam,
    _shift,
    _stuck,
    _nothing,
    _noise,
    _spike,
)
"""A jam counts twice: it is what the scorer is for."""


def invented(
    random: np.random.Generator, runs: int = 24, series: int = 32, steps: int = 400
) -> list[NDArray[np.float32]]:
    """Runs [steps, series, metrics] of noise around slow waves, in one, two or three metrics."""
    made = []
    for _ in range(runs):
        time = np.arange(steps)[:, None, None]
        shape = (1, series, len(METRICS))
        middle = HIGHEST * random.uniform(0.05, 0.6, shape)
        wave = np.sin(2 * np.pi * (time / random.uniform(100, 2000, shape) + random.random(shape)))
        steady = random.uniform(0.0, 0.95, shape)
        noise = np.zeros((steps, series, len(METRICS)))
        for step in range(1, steps):
            fresh = random.standard_t(6, shape[1:]) * np.sqrt(1 - steady[0] ** 2)
            noise[step] = steady[0] * noise[step - 1] + fresh
        swing, scatter = random.uniform(0.0, 0.3, shape), random.uniform(0.03, 0.4, shape)
        values = middle * (1 + swing * wave + scatter * noise)
        there = random.random((series, len(METRICS))) < 0.6
        there[np.arange(series), random.integers(len(METRICS), size=series)] = True
        values[:, ~there] = NOT_MEASURED
        made.append(np.clip(values, 0.0, HIGHEST).astype(np.float32))
    return made
