"""What citizens report of a place: water in the street, no power, a collision near by.

They do so a while after it began, and the line tells of it until it is over.
"""

import numpy as np

from simulators.feeds.simulated import Measured, Simulated
from simulators.world.chance import now_and_then, trait, whole
from simulators.world.rhythm import CALLS
from simulators.world.state import Rows, World
from streams.events import MINUTE

REPORTED_CM = (20.0, 40.0)
"""From the first depth on somebody reports it, at the second anybody does."""
NEAR_KM = 0.25
"""Who sees a collision."""
LATER = (2 * MINUTE, 12 * MINUTE)
"""So long after the power has gone out somebody calls."""
AT_REST = 2.0
"""An hour and place, while nothing happens."""


def measure(world: World, rows: Rows) -> Measured:
    least, most = REPORTED_CM
    first, last = LATER
    wet = world.depth(rows) > least + (most - least) * trait(rows.keys, "patience")
    later = (first + (last - first) * trait(rows.keys, "calls")).astype(np.int64)
    since, until = world.dark.latest(rows.asset, rows.time)
    dark = (since <= rows.time - later) & (rows.time < until)
    struck = world.near("collision", rows, NEAR_KM) > 0
    calls = AT_REST * CALLS.at(rows.time) + 20.0 * (wet + dark + struck)
    return {
        "flood_reported": wet.astype(np.float64),
        "collision_reported": struck.astype(np.float64),
        "outage_reported": dark.astype(np.float64),
        # Somebody mistakes one street for another, and says so at once.
        "obstruction_reported": now_and_then(rows.keys, rows.number, 1 / 800, "tree").astype(float),
        "calls_received": whole(calls, rows.keys, rows.number, "calls received"),
    }


SIMULATED = Simulated(measure)
