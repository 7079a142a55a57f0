"""What is published: loops of a large city, and the pictures of the simulated one."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import product

import numpy as np

from models.scorer import METRICS
from simulators.cameras import Renderer, encode_jpeg
from simulators.city.assets import read
from simulators.recording import Recording
from simulators.scenario import load
from simulators.world.calendar import hour_at
from streams.events import (
    SECOND,
    Change,
    ControlChange,
    Event,
    Frame,
    Micros,
    Place,
    Readings,
    Rule,
    Source,
    Tick,
    Zone,
    new_frame,
)
from streams.topics import FRAMES, INPUTS, READINGS

START: Micros = 1_795_000_000 * SECOND
FRAME: Micros = SECOND // 5
GRID = 3
"""Rows and columns of a camera's zones."""
GATEWAYS, LOOPS = 12, 500
"""Gateways, and loops of each; a pack holds one reading of each loop, once a second."""
READINGS_A_SECOND = GATEWAYS * LOOPS
JAM = {"smooth_seconds": 1.0, "hold_seconds": 1.0, "clear_seconds": 1.0}
"""Of the congestion rule: jams come and go within seconds, so that there are many to time."""

Published = tuple[str, Event, str]


def everywhere(event: Event) -> list[Published]:
    """Into every partition of every input, as the gateway does."""
    return [(topic, event, "") for topic in INPUTS]


def announced(changes: Sequence[Change], time: Micros) -> list[Published]:
    found: list[Published] = []
    for sequence, change in enumerate(changes, 1):
        found += everywhere(ControlChange(sequence, time, change))
    return found + everywhere(Tick(time))


# --- loops ----------------------------------------------------------------------------------


def gateway(number: int) -> str:
    return f"gw-{number:02}"


def loops(number: int) -> tuple[str, ...]:
    """Ids of a gateway's loops."""
    return tuple(f"loop-{number:02}-{index:03}" for index in range(LOOPS))


def sensors() -> list[Change]:
    """Every loop, and the rules that judge loops."""
    sources: list[Change] = [
        Source(
            name, "loop", name, name, "simulated",
            Place(20.85, 106.68, f"street-{name}"), gateway(number), period=SECOND,
        )
        for number in range(GATEWAYS)
        for name in loops(number)
    ]  # fmt: skip
    return [
        *sources,
        Rule("jam", "congestion", "low", parameters=JAM),
        Rule("odd", "anomaly", "low", parameters={"readings": 1e6}),
        Rule("quiet", "silence", "low"),
    ]


class Loops:
    """Packs of every gateway, second by second; one loop of each jams for some seconds in ten."""

    def __init__(self, seed: int = 0) -> None:
        self._random = np.random.default_rng(seed)
        self._source = np.arange(LOOPS, dtype="<u2").tobytes()

    def packs(self, second: int, start: Micros = START, offset: Micros = 0) -> Iterator[Readings]:
        """One pack of each gateway; ``offset``: of its readings from the whole second."""
        time = start + second * SECOND + offset
        for number in range(GATEWAYS):
            flow = self._random.integers(1, 4, LOOPS) * 720.0
            occupancy = self._random.uniform(0, 10, LOOPS)
            speed = self._random.uniform(30, 50, LOOPS)
            jammed = (second // 10 * GATEWAYS + number) % LOOPS
            if second % 10 < 5:
                occupancy[jammed], speed[jammed] = 60.0, 3.0
            values = np.stack((flow, occupancy, speed), 1)
            yield Readings(
                gateway(number), time, second, "simulated", loops(number), METRICS,
                self._source, np.full(LOOPS, time, "<i8").tobytes(), values.tobytes(),
            )  # fmt: skip


def measurements(seconds: int) -> list[Published]:
    """So many seconds of readings with their ticks, of loops that were announced before; the last
    tick releases all of them."""
    made: list[Published] = []
    city = Loops()
    for second in range(seconds):
        made += [(READINGS, pack, pack.gateway) for pack in city.packs(second, offset=SECOND // 2)]
        made += everywhere(Tick(START + (second + 1) * SECOND))
    return made + everywhere(Tick(START + (seconds + 5) * SECOND))


# --- cameras --------------------------------------------------------------------------------


@cache
def film(seconds: int) -> list[list[bytes]]:
    """JPEGs of each camera of the simulated city with traffic, in order."""
    pictures: dict[str, list[bytes]] = {}
    with Recording(load("quiet"), 11, START) as city:
        for topic, event, key in city.events(seconds):
            if topic == FRAMES and isinstance(event, Frame):
                pictures.setdefault(key, []).append(event.jpeg)
    return list(pictures.values())


@cache
def still(seconds: int) -> list[list[bytes]]:
    """The same of streets on which nothing happens but noise."""
    pictures = []
    for camera in read().cameras:
        renderer = Renderer(camera, 11)
        numbers = range(round(seconds * SECOND / FRAME))
        hour = hour_at(START)
        pictures.append([encode_jpeg(renderer.render([], number, hour)) for number in numbers])
    return pictures


def mixed(seconds: int) -> list[list[bytes]]:
    """Every other camera sees traffic."""
    return [each for pair in zip(film(seconds), still(seconds), strict=True) for each in pair]


def cameras(number: int, model: str = "", *, gated: bool = True) -> list[Change]:
    """Cameras, each with a grid of zones that vehicles pass, and a rule for it.

    More incidents than any city would want, so that there are enough to time.
    """
    found: list[Change] = []
    for index in range(number):
        name = f"cam-{index:03}"
        place = Place(20.85, 106.68, f"street-{name}")
        found.append(
            Source(
                name, "camera", name, name, "simulated", place,
                model=model, period=FRAME, gated=gated,
            )
        )  # fmt: skip
        for row, column in product(range(GRID), repeat=2):
            x, y = column / GRID, row / GRID
            corners = ((x, y), (x + 1 / GRID, y), (x + 1 / GRID, y + 1 / GRID), (x, y + 1 / GRID))
            zone = f"zone-{index:03}-{row}{column}"
            found.append(Zone(zone, name, "Ô", "Square", corners))
    vehicles = ("car", "bus", "truck", "two-wheeler")
    passing = {"dwell_seconds": 0.2, "clear_seconds": 0.4}
    found.append(Rule("passing", "intrusion", "low", classes=vehicles, parameters=passing))
    return found


def shots(films: Sequence[Sequence[bytes]], number: int, step: int, time: Micros) -> list[Frame]:
    """One frame of each of ``number`` cameras at ``step``; each begins elsewhere in its film."""
    found = []
    for index in range(number):
        pictures = films[index % len(films)]
        jpeg = pictures[(step + 37 * (index // len(films))) % len(pictures)]
        # apart by a little, as cameras are
        moment = time + index * FRAME // number
        found.append(new_frame(f"cam-{index:03}", moment, step + 1, "simulated", jpeg))
    return found


def frames(films: Sequence[Sequence[bytes]], number: int, total: int) -> list[Published]:
    """``total`` frames of ``number`` cameras, with ticks; cameras are announced elsewhere."""
    made: list[Published] = []
    step = 0
    count = 0
    while count < total:
        time = START + (step + 1) * FRAME
        some = shots(films, number, step, time)[: total - count]
        made += [(FRAMES, frame, frame.camera) for frame in some]
        count += len(some)
        step += 1
        if step % 5 == 0:
            made += everywhere(Tick(START + step * FRAME))
    return made
