"""Customs: about 7,500 declarations on a day, of which 2.2 % go by the red lane."""

import numpy as np

from simulators.feeds.counting import since_midnight
from simulators.feeds.simulated import Measured, Simulated
from simulators.world.chance import drift, noise, now_and_then, trait, whole
from simulators.world.rhythm import ONLINE
from simulators.world.state import Rows, World
from streams.events import HOUR, MINUTE

PERIOD = 10 * MINUTE
IN_AN_HOUR = 130.0
RED_PERCENT = 2.2


def measure(world: World, rows: Rows) -> Measured:  # noqa: ARG001
    size = 0.5 + 0.5 * trait(rows.keys, "size")

    def made(times: np.ndarray) -> np.ndarray:
        return IN_AN_HOUR * (PERIOD / HOUR) * ONLINE.at(times)

    waits = 60.0 * size * ONLINE.at(rows.time - HOUR)
    red = RED_PERCENT + 0.3 * drift(rows.keys, rows.time, 4 * HOUR, "red")
    red += 0.15 * noise(rows.keys, rows.number, "red")
    red += np.where(now_and_then(rows.keys, rows.number, 1 / 500, "one batch"), 6.0, 0.0)
    return {
        "declarations_made": since_midnight(rows, PERIOD, made, size, "made"),
        "declarations_waiting": whole(waits, rows.keys, rows.number, "waiting"),
        "red_lane_share": np.clip(np.round(red, 2), 0.0, 100.0),
    }


SIMULATED = Simulated(measure)
