"""The workloads as they come: what is due when."""

from collections.abc import Sequence

from streams.events import SECOND, Tick
from streams.topics import FRAMES, READINGS
from tests.benchmarks.pace import Due
from tests.benchmarks.workloads import FRAME, START, Loops, everywhere, shots


def loops_live(pace: float, seconds: float) -> list[Due]:
    """Event time runs ``pace`` times as fast as the clock, so that the loops give more readings."""
    city = Loops()
    made: list[Due] = []
    for second in range(int(seconds * pace)):
        made += [
            (second / pace, READINGS, pack, pack.gateway)
            for pack in city.packs(second, offset=SECOND // 2)
        ]
        tick = Tick(START + (second + 1) * SECOND)
        made += [((second + 1) / pace, topic, tick, "") for topic, _, _ in everywhere(tick)]
    return made


def cameras_live(films: Sequence[Sequence[bytes]], number: int, seconds: float) -> list[Due]:
    """Frames of so many cameras at their real pace, with a tick each second."""
    made: list[Due] = []
    for step in range(int(seconds * SECOND / FRAME)):
        time = START + (step + 1) * FRAME
        made += [
            ((frame.time - START) / SECOND, FRAMES, frame, frame.camera)
            for frame in shots(films, number, step, time)
        ]
        if (step + 1) % 5 == 0:
            due = (time - START) / SECOND + 0.2
            made += [(due, topic, tick, "") for topic, tick, _ in everywhere(Tick(time))]
    return sorted(made, key=lambda due: due[0])
