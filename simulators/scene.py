"""The city's pictures with what is truly in them, for training and evaluation; no clock.

with Scene(seed=3, hour=9.0) as scene:
    for shot in scene.shots(seconds=60, every=5):
        shot.picture  # [360, 640, 3] uint8, BGR
"""

from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import NamedTuple, Self

from simulators.cameras import Picture, Renderer, Truth
from simulators.city.assets import FRAMES_PER_S, read
from simulators.traffic import WARM_UP_S, Traffic
from simulators.walkers import Walkers


class Shot(NamedTuple):
    step: int
    """Of the simulation's step, ``FRAMES_PER_S`` a second."""
    camera: str
    picture: Picture
    truth: list[Truth]


class Scene:
    """Repeatable: the same arguments give the same shots. One may be open per process."""

    def __init__(
        self,
        seed: int,
        hour: float = 9.0,
        demand: float = 1.0,
        cameras: Sequence[str] = (),
        warm_up_s: int = WARM_UP_S,
    ) -> None:
        """``hour`` of the day (light), ``demand`` as a share of the busiest hour's traffic."""
        self._hour = hour
        self._cameras = [c for c in read().cameras if not cameras or c.id in cameras]
        self._renderers = [Renderer(camera, seed) for camera in self._cameras]
        self._walkers = [Walkers(camera, seed) for camera in self._cameras]
        self._traffic = Traffic(seed, demand, warm_up_s)

    def shots(self, seconds: float, every: int = 1) -> Iterator[Shot]:
        """Every ``every``-th step's picture of each camera."""
        for index in range(round(seconds * FRAMES_PER_S)):
            self._traffic.step()
            if index % every:
                continue
            for camera, renderer, walkers in zip(
                self._cameras, self._renderers, self._walkers, strict=True
            ):
                seen = walkers.at(index / FRAMES_PER_S) + self._traffic.vehicles(camera)
                picture = renderer.render(seen, index, self._hour)
                yield Shot(index, camera.id, picture, renderer.truth(seen))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._traffic.close()
