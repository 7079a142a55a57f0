"""Some minutes of a small town, as its cameras and loops would tell them: for tests of recordings.

Nothing is drawn: cameras give what a detector would have seen. There are vehicles that stop, people
where none should be, a crowd, a jam, a camera and a loop that fall silent, and a rule that changes
on the way; from one seed always the same.
"""

from collections import Counter
from collections.abc import Iterable, Iterator

import msgspec
import numpy as np

from streams.events import (
    SECOND,
    Change,
    ControlChange,
    Event,
    Mark,
    Micros,
    Tick,
    Topology,
    encode,
)
from streams.recordings import canonical, path, rerun
from streams.recordings.folder import Record, Slice, State
from streams.runtime.partition import Partition
from streams.settings import Settings
from streams.topics import DETECTIONS, FRAMES, READINGS, partition_of
from tests.support.loops import PERIOD, Row, loop, pack
from tests.support.watchman import START, Thing, at, camera, detections, rule, zone

CAMERAS = ("quay", "bridge", "market", "school", "station")
LOOPS = {"north-1": "north", "north-2": "north", "south-1": "south"}
"""Loop to its gateway."""
ROADS = {"market": "street-south-1", "quay": "street-north-1", "bridge": "street-south-1"}
"""Camera to its road segment; those named have a loop on theirs."""
HANGING, HANGS_ON = "north-2", "school"
"""The loop that falls silent depends on the camera that does: it is proven later."""
FRAME: Micros = SECOND // 2
SECONDS = 260
AFTER, UNTIL = START + 40 * SECOND, START + 230 * SECOND
"""Where a recording of it begins and ends: in the middle of what goes on."""
TOPICS = (DETECTIONS, READINGS)

Published = tuple[str, Event, str]
"""Logical topic (empty: every partition of ``TOPICS``), event, key."""

ROAD = ((0.0, 0.5), (1.0, 0.5), (1.0, 1.0), (0.0, 1.0))
LAWN = ((0.0, 0.0), (1.0, 0.0), (1.0, 0.45), (0.0, 0.45))


def configuration(*, explained: bool = True) -> list[Change]:
    """``explained``: whether what depends on what is down is explained by it."""
    changes: list[Change] = []
    for name in CAMERAS:
        changes.append(camera(name, segment=ROADS.get(name, ""), period=FRAME))
        changes.append(zone(f"{name}-road", name, ROAD))
        changes.append(zone(f"{name}-lawn", name, LAWN))
    for name, gateway in LOOPS.items():
        parents = (HANGS_ON,) if explained and name == HANGING else ()
        changes.append(msgspec.structs.replace(loop(name, gateway), parents=parents))
    roads = tuple(f"{name}-road" for name in CAMERAS)
    lawns = tuple(f"{name}-lawn" for name in CAMERAS)
    changes += [
        rule("stopped_vehicle", zones=roads),
        rule("crowd", zones=lawns, parameters={"count": 4.0, "hold_seconds": 6.0}),
        rule("intrusion", zones=roads),
        rule("silence"),
        rule("congestion"),
    ]
    changes += [Topology(True)] if explained else []
    return changes


def events(seconds: int = SECONDS, seed: int = 1, *, explained: bool = True) -> Iterator[Published]:
    """In the order of their publication."""
    rng = np.random.default_rng(seed)
    changes = configuration(explained=explained)
    for number, change in enumerate(changes, 1):
        yield "", ControlChange(number, START, change), ""
    yield "", Tick(START), ""
    for second in range(seconds):
        if second == 120:
            shorter = rule(
                "stopped_vehicle",
                zones=tuple(f"{name}-road" for name in CAMERAS),
                parameters={"dwell_seconds": 12.0},
            )
            time = START + second * SECOND
            yield "", ControlChange(len(changes) + 1, time, shorter), ""
        for half in (1, 2):
            time = START + second * SECOND + half * FRAME - 1000
            for number, name in enumerate(CAMERAS):
                if name == HANGS_ON and 70 <= second < 130:
                    continue
                things = [_jittered(rng, thing) for thing in scene(number, time)]
                yield DETECTIONS, detections(time, things, camera=name), name
        if second % 5 == 4:
            yield from _packs(second, rng)
        yield "", Tick(START + (second + 1) * SECOND), ""


def scene(number: int, time: Micros) -> Iterator[Thing]:
    """What the camera with this number shows."""
    second = (time - START) / SECOND
    for lane in range(3):
        yield at("car", (second * 60 + lane * 200 + number * 31) % 600 + 20, 230 + lane * 40)
    into = (second + 17 * number) % 60
    if into < 36:
        yield at("truck", 300 + 20 * number, 340)
    if 40 < into < 48:
        yield at("person", 100 + into, 300, 14, 40)
    if (second + 23 * number) % 90 < 25:
        for person in range(5):
            yield at("person", 200 + 30 * person, 100 + 7 * person, 12, 36)


def _jittered(rng: np.random.Generator, thing: Thing) -> Thing:
    label, *box = thing
    x0, y0, x1, y1 = (
        float(side + move) for side, move in zip(box, rng.normal(0, 0.4, 4), strict=True)
    )
    return label, x0, y0, x1, y1


def _packs(second: int, rng: np.random.Generator) -> Iterator[Published]:
    time = START + second * SECOND
    for gateway in sorted(set(LOOPS.values())):
        rows: list[Row] = []
        for name, of in LOOPS.items():
            if of != gateway or (name == HANGING and 90 <= second < 160):
                continue
            jammed = name == "south-1" and 100 <= second < 170
            flow, occupancy, speed = (600.0, 85.0, 4.0) if jammed else (1400.0, 6.0, 41.0)
            rows.append(
                (name, time - PERIOD // 5, flow + float(rng.normal(0, 20)), occupancy, speed)
            )
        yield READINGS, pack(rows, second, time, gateway), gateway


# --- as a recording, made without Kafka -----------------------------------------------------


Message = tuple[str, int, Event, Mark | None]
"""Logical topic, partition, event, and its mark where a stage has sent it."""


def messages(published: Iterable[Published], partitions: int) -> Iterator[Message]:
    """Partition by partition; what ``detect`` would have sent carries its marks."""
    offsets: Counter[int] = Counter()
    for topic, event, key in published:
        for each in (topic,) if topic else TOPICS:
            numbers = [partition_of(key, partitions)] if topic else range(partitions)
            for number in numbers:
                mark = None
                if each == DETECTIONS:
                    mark = Mark("detect", FRAMES, number, offsets[number], 0)
                    offsets[number] += 1
                yield each, number, event, mark


def slices(published: Iterable[Published], partitions: int) -> Iterator[Slice]:
    """As a recorder would have found them."""
    waiting: list[Record] = []
    last = TOPICS[-1], partitions - 1
    for topic, number, event, mark in messages(published, partitions):
        waiting.append((topic, number, *encode(event, mark)))
        if isinstance(event, Tick) and (topic, number) == last:
            yield Slice(event.time, sorted(waiting, key=lambda record: record[:2]))
            waiting = []


def partitions(number: int, states: Iterable[State] = ()) -> list[Partition]:
    """New partitions of every stage from ``interpret`` on."""
    stages = [step.build(Settings(partitions=number)) for step in path.steps("interpret")]
    return rerun.begin(stages, number, states, TOPICS)


def states(of: Iterable[Partition]) -> list[State]:
    return [
        State(partition.stage.name, partition.stage.reads, partition.number, partition.encode())
        for partition in of
        if partition.states
    ]


def log(of: Iterable[Partition], fed: Iterable[Slice]) -> list[bytes]:
    """The canonical log of what the partitions decide of the slices."""
    run = rerun.Rerun(of)
    return canonical.log((i for piece in fed for i in run.feed(piece)), AFTER, UNTIL)


def proof(lines: Iterable[bytes]) -> tuple[str, Micros]:
    """(camera, time) of the frame that proved the first incident which a picture proves."""
    for line in lines:
        fields = canonical.row(line)
        for source, time, _, sha256, *_ in fields["evidence"]:
            if fields["revision"] == 0 and sha256:
                return source, time
    raise AssertionError("no picture proves anything")
