"""Online payments: so many a minute, of which nearly all succeed."""

import numpy as np

from models.measured import NOT_MEASURED
from simulators.feeds.simulated import Measured, Simulated
from simulators.world.chance import noise, now_and_then, trait, whole
from simulators.world.rhythm import ONLINE
from simulators.world.state import Rows, World

IN_A_MINUTE = 40.0


def measure(world: World, rows: Rows) -> Measured:
    gone = world.gone.hold(rows.asset, rows.time)
    busy = ONLINE.at(rows.time) * (0.5 + 0.5 * trait(rows.keys, "size"))
    made = whole(IN_A_MINUTE * busy, rows.keys, rows.number, "made")
    good = np.clip(99.4 + 0.3 * noise(rows.keys, rows.number, "good"), 0.0, 100.0)
    good -= np.where(now_and_then(rows.keys, rows.number, 1 / 600, "bank"), 20.0, 0.0)
    took = 220.0 + 120.0 * busy + 20.0 * noise(rows.keys, rows.number, "took")
    return {
        "payments_made": np.where(gone, 0.0, made),
        "payments_succeeded": np.where(gone | (made < 1), NOT_MEASURED, np.round(good, 2)),
        "response_time": np.where(gone, NOT_MEASURED, np.round(took)),
    }


SIMULATED = Simulated(measure)
