"""How long after the deciding event an operator's live stream says so, at 80 % of what is carried.

The deciding event of a camera's incident is the frame that proves it; of a loop's, the tick that
releases the reading which does. Publication is when the feed hands it to its producer; arrival is
when a client of the live stream has the line.
"""

import json
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from statistics import median, quantiles

from services.api.client import Client, ClientError
from streams.events import SECOND, Micros, from_rfc3339
from tests.benchmarks.bed import Bed, Ground, Stalled
from tests.benchmarks.feeds import cameras_live, loops_live
from tests.benchmarks.pace import Feed
from tests.benchmarks.report import Figure
from tests.benchmarks.rounds import at_most, in_turn, spread
from tests.benchmarks.workloads import (
    FRAME,
    READINGS_A_SECOND,
    START,
    announced,
    cameras,
    film,
    sensors,
)
from tests.support.loops import LATENESS

LOAD = 0.8
SECONDS = 24.0
WARM_UP_SECONDS = 8.0
"""Caches fill, and alerts are raised that later ones repeat."""
LEAST = 50
"""Incidents that a round must see for its p99 to say something."""
GOALS_MS = {"latency_readings": 200.0, "latency_frames": 200.0}
QUIET_SECONDS = 5.0
"""After the feed's end: no incident for so long, and none will come."""
FILM_SECONDS = 20
ANNOUNCED = ("raised", "repeated")


def measure(bed: Bed, rounds: int, readings: float, number: float) -> dict[str, Figure]:
    """``latency`` is the worse of its two parts.

    Args:
        readings: a second, and ``number`` of cameras, that the whole system was measured to carry.
    """
    rate = LOAD * readings
    few = max(1, int(LOAD * number))
    about = {
        "latency_readings": f"loops, at {rate:,.0f} readings/s",
        "latency_frames": f"cameras, {few} at {SECOND / FRAME:g} frames/s",
    }
    heard = in_turn(
        {
            "latency_readings": lambda: _loops(bed, rate),
            "latency_frames": lambda: _cameras(bed, few),
        },
        rounds,
    )
    found = {name: _figure(heard[name], about[name], GOALS_MS[name]) for name in about}
    worse = max(found.values(), key=lambda figure: figure.p99 or 0)
    return {"latency": worse, **found}


def _figure(rounds: Sequence[list[float]], about: str, goal_ms: float) -> Figure:
    cut = [quantiles(values, n=100) for values in rounds]
    halves, most = ([each[n] * 1000 for each in cut] for n in (49, 98))
    p50, p99 = median(halves), median(most)
    return Figure(
        value=p99, unit="ms", p50=p50, p99=p99, spread=spread(most),
        about=f"from the deciding event's publication to the live stream: {about}",
        goal=f"p99 ≤ {goal_ms:g} ms", met=at_most(goal_ms, most), rounds=len(rounds),
    )  # fmt: skip


def _loops(bed: Bed, rate: float) -> list[float]:
    pace = rate / READINGS_A_SECOND
    with bed.namespace() as ground:
        ground.publish(announced(sensors(), START))
        feed = Feed(ground.settings, loops_live(pace, SECONDS))
        return _heard(ground, feed, lambda key: deciding_tick(*key))


def deciding_tick(_: str, decided_at: Micros) -> tuple[str, Micros]:
    """The first tick whose watermark has passed the reading."""
    return "gateway", ((decided_at + LATENESS) // SECOND + 1) * SECOND


def _cameras(bed: Bed, number: int) -> list[float]:
    with bed.namespace() as ground:
        ground.publish(announced(cameras(number), START))
        ground.run("detect", "detect-1")
        events = cameras_live(film(FILM_SECONDS), number, SECONDS)
        feed = Feed(ground.settings, events)
        return _heard(ground, feed, lambda key: key)


Key = tuple[str, Micros]
"""(source, event time)"""


def _heard(ground: Ground, feed: Feed, deciding: Callable[[Key], Key]) -> list[float]:
    """Seconds from publication to arrival, of each incident announced after the warm-up."""
    parts = ("writer", "streams", "alerts")
    for part in parts:
        ground.run(part, "streams-1" if part == "streams" else part)
    ground.wait_until_ready()
    arrived: dict[Key, float] = {}
    listener = threading.Thread(target=_listen, args=(ground, arrived), daemon=True)
    listener.start()
    began = time.time()
    with feed:
        while feed.running:
            time.sleep(0.5)
    _wait_for_the_last(arrived)
    if ground.fleet.restarts:
        raise Stalled(f"a part ended under the load\n{ground.fleet.tails()}")
    found = []
    for key, moment in list(arrived.items()):
        published = feed.published.get(deciding(key))
        if published is not None and published > began + WARM_UP_SECONDS:
            found.append(moment - published)
    if len(found) < LEAST:
        raise Stalled(f"{len(found)} incidents were announced, {LEAST} are needed")
    return found


def _wait_for_the_last(arrived: dict[Key, float]) -> None:
    """What is late must count too."""
    before = -1
    while len(arrived) > before:
        before = len(arrived)
        time.sleep(QUIET_SECONDS)


def _listen(ground: Ground, arrived: dict[Key, float]) -> None:
    # The service is gone when the round is over.
    with suppress(ClientError), Client(ground.settings) as client:
        for event in client.events(0):
            now = time.time()
            if event.name == "alert":
                change = json.loads(event.data)
                transition = change["transition"]
                if transition["kind"] in ANNOUNCED:
                    key = change["alert"]["source"], from_rfc3339(transition["time"])
                    arrived.setdefault(key, now)
