"""Web portals, asked from outside: slower by day, and slow and faulty under an attack."""

import numpy as np

from models.measured import NOT_MEASURED
from simulators.feeds.simulated import Measured, Simulated
from simulators.world.chance import noise, now_and_then, trait
from simulators.world.rhythm import ONLINE
from simulators.world.state import Rows, World

ATTACKED_MS, ATTACKED_PERCENT = 9_000.0, 45.0


def measure(world: World, rows: Rows) -> Measured:
    # What is defaced is not the city's page: whoever asks counts it as out of service.
    defaced = world.happening("defacement", rows) > 0
    attacked = world.happening("attack", rows)
    gone = world.gone.hold(rows.asset, rows.time)
    took = (140.0 + 160.0 * trait(rows.keys, "far")) * (1.0 + 0.8 * ONLINE.at(rows.time))
    took *= np.maximum(1.0 + 0.12 * noise(rows.keys, rows.number, "took"), 0.3)
    errors = 0.3 + 0.15 * noise(rows.keys, rows.number, "errors")
    errors += ATTACKED_PERCENT * attacked
    took += np.where(now_and_then(rows.keys, rows.number, 1 / 500, "slow"), 7000.0, 0.0)
    unanswered = now_and_then(rows.keys, rows.number, 1 / 2000, "unanswered")
    return {
        "in_service": np.where(gone | defaced | unanswered, 0.0, 1.0),
        "response_time": np.where(gone, NOT_MEASURED, np.round(took + ATTACKED_MS * attacked)),
        "error_rate": np.where(gone, 100.0, np.clip(np.round(errors, 2), 0.0, 100.0)),
    }


SIMULATED = Simulated(measure)
