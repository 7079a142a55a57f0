"""What the hour of the day does to a picture."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

SUNRISE_H, SUNSET_H = 5.6, 18.2
"""Hải Phòng, about the year's mean, local time."""
STEP_H = 1 / 12
"""Light changes in steps of five minutes, so that a camera's backdrop is tinted rarely."""


class Light(NamedTuple):
    tint: tuple[float, float, float]
    """Factors of blue, green, red."""
    sun: tuple[float, float, float]
    """Unit vector towards the sun: east, north, up."""
    shadow: float
    """How much a cast shadow takes away, 0–1."""

    def tinted(self, picture: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return np.asarray(np.clip(picture * np.array(self.tint), 0, 255), dtype=np.uint8)


def light_at(hour: float) -> Light:
    """Of a local time in hours, 0–24; street lamps keep the night legible."""
    hour = math.floor(hour / STEP_H) * STEP_H
    phase = (hour - SUNRISE_H) / (SUNSET_H - SUNRISE_H)
    height = math.sin(math.pi * phase) if -0.15 < phase < 1.15 else -0.5
    day = min(max((height + 0.12) / 0.5, 0.0), 1.0)
    gain = 0.60 + 0.42 * day
    warm = math.exp(-(((height - 0.12) / 0.18) ** 2)) * 0.10
    night = (1 - day) * 0.05
    tint = (gain * (1 - warm - night), gain * (1 - warm * 0.2), gain * (1 + warm * 0.6 + night))
    elevation = math.radians(max(15.0, 72.0 * max(height, 0.0)))
    azimuth = math.radians(90.0 + 180.0 * min(max(phase, 0.0), 1.0))
    flat = math.cos(elevation)
    sun = (flat * math.sin(azimuth), flat * math.cos(azimuth), math.sin(elevation))
    return Light(tint, sun, 0.16 + 0.30 * day)
