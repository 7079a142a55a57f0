"""Drives the interpret stage with hand-made cameras, without Kafka."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from models.labels import CLASSES
from streams.events import (
    SECOND,
    Change,
    ControlChange,
    Counts,
    Detections,
    Event,
    FrameRef,
    Incident,
    Micros,
    Moved,
    Origin,
    Place,
    Rule,
    Source,
    Tick,
    Verdict,
    Zone,
    encode,
)
from streams.runtime.partition import Partition
from streams.stages.interpret import Interpret

WIDTH, HEIGHT = 640, 360
START: Micros = 1_763_000_000 * SECOND
FRAME: Micros = SECOND // 5
WHOLE = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))

Thing = tuple[str, float, float, float, float]
"""(class, x0, y0, x1, y1) in pixels."""


def camera(id: str = "cam", segment: str = "", period: Micros = FRAME) -> Source:
    place = Place(20.86, 106.68, segment)
    return Source(id, "camera", "Máy quay", "Camera", "simulated", place, period=period)


def zone(id: str = "zone", source: str = "cam", polygon: Any = WHOLE) -> Zone:
    return Zone(id, source, "Vùng", "Zone", polygon)


def rule(kind: Any, id: str = "", **fields: Any) -> Rule:
    return Rule(id or kind, kind, "high", **fields)


def detections(
    time: Micros,
    things: Iterable[Thing] = (),
    *,
    camera: str = "cam",
    score: int = 900,
    scores: Sequence[int] | None = None,
    origin: Origin = "simulated",
    size: tuple[int, int] = (WIDTH, HEIGHT),
    late: bool = False,
    verdict: Verdict = "good",
    as_of: Micros = 0,
    moved: Moved | None = None,
    view: int = 0,
) -> Detections:
    things = list(things)
    boxes = np.array([thing[1:] for thing in things], np.float64).reshape(-1, 4)
    values = scores if scores is not None else [score] * len(things)
    return Detections(
        camera=camera,
        time=time,
        sequence=time // FRAME,
        origin=origin,
        frame=FrameRef(0, time // FRAME, "00"),
        width=size[0],
        height=size[1],
        model="truth@1",
        boxes=np.rint(boxes * 10).astype("<i4").tobytes(),
        classes=bytes(CLASSES.index(thing[0]) for thing in things),
        scores=np.array(values, "<u2").tobytes(),
        late=late,
        verdict=verdict,
        as_of=as_of,
        moved=moved,
        view=view,
    )


class Watchman:
    """One partition of the interpret stage, and everything that it has said."""

    def __init__(self, *changes: Change, partitions: int = 1) -> None:
        self.partition = Partition(Interpret(partitions), 0, partitions)
        self.said: list[Any] = []
        self.time = START
        self._sequence = 0
        self.configure(*changes)

    def send(self, event: Event) -> list[Any]:
        """What the stage says to one event."""
        offset = self.partition.next_offset
        outcome = self.partition.take(offset, event, None, lambda: encode(event))
        self.partition.apply(offset, None, outcome)
        said = [out.event for out in outcome.outputs]
        self.said += said
        return said

    def configure(self, *changes: Change) -> list[Any]:
        said = []
        for change in changes:
            self._sequence += 1
            said += self.send(ControlChange(self._sequence, self.time, change))
        return said

    def see(self, *things: Thing, **how: Any) -> list[Any]:
        """The next frame, one period later, shows these things; full seconds tick."""
        return self.see_at(self.time + FRAME, *things, **how)

    def see_at(self, time: Micros, *things: Thing, **how: Any) -> list[Any]:
        said = self.pass_until(time)
        return said + self.send(detections(time, things, **how))

    def pass_until(self, time: Micros) -> list[Any]:
        """Ticks, one a second, up to ``time``."""
        said = []
        for tick in range(self.time // SECOND + 1, time // SECOND + 1):
            said += self.send(Tick(tick * SECOND))
        self.time = time
        return said

    def restart(self) -> None:
        """Goes on from the stored form, in a new stage, as after a crash."""
        stage = Interpret(self.partition.partitions)
        self.partition = Partition.decode(
            stage, 0, self.partition.partitions, self.partition.encode()
        )

    @property
    def incidents(self) -> list[Incident]:
        return [event for event in self.said if isinstance(event, Incident)]

    @property
    def counts(self) -> list[Counts]:
        return [event for event in self.said if isinstance(event, Counts)]


def at(label: str, x: float, y: float, width: float = 40, height: float = 30) -> Thing:
    """A thing whose foot point (bottom centre) is at (x, y)."""
    return label, x - width / 2, y - height, x + width / 2, y
