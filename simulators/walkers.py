"""People on the pavements: their way is a pure function of seed, camera and time."""

import math
from zlib import crc32

import numpy as np

from simulators.city.assets import Camera
from simulators.city.streets import LANE_WIDTH_M, MEDIAN_M, street_of
from simulators.traffic import Vehicle

PER_SIDE = 4
STRETCH_M = 110.0
"""A walker comes round again after so many metres, far outside the picture."""


class Walkers:
    def __init__(self, camera: Camera, seed: int) -> None:
        rng = np.random.default_rng((seed, crc32(camera.id.encode()), 1))
        kerb = MEDIAN_M / 2 + LANE_WIDTH_M * street_of(camera.edge).lanes
        wide = 1.1 if camera.scenery == "bridge" else 2.4
        count = 2 * PER_SIDE
        side = np.where(np.arange(count) % 2 == 0, -1.0, 1.0)
        self._ids = [f"{camera.id}-walker-{number}" for number in range(count)]
        self._v = side * (kerb + 0.6 + rng.uniform(0.0, wide, count))
        self._start = rng.uniform(0.0, STRETCH_M, count)
        self._speed = rng.uniform(0.9, 1.5, count) * np.where(rng.random(count) < 0.5, -1.0, 1.0)
        self._height = rng.uniform(1.5, 1.78, count)

    def at(self, seconds: float) -> list[Vehicle]:
        """Where they are, as things to draw."""
        found = []
        for number, name in enumerate(self._ids):
            speed = float(self._speed[number])
            lap, u = divmod(float(self._start[number]) + speed * seconds, STRETCH_M)
            sway = 0.12 * math.sin(seconds * 0.7 + number)
            found.append(
                Vehicle(
                    id=f"{name}-{int(lap)}",
                    type="walker",
                    u=u - 20.0 + (0.3 if speed > 0 else -0.3),
                    v=float(self._v[number]) + sway,
                    heading=0.0 if speed > 0 else math.pi,
                    length=0.6,
                    width=0.5,
                    height=float(self._height[number]),
                    speed=abs(speed),
                )
            )
        return found
