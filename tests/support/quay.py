"""Some minutes of two drawn cameras, for tests of digests: much of what pictures can decide.

``street`` is quiet: somebody and a car have stood there since before it began, and are learned as
scenery; an engineer confirms the one and denies the other; then a car comes, stands and goes.
``dim`` shows what nobody can judge by: dark, frozen and damaged pictures. Always the same.
"""

from collections.abc import Iterator
from functools import cache

import cv2
import numpy as np

from simulators.cameras import Renderer
from simulators.city.assets import read
from simulators.traffic import Vehicle
from streams.events import (
    SECOND,
    Change,
    Frame,
    Micros,
    Tick,
    Zone,
    new_frame,
)
from tests.support.watchman import START, WHOLE, camera, rule

CAMERAS = STREET, DIM = "street", "dim"
PERIOD: Micros = SECOND // 4
SECONDS = 265
PICTURES_UNTIL = 250
DIM_FROM = 160
"""Second; until then half as many come of ``street``, too."""
AFTER, UNTIL = START + 165 * SECOND, START + 248 * SECOND
JUDGED = 200
"""Second at which the engineer has looked at what was learned."""
DARK, FROZEN, DAMAGED = range(168, 194), range(200, 228), range(236, 238)
"""Seconds of ``dim``."""
SEED, HOUR = 2101, 10.0
WALKER = Vehicle("walker", "walker", 14.0, -4.0, 0.3, 0.6, 0.5, 1.7, 0.0)
PARKED = Vehicle("parked", "sedan", 24.0, 4.6, np.pi, 4.4, 1.8, 1.5, 0.0)
COMES, STANDS, LEAVES, SPEED = 205.0, 209.0, 225.0, 6.0


def configuration() -> list[Change]:
    dwell = {"dwell_seconds": 3.0, "clear_seconds": 2.0}
    whole = [Zone(f"{name}-whole", name, "Vùng", "Zone", WHOLE) for name in CAMERAS]
    return [
        *(camera(name, period=PERIOD) for name in CAMERAS),
        *whole,
        rule("stopped_vehicle", parameters={"dwell_seconds": 8.0, "clear_seconds": 2.0}),
        rule("intrusion", classes=("person", "car"), parameters=dwell),
    ]


def events(begin: int, end: int) -> Iterator[Frame | Tick]:
    """In the order of their publication, of the seconds from ``begin`` on, before ``end``."""
    for second in range(begin, min(end, SECONDS)):
        for quarter in range(4):
            time = START + second * SECOND + quarter * PERIOD + 1000
            number = second * 4 + quarter
            for name in CAMERAS:
                begun = second >= DIM_FROM or (name == STREET and quarter % 2 == 0)
                if begun and second < PICTURES_UNTIL:
                    yield new_frame(name, time, number, "simulated", picture(name, number))
        yield Tick(START + (second + 1) * SECOND)


def picture(name: str, number: int) -> bytes:
    """JPEG."""
    second = number / 4
    if name == STREET:
        moving = COMES <= second < STANDS or LEAVES <= second < LEAVES + 3
        return _street(_away(second), number if moving else number % 7)
    if int(second) in DARK:
        return _jpeg(np.zeros((360, 640, 3), np.uint8))
    if int(second) in FROZEN:
        return _street(None, 0)
    whole = _street(None, number % 7)
    if int(second) in DAMAGED:
        drawn = cv2.imdecode(np.frombuffer(whole, np.uint8), cv2.IMREAD_COLOR)
        drawn[200:] = 128
        return _jpeg(drawn)
    return whole


def _away(second: float) -> float | None:
    """Metres from the camera's pole to the car that comes; None: it is not there."""
    if not COMES <= second < LEAVES + 2:
        return None
    return 16 + SPEED * max(0.0, STANDS - second) - SPEED * max(0.0, second - LEAVES)


@cache
def _street(away: float | None, number: int) -> bytes:
    there = [WALKER, PARKED]
    if away is not None:
        there.append(Vehicle("car", "sedan", away, 1.4, np.pi, 4.4, 1.8, 1.5, SPEED))
    return _jpeg(_renderer().render(there, number, HOUR))


@cache
def _renderer() -> Renderer:
    return Renderer(read().camera("cam-lach-tray"), SEED)


def _jpeg(drawn: "np.ndarray[tuple[int, ...], np.dtype[np.uint8]]") -> bytes:
    return bytes(cv2.imencode(".jpg", drawn, (cv2.IMWRITE_JPEG_QUALITY, 70))[1])
