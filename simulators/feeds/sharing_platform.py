"""Data services: requests by office hours, few errors, and data that age until delivered."""

import numpy as np

from simulators.feeds.simulated import Measured, Simulated
from simulators.world.chance import noise, now_and_then, trait, whole
from simulators.world.rhythm import OFFICE
from simulators.world.state import Rows, World
from streams.events import HOUR

IN_AN_HOUR = 900.0
DELIVERED_H = 24.0
"""Each owner delivers once a day, at an hour of its own."""


def measure(world: World, rows: Rows) -> Measured:
    gone = world.gone.hold(rows.asset, rows.time)
    busy = (0.05 + OFFICE.at(rows.time)) * (0.1 + 0.9 * trait(rows.keys, "asked") ** 2)
    hours = rows.time / HOUR + DELIVERED_H * trait(rows.keys, "delivered")
    errors = np.maximum(0.25 + 0.12 * noise(rows.keys, rows.number, "errors"), 0.0)
    errors += np.where(now_and_then(rows.keys, rows.number, 1 / 800, "timeouts"), 15.0, 0.0)
    return {
        "service_calls": np.where(
            gone, 0.0, whole(IN_AN_HOUR * busy, rows.keys, rows.number, "calls")
        ),
        "error_rate": np.where(gone, 100.0, np.round(errors, 2)),
        "data_age": np.round(hours % DELIVERED_H, 2),
    }


SIMULATED = Simulated(measure)
