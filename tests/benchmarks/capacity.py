"""How many cameras at 5 frames/s this machine carries, with everything that an event passes.

Kafka, TimescaleDB, detect, streams, writer, alerts service and the feed share the machine. So many
are carried where nothing is further behind at the end than at the middle of a run.
"""

import time

from streams.events import SECOND, Detections
from streams.topics import DETECTIONS
from tests.benchmarks.bed import Bed, Ground
from tests.benchmarks.latency import live
from tests.benchmarks.pace import Feed, FeedBehind
from tests.benchmarks.report import Figure
from tests.benchmarks.workloads import FRAME, START, announced, cameras, film

SECONDS = 25.0
BEHIND_SECONDS = 1.0
"""Half of what makes the gateway shed frames."""
PARTS = {"detect-1": "detect", "streams-1": "streams", "writer": "writer", "alerts": "alerts"}


def measure(bed: Bed, rounds: int, frames: float) -> dict[str, Figure]:
    """The figure ``cameras``.

    Args:
        frames: a second, as one worker was measured to see; the search begins there.
    """
    films = film(20)
    number = max(1, int(frames * FRAME / SECOND))
    step = max(1, number // 10)
    while number > 0:
        done = [_carries(bed, films, number) for _ in range(rounds)]
        if all(carried for carried, _ in done):
            break
        number -= step
    cores = done[-1][1]
    about = f"cameras at {SECOND / FRAME:g} frames/s carried by the whole system on this machine"
    return {
        "cameras": Figure(value=number, unit="cameras", about=about, rounds=rounds, cores=cores)
    }


def _carries(bed: Bed, films: list[list[bytes]], number: int) -> tuple[bool, dict[str, float]]:
    """(whether it does, process to the cores that it keeps busy)."""
    with bed.namespace() as ground:
        ground.publish(announced(cameras(number), START))
        for name, part in PARTS.items():
            ground.run(part, name)
        ground.wait_until_ready()
        before = ground.used()
        try:
            with Feed(ground.settings, live(films, number, SECONDS)) as feed:
                while feed.running:
                    time.sleep(0.5)
                    ground.fleet.tend()
                cores = {
                    name: round((used - before[name]) / SECONDS, 2)
                    for name, used in ground.used().items()
                }
                late = _behind(ground, feed, number)
        except FeedBehind:
            return False, {}
        return late <= BEHIND_SECONDS and not ground.fleet.restarts, cores


def _behind(ground: Ground, feed: Feed, number: int) -> float:
    """Most seconds from a frame's publication to its detections, in the last fifth of the run."""
    seen = ground.emitted(DETECTIONS, Detections, number * int(SECONDS * SECOND / FRAME))
    last = START + SECONDS * SECOND * 4 // 5
    return max(
        moment - feed.published[event.camera, event.time]
        for event, moment in seen
        if event.time > last
    )
