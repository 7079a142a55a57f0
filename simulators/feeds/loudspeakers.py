"""Loudspeakers: the system asks each whether it works; at five and at five they speak."""

import numpy as np

from models.measured import NOT_MEASURED
from simulators.feeds.simulated import Measured, Simulated
from simulators.world import calendar
from simulators.world.chance import noise, now_and_then
from simulators.world.state import Rows, World

SPEAK_H = ((5.0, 5.5), (17.0, 17.5))
"""Of every day."""


def measure(world: World, rows: Rows) -> Measured:
    gone = world.gone.hold(rows.asset, rows.time)
    gone |= now_and_then(rows.keys, rows.number, 1 / 2000, "unanswered")
    hour = calendar.hour(rows.time)
    speaks = np.zeros(len(hour), np.bool_)
    for begins, ends in SPEAK_H:
        speaks |= (begins <= hour) & (hour < ends)
    level = np.where(speaks, 78.0, 42.0) + 2.0 * noise(rows.keys, rows.number, "sound")
    return {
        "in_service": np.where(gone, 0.0, 1.0),
        "sound_level": np.where(gone, NOT_MEASURED, np.round(level, 1)),
    }


SIMULATED = Simulated(measure)
