"""SIGKILL of one of two detect workers: how long its cameras are not seen, and the other's.

The supervisor starts a part again at once; so does the fleet here.
"""

import time
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from statistics import median

from streams.events import SECOND, Detections
from streams.kafka.heartbeat import read_heartbeats
from streams.topics import DETECTIONS, FRAMES, partition_of
from tests.benchmarks.bed import Bed, Ground, Stalled
from tests.benchmarks.feeds import cameras_live
from tests.benchmarks.pace import Feed
from tests.benchmarks.report import Figure
from tests.benchmarks.rounds import at_most, spread
from tests.benchmarks.workloads import FRAME, START, announced, cameras, film

CAMERAS = 5
SECONDS = 22.0
KILL_AT_SECONDS = 9.0
VICTIM, OTHER = "detect-1", "detect-2"
GOALS_SECONDS = {"recovery": 3.0, "recovery_others": 0.5}
REREAD = "reread"
ABOUT = {
    "recovery": "longest gap between detections on a killed detect worker's cameras",
    "recovery_others": "longest gap meanwhile on the other worker's cameras",
}


def measure(bed: Bed, rounds: int) -> dict[str, Figure]:
    """The figures ``recovery``, ``recovery_others`` and ``reread``."""
    films = film(20)
    found: dict[str, list[float]] = {name: [] for name in (*GOALS_SECONDS, REREAD)}
    for _ in range(rounds):
        for name, value in zip(found, _killed(bed, films), strict=True):
            found[name].append(value)
    figures = {
        name: Figure(
            value=median(found[name]),
            unit="s",
            about=f"{ABOUT[name]}, {CAMERAS} cameras at {SECOND / FRAME:g} frames/s",
            goal=f"≤ {goal:g} s",
            spread=spread(found[name]),
            met=at_most(goal, found[name]),
            rounds=rounds,
        )
        for name, goal in GOALS_SECONDS.items()
    }
    figures[REREAD] = Figure(
        value=median(found[REREAD]),
        unit="frames",
        spread=spread(found[REREAD]),
        about="looked at again after the kill; whoever reads on drops what comes of it",
        rounds=rounds,
    )
    return figures


def _killed(bed: Bed, films: list[list[bytes]]) -> tuple[float, float, int]:
    """(the victim's cameras, the other's, in seconds; frames that were read again)."""
    with bed.namespace() as ground:
        ground.publish(announced(cameras(CAMERAS), START))
        for name in (VICTIM, OTHER):
            ground.run("detect", name)
        ground.wait_until_ready()
        with Feed(ground.settings, cameras_live(films, CAMERAS, SECONDS)) as feed:
            began = time.monotonic()
            while feed.running and time.monotonic() < began + KILL_AT_SECONDS:
                time.sleep(0.1)
            owners = _owners(ground)
            killed_at = time.time()
            ground.fleet.kill(VICTIM)
            while feed.running:
                time.sleep(0.1)
        expected = CAMERAS * int(SECONDS * SECOND / FRAME)
        seen = ground.emitted(DETECTIONS, Detections, expected)
    moments: dict[str, list[float]] = defaultdict(list)
    for event, moment in seen:
        moments[event.camera].append(moment)
    if len(owners) != CAMERAS or set(owners.values()) != {VICTIM, OTHER}:
        raise Stalled(f"the cameras are not shared by two workers: {owners}")
    gaps: dict[str, float] = defaultdict(float)
    for camera, owner in owners.items():
        gaps[owner] = max(gaps[owner], longest(moments[camera], since=killed_at - 1))
    again = len(seen) - len({(event.camera, event.sequence) for event, _ in seen})
    return gaps[VICTIM], gaps[OTHER], again


def _owners(ground: Ground) -> dict[str, str]:
    """Camera to the worker that sees it."""
    partitions = {
        int(name.partition("/")[2]): part
        for part, beat in read_heartbeats(ground.settings).items()
        for name in beat.sources
        if name.startswith(f"{FRAMES}/")
    }
    names = [change.id for change in cameras(CAMERAS) if getattr(change, "kind", "") == "camera"]
    found = {name: partition_of(name, ground.settings.partitions) for name in names}
    return {name: partitions[place] for name, place in found.items() if place in partitions}


def longest(moments: Iterable[float], since: float) -> float:
    """The longest time between one and the next."""
    recent = sorted(moment for moment in moments if moment >= since)
    return max(after - before for before, after in pairwise(recent))
