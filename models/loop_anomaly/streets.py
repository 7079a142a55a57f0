"""Quiet street traffic as loops see it, made quickly: platoons from a signal, mixed vehicles.

SUMO's traffic is better and a thousand times slower; this adds breadth to what the network learns.
"""

import numpy as np
from numpy.typing import NDArray

from models.measured import NOT_MEASURED

PERIOD_S = 5.0
LOOP_M = 2.0
"""Length of the loop, which each vehicle covers in addition to its own."""
LENGTHS_M = np.array([1.9, 4.6, 6.0, 10.5])
SHARES = np.array([0.6, 0.28, 0.06, 0.06])
"""Two-wheelers, cars, light trucks, buses and lorries."""


def streets(
    random: np.random.Generator, runs: int = 16, loops: int = 32, steps: int = 360
) -> list[NDArray[np.float32]]:
    """Runs [steps, loops, METRICS] of flow (vehicles/h), occupancy (%) and speed (km/h)."""
    return [_run(random, loops, steps) for _ in range(runs)]


def _run(random: np.random.Generator, loops: int, steps: int) -> NDArray[np.float32]:
    demand = 10 ** random.uniform(-1.3, 0.5, loops)  # vehicles in one period
    cycle_s, green = random.uniform(60.0, 110.0, loops), random.uniform(0.3, 0.7, loops)
    time = np.arange(steps)[:, None] * PERIOD_S + random.uniform(0.0, 100.0, loops)
    platoon = (time % cycle_s) / cycle_s < green
    bunching = random.uniform(0.0, 0.9, loops)
    rate = demand * (1 - bunching + bunching * platoon / green)
    drift = 1 + 0.3 * np.sin(2 * np.pi * (time / random.uniform(900, 5000, loops)))
    count = np.minimum(random.poisson(rate * drift), 12)
    free_speed = random.uniform(25.0, 65.0, loops)
    slower = np.minimum(0.03 * count, 0.3)
    scatter = random.normal(0.0, 0.1, count.shape) / np.sqrt(np.maximum(count, 1))
    speed = np.maximum(free_speed * (1 - slower + scatter), 5.0)
    length = np.zeros(count.shape)
    for lengths, kind in zip(LENGTHS_M, _kinds(random, count), strict=True):
        length += kind * (lengths + LOOP_M)
    occupancy = np.minimum(100.0 * length / (speed / 3.6) / PERIOD_S, 100.0)
    flow = count * (3600.0 / PERIOD_S)
    values = np.stack([flow, occupancy, np.where(count > 0, speed, NOT_MEASURED)], axis=2)
    return values.round(2).astype(np.float32)


def _kinds(random: np.random.Generator, count: NDArray[np.int64]) -> NDArray[np.int64]:
    """[kinds, steps, loops]: how many of each."""
    return np.moveaxis(random.multinomial(count, SHARES), -1, 0)
