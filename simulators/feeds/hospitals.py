"""Hospitals: beds that fill slowly, arrivals by the hour, cases of the day; on generators."""

import numpy as np

from simulators.feeds.counting import since_midnight
from simulators.feeds.simulated import Measured, Simulated
from simulators.world.chance import drift, noise, now_and_then, trait, whole
from simulators.world.rhythm import EMERGENCY
from simulators.world.state import Rows, World
from streams.events import DAY, HOUR, MINUTE

PERIOD = 15 * MINUTE


def measure(world: World, rows: Rows) -> Measured:  # noqa: ARG001
    size = 0.3 + 0.7 * trait(rows.keys, "size")
    beds = 78.0 + 12.0 * trait(rows.keys, "beds") + 3.0 * drift(rows.keys, rows.time, DAY, "beds")
    beds += np.where(now_and_then(rows.keys, rows.number, 1 / 200, "miscounted"), 40.0, 0.0)
    arrivals = whole(14.0 * size * EMERGENCY.at(rows.time), rows.keys, rows.number, "arrivals")

    def cases(times: np.ndarray) -> np.ndarray:
        return 0.4 * (PERIOD / HOUR) * EMERGENCY.at(times)

    return {
        "bed_occupancy": np.round(beds + 0.5 * noise(rows.keys, rows.number, "moves"), 1),
        "emergency_arrivals": arrivals,
        "infectious_cases": since_midnight(rows, PERIOD, cases, size, "cases"),
    }


SIMULATED = Simulated(measure)
