"""What this machine carries as events come, with everything that an event passes.

Kafka, TimescaleDB, detect, streams, writer, alerts service and the feed share the machine. So much
is carried where nothing is further behind at the end of a run than ``BEHIND_SECONDS``.
"""

import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

import msgspec

from streams.events import SECOND, Detections, Scored
from streams.topics import DETECTIONS, SCORED
from tests.benchmarks import report
from tests.benchmarks.bed import Bed, Ground
from tests.benchmarks.feeds import cameras_live, loops_live
from tests.benchmarks.pace import Feed, FeedBehind
from tests.benchmarks.report import Figure, Per
from tests.benchmarks.rounds import Rate, at_least, spread
from tests.benchmarks.workloads import (
    FRAME,
    GATEWAYS,
    READINGS_A_SECOND,
    START,
    announced,
    cameras,
    film,
    mixed,
    sensors,
    still,
)
from tests.support.loops import LATENESS

SECONDS = 16.0
BEHIND_SECONDS = 1.0
"""Half of what makes the gateway shed frames."""
FILM_SECONDS = 20
SHARES = tuple(0.9 * 0.88**step for step in range(16))
"""Of what was drained from a backlog: levels an eighth apart."""
PARTS = {"streams-1": "streams", "writer": "writer", "alerts": "alerts"}

Cores = dict[str, float]


class Street(NamedTuple):
    """What cameras look at, and how many times as many are tried as where models look at all."""

    figure: str
    name: str
    films: Callable[[int], Sequence[Sequence[bytes]]]
    times: float
    goal: int = 0


STREETS = (
    Street("cameras", "busy", film, 1.2),
    Street("cameras_mixed", "mixed", mixed, 2.0, 20),
    Street("cameras_quiet", "quiet", still, 4.0, 40),
)


class Carried(NamedTuple):
    cores: Cores
    gated: float
    """Part of the pictures that no model looked at."""


def measure_cameras(bed: Bed, rounds: int, frames: float) -> dict[str, Figure]:
    """The figures ``cameras`` (busy streets), ``cameras_mixed`` and ``cameras_quiet``, each with
    the part of the pictures that no model looked at.

    Args:
        frames: a second, as one worker was measured to see when it looked at all.
    """
    return {
        name: each
        for street in STREETS
        for name, each in _measure_streets(bed, rounds, frames * FRAME / SECOND, street).items()
    }


def _measure_streets(bed: Bed, rounds: int, most: float, street: Street) -> dict[str, Figure]:
    levels = sorted({max(1, int(most * street.times * share)) for share in SHARES}, reverse=True)
    gated: dict[float, float] = {}

    def carries(level: float) -> Cores | None:
        found = _carries_cameras(bed, level, street.films(FILM_SECONDS))
        if found is None:
            return None
        gated[level] = found.gated
        return found.cores

    found = highest(levels, rounds, carries)
    pace = SECOND / FRAME
    about = (
        f"cameras on {street.name} streets at {pace:g} frames/s that the whole system carries on"
        " this machine, in every round"
    )
    carried = figure(found, "cameras", about, pace, report.FRAMES)
    if street.goal:
        met = at_least(street.goal, [rate.value for rate in found])
        carried = msgspec.structs.replace(carried, goal=f"≥ {street.goal}", met=met)
    shares = [100 * gated.get(rate.value, 0.0) for rate in found]
    left_out = Figure(
        value=round(min(shares), 1),
        unit="%",
        about=f"of these pictures no model looked at, on {street.name} streets",
        spread=spread(shares),
        rounds=len(found),
    )
    return {street.figure: carried, f"{street.figure}_gated": left_out}


def measure_readings(bed: Bed, rounds: int, readings: float) -> dict[str, Figure]:
    """The figure ``readings_live``; ``readings``: a second, as they were drained."""
    levels = [readings * share for share in SHARES]
    found = highest(levels, rounds, lambda level: _carries_readings(bed, level))
    about = (
        "readings that the whole system carries as they come, with alerts, on this machine, "
        "in every round"
    )
    return {"readings_live": figure(found, "readings/s", about, 1.0, report.READINGS)}


def highest(
    levels: Sequence[float], rounds: int, carries: Callable[[float], Cores | None]
) -> list[Rate]:
    """In each round the highest level that is carried, found by halves; 0 where none is.

    Who carries a level is taken to carry those below it.

    Args:
        levels: from the highest to the lowest.
    """
    found = []
    for _ in range(rounds):
        best, left = Rate(0.0, {}), list(levels)
        while left:
            middle = len(left) // 2
            cores = carries(left[middle])
            if cores is None:
                left = left[middle + 1 :]
            else:
                best, left = Rate(left[middle], cores), left[:middle]
        found.append(best)
    return found


def figure(found: Sequence[Rate], unit: str, about: str, pace: float, per: Per) -> Figure:
    """What is carried in every round. ``pace``: pieces of work a second for one of ``unit``."""
    levels = [rate.value for rate in found]
    least = min(found, key=lambda rate: rate.value)
    costs = [rate.seconds / pace for rate in found if rate.value]
    return Figure(
        value=least.value,
        unit=unit,
        about=about,
        spread=spread(levels),
        cost=report.cost(costs, per) if costs else None,
        rounds=len(found),
        cores=report.rounded(least.cores),
    )


def _carries_cameras(bed: Bed, level: float, films: Sequence[Sequence[bytes]]) -> Carried | None:
    number = int(level)
    with bed.namespace() as ground:
        ground.publish(announced(cameras(number), START))
        ground.run("detect", "detect-1")
        events = cameras_live(films, number, SECONDS)
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
        if max(late) > BEHIND_SECONDS:
            return None
        return Carried(cores, sum(event.as_of > 0 for event, _ in seen) / len(seen))


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
    return {name: (used[name] - before[name]) / SECONDS for name in before}
