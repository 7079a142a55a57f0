"""The input of the recording ``pictures``: some seconds of two drawn streets.

Runs only with the code of the commit that README.md names. From one seed always the same.
"""

from collections.abc import Iterator

import cv2
import numpy as np

from simulators.cameras import Renderer
from simulators.city.assets import Camera, read
from simulators.dataset import Arranger
from simulators.traffic import Vehicle
from streams.events import (
    SECOND,
    Change,
    ControlChange,
    Event,
    Headers,
    Source,
    Tick,
    Zone,
    encode,
    new_frame,
)
from streams.topics import FRAMES, INPUTS, partition_of
from tests.support.watchman import START, WHOLE, rule

PARTITIONS = 2
CAMERAS = ("cam-lach-tray", "cam-cau-rao")
PERIOD = SECOND // 2
SECONDS = 32
AFTER, UNTIL = START + 8 * SECOND, START + 19 * SECOND
LAST = 19
"""Second after which there are no more pictures: what is after B would decide nothing."""
JPEG_QUALITY = 40
SEED = 2101


def changes() -> list[Change]:
    found: list[Change] = []
    for camera in cameras():
        known = Source(
            camera.id,
            "camera",
            camera.name_vi,
            camera.name_en,
            "simulated",
            camera.place,
            period=PERIOD,
        )
        found += [known, Zone(f"{camera.id}-whole", camera.id, "Vùng", "Zone", WHOLE)]
    return [
        *found,
        rule("stopped_vehicle", parameters={"dwell_seconds": 3.0, "clear_seconds": 1.0}),
        rule("crowd", parameters={"count": 2.0, "hold_seconds": 1.0, "clear_seconds": 1.5}),
        rule("intrusion", parameters={"dwell_seconds": 1.0, "clear_seconds": 1.0}),
        rule("silence", parameters={"silence_seconds": 3.0}),
    ]


def cameras() -> list[Camera]:
    return [read().camera(name) for name in CAMERAS]


def messages() -> Iterator[tuple[str, int, Headers, bytes, Event | None]]:
    """Topic, partition, headers, value and what it says."""
    renderers = {camera.id: Renderer(camera, SEED) for camera in cameras()}
    things = {
        camera.id: [*Arranger(camera, np.random.default_rng((SEED, number))).scene(), *_people()]
        for number, camera in enumerate(cameras())
    }
    for number, change in enumerate(changes(), 1):
        yield from _everywhere(ControlChange(number, START, change))
    yield from _everywhere(Tick(START))
    for second in range(SECONDS):
        time = START + second * SECOND
        if second == 13:
            shorter = rule("stopped_vehicle", parameters={"dwell_seconds": 1.0})
            yield from _everywhere(ControlChange(len(changes()) + 1, time, shorter))
        for half in (0, 1):
            for name in CAMERAS:
                if second > LAST or (name == "cam-cau-rao" and 11 <= second < 16):
                    continue
                seen = _present(things[name], second + half / 2)
                picture = renderers[name].render(seen, 2 * second + half, 10.0)
                quality = (cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY)
                jpeg = cv2.imencode(".jpg", picture, quality)[1].tobytes()
                if name == "cam-lach-tray" and (second, half) == (10, 1):
                    jpeg = jpeg[:100]  # no picture
                frame = new_frame(
                    name, time + half * PERIOD + 1000, 2 * second + half, "simulated", jpeg
                )
                yield FRAMES, partition_of(name, PARTITIONS), *encode(frame), frame
        yield from _everywhere(Tick(time + SECOND))


def _everywhere(event: Event) -> Iterator[tuple[str, int, Headers, bytes, Event | None]]:
    for topic in INPUTS:
        for partition in range(PARTITIONS):
            yield topic, partition, *encode(event), event


def _people() -> list[Vehicle]:
    """Near the camera, on the carriageway."""
    return [
        Vehicle(f"person-{n}", "walker", 13.0 + n, -5.5 + 1.6 * n, 0.3 * n, 0.6, 0.5, 1.7, 0.0)
        for n in range(4)
    ]


def _present(things: list[Vehicle], second: float) -> list[Vehicle]:
    """Some come and go, some drive on."""
    found = []
    for number, thing in enumerate(things):
        if thing.type == "walker":
            if (second + 4) % 9 < 5:
                found.append(thing)
        elif thing.speed == 0:
            if (second + 3 * number) % 13 < 8 or number % 4 == 0:
                found.append(thing)
        else:
            way = np.cos(thing.heading) * 1.6 * second
            found.append(thing._replace(u=4 + (thing.u + way - 4) % 90))
    # Nothing hides the people.
    return [each for each in found if each.type == "walker" or each.u > 26 or each.v > 1]
