"""Feeders and substations, as the utility's control centre sees them, on or off."""

import numpy as np

from simulators.feeds.simulated import Measured, Simulated
from simulators.world.chance import drift, noise, trait
from simulators.world.rhythm import POWER
from simulators.world.state import Rows, World
from streams.events import HOUR


def measure(world: World, rows: Rows) -> Measured:
    off = world.dark.hold(rows.asset, rows.time)
    high = world.is_of(rows, "substation")
    nominal = np.where(high, 110.0, 22.0)
    load = 0.6 * POWER.at(rows.time) * (0.6 + 0.4 * trait(rows.keys, "size"))
    load *= 1.0 + 0.08 * drift(rows.keys, rows.time, 2 * HOUR, "load")
    sag = 1.03 - 0.05 * load + 0.003 * noise(rows.keys, rows.number, "voltage")
    most = np.where(high, 600.0, 400.0)
    return {
        "energised": np.where(off, 0.0, 1.0),
        "feeder_voltage": np.where(off, 0.0, np.round(nominal * sag, 2)),
        "feeder_current": np.where(off, 0.0, np.round(most * np.maximum(load, 0.0), 1)),
    }


SIMULATED = Simulated(measure)
