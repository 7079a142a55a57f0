"""How fast the interpret stage steps: 64 cameras at 5 frames/s, 20 objects in each frame.

    .venv/bin/python -m tests.benchmarks.interpret

Prints microseconds a frame (processor time, best of several runs), how many times real time that
is for 64 cameras, and the bytes that a camera's state takes when it is stored.
"""

from time import process_time

import msgspec
import numpy as np

from streams.cameras import tracking
from streams.events import SECOND, ControlChange, Detections, FrameRef, Tick, encode
from streams.runtime.partition import Partition
from streams.stages.interpret import Interpret
from tests.support.watchman import FRAME, START, camera, rule, zone

CAMERAS, OBJECTS, FRAMES, RUNS = 64, 20, 100, 3
RULES = (rule("stopped_vehicle"), rule("crowd"), rule("silence"))
LANES = ((0.1, 0.1), (0.9, 0.1), (0.95, 0.5), (0.9, 0.9), (0.1, 0.9))


def footage(seed: int, length: int = FRAMES) -> list[Detections]:
    """One camera: objects of several sizes that cross the picture, jittering."""
    rng = np.random.default_rng(seed)
    size = rng.uniform(150, 700, (OBJECTS, 2))
    start = np.column_stack([rng.uniform(500, 3000, OBJECTS), rng.uniform(500, 3500, OBJECTS)])
    speed = rng.uniform(-60, 60, (OBJECTS, 2)) * (rng.random((OBJECTS, 1)) < 0.7)
    classes = rng.integers(0, 5, OBJECTS).astype("u1").tobytes()
    scores = np.full(OBJECTS, 900, "<u2").tobytes()
    frames = []
    for step in range(1, length + 1):
        centre = start + speed * (FRAMES // 2 - abs(step % FRAMES - FRAMES // 2))
        box = np.hstack([centre - size / 2, centre + size / 2])
        box += rng.normal(0, 0.02, box.shape) * np.tile(size, 2)
        boxes = np.rint(box).astype("<i4").tobytes()
        frames.append(
            Detections(
                f"cam-{seed}",
                START + step * FRAME,
                step,
                "simulated",
                FrameRef(0, step, ""),
                640,
                360,
                "bench@1",
                boxes,
                classes,
                scores,
            )
        )
    return frames


def configured() -> Partition:
    partition = Partition(Interpret(1), 0, 1)
    changes = [camera(f"cam-{n}") for n in range(CAMERAS)]
    changes += [zone(f"zone-{n}", f"cam-{n}", LANES) for n in range(CAMERAS)]  # type: ignore[misc]
    for sequence, change in enumerate([*changes, *RULES], 1):
        feed(partition, ControlChange(sequence, START, change))
    return partition


def feed(partition: Partition, event: Detections | Tick | ControlChange) -> None:
    outcome = partition.take(partition.next_offset, event, None, lambda: encode(event))
    partition.apply(partition.next_offset, None, outcome)


def main() -> None:
    films = [footage(seed) for seed in range(CAMERAS)]
    best = track = float("inf")
    for _ in range(RUNS):
        partition = configured()
        began = process_time()
        for step in range(FRAMES):
            for film in films:
                feed(partition, film[step])
            if step % 5 == 4:
                feed(partition, Tick(START + (step + 1) // 5 * SECOND))
        best = min(best, (process_time() - began) / (FRAMES * CAMERAS))
        assert not partition.counts["dead_lettered"]
        began, tracks = process_time(), tracking.EMPTY
        for frame in films[0]:
            arrays = frame.boxes, frame.classes, frame.scores
            tracks = tracking.follow(tracks, frame.time, *arrays).tracks
        track = min(track, (process_time() - began) / FRAMES)
    encoder = msgspec.msgpack.Encoder()
    stored = [len(encoder.encode(partition.states[f"cam-{n}"])) for n in range(CAMERAS)]
    real_time = 1 / (best * CAMERAS * (SECOND / FRAME))
    print(f"a step of the stage     {best * 1e6:6.1f} µs ({track * 1e6:.1f} µs of it tracking)")
    print(f"{CAMERAS} cameras at 5/s     {real_time:6.1f} times real time on one core")
    print(f"a camera's state        {max(stored):6d} bytes at most")


if __name__ == "__main__":
    main()
