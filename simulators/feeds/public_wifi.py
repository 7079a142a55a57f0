"""Public Wi-Fi: people at leisure. An access point without power or a line is not heard."""

import numpy as np

from simulators.feeds.simulated import Measured, Simulated, silent_when_gone
from simulators.world.chance import drift, noise, now_and_then, trait, whole
from simulators.world.rhythm import LEISURE
from simulators.world.state import Rows, World
from streams.events import HOUR

MOST_DEVICES = 70.0


def measure(world: World, rows: Rows) -> Measured:  # noqa: ARG001
    busy = LEISURE.at(rows.time) * (0.2 + 0.4 * trait(rows.keys, "size"))
    busy *= 1.0 + 0.15 * drift(rows.keys, rows.time, HOUR, "load")
    load = 3.0 + 90.0 * busy + 2.5 * noise(rows.keys, rows.number, "load")
    return {
        "in_service": np.where(now_and_then(rows.keys, rows.number, 1 / 3000, "restart"), 0.0, 1.0),
        "channel_load": np.clip(np.round(load, 1), 0.0, 100.0),
        "wifi_clients": whole(MOST_DEVICES * busy, rows.keys, rows.number, "devices"),
    }


SIMULATED = Simulated(measure, silent_when_gone)
