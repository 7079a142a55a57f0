"""Base stations: load by the hour, mains, and a battery that empties while those are off."""

import unicodedata

import numpy as np
from numpy.typing import NDArray

from models.measured import NOT_MEASURED
from simulators.feeds.simulated import Measured, Simulated
from simulators.world.chance import drift, noise, now_and_then, trait, whole
from simulators.world.rhythm import CALLS
from simulators.world.state import Rows, World
from streams.events import HOUR, Source

MOST_USERS = 450.0


def measure(world: World, rows: Rows) -> Measured:
    # A cell that is started anew, and mains that dip, are nothing by themselves.
    gone = world.gone.hold(rows.asset, rows.time)
    gone |= now_and_then(rows.keys, rows.number, 1 / 4000, "restart")
    dark = world.dark.hold(rows.asset, rows.time)
    dark |= now_and_then(rows.keys, rows.number, 1 / 1500, "dip")
    busy = CALLS.at(rows.time) * (0.35 + 0.45 * trait(rows.keys, "size"))
    busy *= 1.0 + 0.1 * drift(rows.keys, rows.time, HOUR, "load")
    load = 100.0 * busy + 2.0 * noise(rows.keys, rows.number, "load")
    clipped: NDArray[np.float64] = np.clip(load, 0.0, 100.0)
    mains: NDArray[np.float64] = np.where(
        dark, 0.0, 226.0 + 3.0 * noise(rows.keys, rows.number, "mains")
    )
    found: dict[str, NDArray[np.float64]] = {
        "channel_load": clipped.round(1),
        "subscribers": whole(MOST_USERS * np.maximum(busy, 0.0), rows.keys, rows.number, "users"),
        "mains_voltage": mains.round(1),
        "battery_charge": np.round(100.0 * world.charge(rows), 1),
    }
    # The operator's system says that it is down; of the rest nobody hears.
    heard = {name: np.where(gone, NOT_MEASURED, values) for name, values in found.items()}
    return {"in_service": np.where(gone, 0.0, 1.0), **heard}


def operator(source: Source) -> str:
    """Each operator has a system of its own."""
    plain = unicodedata.normalize("NFKD", source.owner).encode("ascii", "ignore").decode().lower()
    return "".join(letter for letter in plain if letter.isalnum())


SIMULATED = Simulated(measure, gateway=operator)
