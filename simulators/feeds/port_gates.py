"""Port gates: lorries come mostly at night; where a gate works slowly, they queue."""

import numpy as np

from simulators.feeds.simulated import Measured, Simulated, silent_when_gone
from simulators.world.chance import drift, noise, now_and_then, trait, whole
from simulators.world.rhythm import PORT
from simulators.world.state import Rows, World
from streams.events import HOUR

IN_AN_HOUR = 110.0
"""What passes a gate in its busiest hour; assumed."""
QUEUE = 160.0
"""So many lorries wait at the end of a scripted queue."""


def measure(world: World, rows: Rows) -> Measured:
    busy = PORT.at(rows.time) * (0.5 + 0.5 * trait(rows.keys, "size"))
    busy *= 1.0 + 0.1 * drift(rows.keys, rows.time, HOUR, "lorries")
    jammed = world.progress("gate_queue", rows)
    waiting = whole(14.0 * busy**2, rows.keys, rows.number, "waiting") + np.floor(QUEUE * jammed)
    waiting += np.where(now_and_then(rows.keys, rows.number, 1 / 800, "convoy"), 60.0, 0.0)
    flow = IN_AN_HOUR * busy * np.where(jammed > 0, 0.35, 1.0)
    flow = np.maximum(flow + 6.0 * noise(rows.keys, rows.number, "passed"), 5.0)
    return {
        "lorries_waiting": waiting,
        "gate_flow": np.round(flow),
        "waiting_time": np.round(60.0 * waiting / flow, 1),
    }


SIMULATED = Simulated(measure, silent_when_gone)
