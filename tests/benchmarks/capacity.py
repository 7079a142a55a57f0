"""What this machine carries as events come, with everything that an event passes.

Kafka, TimescaleDB, detect, streams, writer, alerts service and the feed share the machine. So much
is carried where nothing is further behind at the end of a run than ``BEHIND_SECONDS``.
"""

import time
from collections.abc import Callable, Iterable

from streams.events import SECOND, Detections, Scored
from streams.topics import DETECTIONS, SCORED
from tests.benchmarks.bed import Bed, Ground
from tests.benchmarks.feeds import cameras_live, loops_live
from tests.benchmarks.pace import Feed, FeedBehind
from tests.benchmarks.report import Figure
from tests.benchmarks.workloads import (
    FRAME,
    GATEWAYS,
    READINGS_A_SECOND,
    START,
    announced,
    cameras,
    film,
    sensors,
)
from tests.support.loops import LATENESS

SECONDS = 16.0
BEHIND_SECONDS = 1.0
"""Half of what makes the gateway shed frames."""
FILM_SECONDS = 20
SHARES = (0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1)
"""Of what was drained from a backlog, tried from above."""
PARTS = {"streams-1": "streams", "writer": "writer", "alerts": "alerts"}

Cores = dict[str, float]


def measure_cameras(bed: Bed, rounds: int, frames: float) -> dict[str, Figure]:
    """The figure ``cameras``; ``frames``: a second, as one worker was measured to see."""
    most = frames * FRAME / SECOND
    levels = sorted({max(1, int(most * share)) for share in SHARES}, reverse=True)
    number, cores = highest(levels, rounds, lambda level: _carries_cameras(bed, level))
    about = f"cameras at {SECOND / FRAME:g} frames/s that the whole system carries on this machine"
    return {
        "cameras": Figure(value=number, unit="cameras", about=about, rounds=rounds, cores=cores)
    }


def measure_readings(bed: Bed, rounds: int, readings: float) -> dict[str, Figure]:
    """The figure ``readings_live``; ``readings``: a second, as they were drained."""
    levels = [readings * share for share in SHARES]
    rate, cores = highest(levels, rounds, lambda level: _carries_readings(bed, level))
    about = "readings that the whole system carries as they come, with alerts, on this machine"
    return {
        "readings_live": Figure(
            value=rate, unit="readings/s", about=about, rounds=rounds, cores=cores
        )
    }


def highest(
    levels: Iterable[float], rounds: int, carries: Callable[[float], Cores | None]
) -> tuple[float, Cores]:
    """The first level that is carried in every round, and the cores that it kept busy."""
    for level in levels:
        cores: Cores | None = None
        for _ in range(rounds):
            cores = carries(level)
            if cores is None:
                break
        if cores is not None:
            return level, cores
    return 0.0, {}


def _carries_cameras(bed: Bed, level: float) -> Cores | None:
    number = int(level)
    with bed.namespace() as ground:
        ground.publish(announced(cameras(number), START))
        ground.run("detect", "detect-1")
        events = cameras_live(film(FILM_SECONDS), number, SECONDS)
        feed = Feed(ground.settings, events)
        cores = _fed(ground, feed)
        if cores is None:
            return None
        seen = ground.emitted(DETECTIONS, Detections, number * int(SECONDS * SECOND / FRAME))
        last = START + SECONDS * SECOND * 4 // 5
        late = (
            moment - feed.published[event.camera, event.time]
            for event, moment in seen
            if event.time > last
        )
        return cores if max(late) <= BEHIND_SECONDS else None


def _carries_readings(bed: Bed, level: float) -> Cores | None:
    pace = level / READINGS_A_SECOND
    with bed.namespace() as ground:
        ground.publish(announced(sensors(), START))
        events = loops_live(pace, SECONDS)
        feed = Feed(ground.settings, events)
        cores = _fed(ground, feed)
        if cores is None:
            return None
        # The last two seconds of readings wait for a tick that does not come.
        released = GATEWAYS * (int(SECONDS * pace) - LATENESS // SECOND)
        seen = ground.emitted(SCORED, Scored, released)
        last = START + int(SECONDS * pace) * SECOND * 4 // 5
        late = (
            moment - feed.published["gateway", event.time + LATENESS]
            for event, moment in seen
            if event.time > last
        )
        return cores if max(late) <= BEHIND_SECONDS else None


def _fed(ground: Ground, feed: Feed) -> Cores | None:
    """The cores kept busy until the feed has ended; None where the machine could not keep up."""
    for name, part in PARTS.items():
        ground.run(part, name)
    ground.wait_until_ready()
    before = ground.used()
    try:
        with feed:
            while feed.running:
                time.sleep(0.5)
                ground.fleet.tend()
    except FeedBehind:
        return None
    if ground.fleet.restarts:
        return None
    used = ground.used()
    return {name: round((used[name] - before[name]) / SECONDS, 2) for name in before}
