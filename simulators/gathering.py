"""People who come to stand on a street's median, where nobody should be, and leave again.

Their way is a pure function of seed and time. The median of every camera's street is a zone in an
evaluation, which whoever is on it intrudes upon; enough of them are a crowd.
"""

import math
from collections.abc import Iterator
from zlib import crc32

import numpy as np

from simulators.city.assets import Camera, read
from simulators.city.streets import MEDIAN_M
from simulators.lens import HEIGHT, WIDTH
from simulators.scenario import INTRUDED, THRONGED, Gather, StagedKind
from simulators.traffic import Vehicle
from streams.events import Change, Rule, Zone

AHEAD_M = (10.0, 28.0)
"""Of the median that is watched, metres from the camera's pole."""
ENOUGH = 5
"""Persons that are too many: the kind's own default, which a change of it must not move."""
FROM_M = 8.0
"""They come along the median from so far behind it, where nobody watches."""
WALK_MPS = 1.3
APART_S = 0.9
"""From one to the next."""
GATHERED: tuple[tuple[StagedKind, int], ...] = ((INTRUDED, 1), (THRONGED, ENOUGH))
"""What so many people on a median are."""
STEP_M = 1.5
"""So far they stand from each other along the median."""


class Gathering:
    """One occurrence: the seed says when and where."""

    def __init__(self, script: Gather, seed: int) -> None:
        rng = np.random.default_rng((seed, crc32(b"gathering"), script.people))
        cameras = [c for c in read().cameras if not script.cameras or c.id in script.cameras]
        self.camera = cameras[int(rng.integers(len(cameras)))]
        self._at_s, ahead = float(rng.uniform(*script.after_s)), float(rng.uniform(*script.ahead_m))
        self._lasts_s = script.lasts_s
        count = script.people
        row = np.arange(count) // 2
        self._u = ahead + STEP_M * row + rng.uniform(-0.1, 0.1, count)
        self._v = np.where(np.arange(count) % 2 == 0, -0.4, 0.4) + rng.uniform(-0.1, 0.1, count)
        self._far = AHEAD_M[1] + FROM_M
        self._height = rng.uniform(1.5, 1.78, count)

    def at(self, seconds: float) -> list[Vehicle]:
        """Who is there, as things to draw; the hindmost comes first and goes last."""
        return list(self._people(seconds))

    def within(self, seconds: float) -> int:
        """How many stand or walk on the watched median."""
        return sum(AHEAD_M[0] <= person.u <= AHEAD_M[1] for person in self._people(seconds))

    def _people(self, seconds: float) -> Iterator[Vehicle]:
        last = len(self._u) - 1
        for number in range(last + 1):
            order = last - number
            coming = self._at_s + order * APART_S - seconds
            going = seconds - (self._at_s + self._lasts_s + (last - order) * APART_S)
            away = WALK_MPS * max(coming, going, 0.0)
            u = float(self._u[number]) + away
            if u > self._far:
                continue
            moving = away > 0
            sway = 0.0 if moving else 0.05 * math.sin(seconds * 0.9 + number)
            yield Vehicle(
                id=f"gathering-{number}",
                type="walker",
                u=u,
                v=float(self._v[number]) + sway,
                heading=0.0 if going > 0 else math.pi,
                length=0.6,
                width=0.5,
                height=float(self._height[number]),
                speed=WALK_MPS if moving else 0.0,
            )


def zone_of(camera: Camera) -> Zone:
    """The watched median in the camera's picture."""
    side = MEDIAN_M / 2
    ground = [(AHEAD_M[0], -side), (AHEAD_M[1], -side), (AHEAD_M[1], side), (AHEAD_M[0], side)]
    pixels, _ = camera.lens.project(np.array([(u, v, 0.0) for u, v in ground]))
    polygon = tuple(
        (round(min(max(x / WIDTH, 0.0), 1.0), 4), round(min(max(y / HEIGHT, 0.0), 1.0), 4))
        for x, y in pixels.tolist()
    )
    return Zone(f"{camera.id}-median", camera.id, "Dải phân cách", "Median", polygon)


def watched() -> list[Change]:
    """The zones, and the rules that hold there."""
    zones = [zone_of(camera) for camera in read().cameras]
    names = tuple(zone.id for zone in zones)
    return [
        *zones,
        Rule(f"median-{INTRUDED}", INTRUDED, "low", zones=names),
        Rule(
            f"median-{THRONGED}",
            THRONGED,
            "medium",
            zones=names,
            parameters={"count": float(ENOUGH)},
        ),
    ]
