"""Schools: attendance once a day, on working days; on others they say nothing."""

import numpy as np

from simulators.feeds.simulated import Measured, Simulated
from simulators.world import calendar
from simulators.world.chance import drift, noise
from simulators.world.state import Rows, World
from streams.events import DAY


def measure(world: World, rows: Rows) -> Measured:  # noqa: ARG001
    there = 96.5 + 0.8 * drift(rows.keys, rows.time, 7 * DAY, "colds")
    there += 0.5 * noise(rows.keys, rows.number, "there")
    return {
        "attendance": np.clip(np.round(there, 1), 0.0, 100.0),
        "school_closed": np.zeros(len(rows.asset)),
    }


def silent(world: World, rows: Rows) -> np.ndarray:  # noqa: ARG001
    return ~calendar.is_working(rows.time)


SIMULATED = Simulated(measure, silent)
