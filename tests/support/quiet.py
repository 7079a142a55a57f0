"""A street on which little happens: a car comes, stands and goes on."""

import numpy as np

from simulators.city.assets import Camera, read
from simulators.traffic import Vehicle

SEED, HOUR = 2101, 10.0
STANDS_AT, STANDS_FOR, SPEED = 14.0, 10.0, 6.0
"""Metres from the camera's pole; seconds; metres a second."""


def camera() -> Camera:
    return read().camera("cam-lach-tray")


def car(seconds: float) -> list[Vehicle]:
    """A car comes towards the camera, stands, and goes on."""
    away = STANDS_AT + SPEED * max(0.0, 4 - seconds) - SPEED * max(0.0, seconds - 4 - STANDS_FOR)
    if away < 4:
        return []
    moves = not 4 <= seconds <= 4 + STANDS_FOR
    return [Vehicle("car-1", "sedan", away, 1.6, np.pi, 4.4, 1.8, 1.5, SPEED * moves)]
