"""A camera's reader without Kafka: what it publishes is kept in a list."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from services.gateway.cameras import CameraAddress, CameraReader, Outlet
from streams.events import Frame
from tests.support.reach import EVERYWHERE


class Outside:
    """Where frames go; never overloaded."""

    def __init__(self) -> None:
        self.frames: list[Frame] = []
        self.failures: list[Exception] = []
        self.outlet: Any = Outlet(self, self, self, self.failures.append, EVERYWHERE)  # type: ignore[arg-type]

    def publish(self, topic: str, frame: Frame, key: str) -> None:
        self.frames.append(frame)

    def stamp(self, source: str) -> tuple[int, int]:
        return time.monotonic_ns() // 1000, len(self.frames)

    def admit(self, camera: str) -> bool:
        return True


Start = Callable[..., tuple[CameraReader, Outside]]
"""Name, address and options of a camera to the camera, started, and what it publishes."""


@contextmanager
def starting() -> Iterator[Start]:
    """Starts cameras, which are stopped in the end."""
    started: list[CameraReader] = []

    def start(name: str, address: str, **how: Any) -> tuple[CameraReader, Outside]:
        outside = Outside()
        started.append(CameraReader(CameraAddress(name, address, **how), outside.outlet))
        return started[-1], outside

    try:
        yield start
    finally:
        for each in started:
            each.stop()
        assert all(each.join(10) for each in started)
