"""Nodes and links of the agencies' network, polled from its core: what is not reached is lost."""

import numpy as np

from models.measured import NOT_MEASURED
from simulators.feeds.simulated import Measured, Simulated
from simulators.world.chance import drift, noise, now_and_then, trait
from simulators.world.rhythm import OFFICE
from simulators.world.state import Rows, World
from streams.events import HOUR


def measure(world: World, rows: Rows) -> Measured:
    gone = world.gone.hold(rows.asset, rows.time)
    gone |= now_and_then(rows.keys, rows.number, 1 / 4000, "unanswered")
    busy = (0.08 + 0.5 * OFFICE.at(rows.time)) * (0.6 + 0.4 * trait(rows.keys, "size"))
    busy *= 1.0 + 0.1 * drift(rows.keys, rows.time, HOUR, "load")
    there = 1.5 + 6.0 * trait(rows.keys, "away") + 4.0 * busy**2
    took = there * (1.0 + 0.06 * noise(rows.keys, rows.number, "way"))
    took *= np.where(now_and_then(rows.keys, rows.number, 1 / 1500, "queue"), 40.0, 1.0)
    some = noise(rows.keys, rows.number, "lost") > 2.6
    return {
        "in_service": np.where(gone, 0.0, 1.0),
        "link_load": np.where(gone, 0.0, np.clip(np.round(100.0 * busy, 1), 0.0, 100.0)),
        "round_trip": np.where(gone, NOT_MEASURED, np.round(took, 2)),
        "packet_loss": np.where(gone, 100.0, np.where(some, 0.5, 0.0)),
    }


SIMULATED = Simulated(measure)
