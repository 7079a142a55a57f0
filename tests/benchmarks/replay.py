"""A recording replayed offline, and how many times faster than it happened: one process, one core.

What is replayed are detections of 64 cameras at 5 frames/s with 20 objects in each frame, from a
folder such as ``cityops record`` writes, through every stage to the canonical log.
"""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import msgspec

from streams.events import SECOND, ControlChange, Mark, Micros, Tick, decode, encode
from streams.pipeline import PATH
from streams.recordings import canonical, rerun
from streams.recordings.folder import FORMAT, Index, Record, Recording, Slice, State, Writer
from streams.rules.camera import Camera
from streams.runtime.partition import Partition
from streams.settings import Settings
from streams.topics import DETECTIONS, FRAMES, READINGS, partition_of
from tests.benchmarks.bed import Bed
from tests.benchmarks.interpret import CAMERAS, LANES, OBJECTS, RULES, footage
from tests.benchmarks.report import FRAMES as PER
from tests.benchmarks.report import Figure, cost
from tests.benchmarks.rounds import at_least, spread
from tests.support.watchman import FRAME, START, camera, zone

SECONDS = 60
PARTITIONS = 6
GOAL = 50.0
INPUTS = (DETECTIONS, READINGS)


def measure(_: Bed, rounds: int) -> dict[str, Figure]:
    """The figures ``replay_offline`` and ``state_per_camera``."""
    speeds: list[float] = []
    costs: list[float] = []
    stored: list[int] = []
    with TemporaryDirectory() as place:
        folder = Path(place) / "recording"
        _record(folder)
        for _round in range(rounds):
            began, used = time.perf_counter(), time.process_time()
            partitions = _replay(Recording(folder))
            took = time.perf_counter() - began
            costs.append((time.process_time() - used) / (CAMERAS * SECONDS * SECOND / FRAME))
            speeds.append(SECONDS / took)
            stored.append(_most_stored(partitions))
        began = time.perf_counter()
        pieces = list(Recording(folder).slices())
        read = time.perf_counter() - began
        for piece in pieces:
            for _topic, _partition, headers, value in piece.records:
                decode(headers, value)
        decoded = time.perf_counter() - began - read
    frames = f"{CAMERAS} cameras at {SECOND / FRAME:g} frames/s, {OBJECTS} objects in each"
    return {
        "replay_offline": Figure(
            value=median(speeds),
            unit="× real time",
            about=f"a recording replayed offline on one core: {frames}",
            goal=f"≥ {GOAL:g} × real time",
            spread=spread(speeds),
            cost=cost(costs, PER),
            met=at_least(GOAL, speeds),
            rounds=rounds,
            cores={
                "reading": read / took,
                "decoding": decoded / took,
                "the stages": (took - read - decoded) / took,
            },
        ),
        "state_per_camera": Figure(
            value=max(stored),
            spread=spread(stored),
            unit="bytes",
            about=f"most that is stored of a camera with {OBJECTS} objects",
            rounds=rounds,
        ),
    }


def _most_stored(partitions: list[Partition]) -> int:
    """Bytes of the camera that takes most."""
    stored = [
        len(msgspec.msgpack.encode(state))
        for partition in partitions
        for state in partition.states.values()
        if isinstance(state, Camera)
    ]
    assert len(stored) == CAMERAS
    return max(stored)


def _partitions(states: list[State]) -> list[Partition]:
    settings = Settings(partitions=PARTITIONS)
    stages = [step.build(settings) for step in PATH if step.stage != "detect"]
    return rerun.begin(stages, PARTITIONS, states, INPUTS)


def _replay(recording: Recording) -> list[Partition]:
    index = recording.index
    run = rerun.Rerun(_partitions(recording.states()))
    found = [incident for piece in recording.slices() for incident in run.feed(piece)]
    counts = sum((partition.counts for partition in run.partitions), Counter[str]())
    assert counts["resent"] == counts["dead_lettered"] == 0
    assert canonical.log(found, index.after, index.until)
    return run.partitions


def _record(folder: Path) -> None:
    writer = Writer(folder)
    for piece in _slices():
        writer.add(piece)
    partitions = _partitions([])
    changes = [camera(f"cam-{n}") for n in range(CAMERAS)]
    changes += [zone(f"zone-{n}", f"cam-{n}", LANES) for n in range(CAMERAS)]  # type: ignore[misc]
    for partition in partitions:
        for sequence, change in enumerate([*changes, *RULES], 1):
            if partition.stage.reads in INPUTS:
                event = ControlChange(sequence, START, change)
                outcome = partition.take(0, event, None, lambda: ([], b""))
                partition.apply(0, None, outcome)
    states = [
        State(partition.stage.name, partition.stage.reads, partition.number, partition.encode())
        for partition in partitions
    ]
    end: Micros = START + SECONDS * SECOND
    writer.close(
        Index(
            format=FORMAT,
            cityops="bench",
            namespace="bench",
            partitions=PARTITIONS,
            from_stage="interpret",
            after=START,
            until=end,
            end=end,
            digest=canonical.digest([], 1),
            kinds={},
            models=[],
            states=writer.states(states),
            incidents=writer.incidents([]),
            segments=[],
        )
    )


def _slices() -> Iterator[Slice]:
    per_second = SECOND // FRAME
    films = [footage(seed, SECONDS * per_second) for seed in range(CAMERAS)]
    for second in range(SECONDS):
        records: list[Record] = []
        for step in range(second * per_second, (second + 1) * per_second):
            for number, film in enumerate(films):
                place = partition_of(f"cam-{number}", PARTITIONS)
                mark = Mark("detect", FRAMES, place, step * CAMERAS + number, 0)
                records.append((DETECTIONS, place, *encode(film[step], mark)))
        tick = START + (second + 1) * SECOND
        records.sort(key=lambda record: record[:2])
        ticks = [(topic, n, *encode(Tick(tick))) for topic in INPUTS for n in range(PARTITIONS)]
        yield Slice(tick, [*records, *ticks])
