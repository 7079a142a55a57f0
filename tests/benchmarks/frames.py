"""Frames a second of one detect worker, from Kafka to produced detections; against bare ONNX."""

import subprocess
import sys
from pathlib import Path

import msgspec

from streams.events import Detections
from streams.topics import DETECTIONS
from tests.benchmarks.bed import Bed
from tests.benchmarks.report import Figure, compared
from tests.benchmarks.workloads import START, announced, cameras, film, frames

MODELS = {"frames_e2e": "street_detector", "frames_e2e_yolox_nano": "yolox_nano"}
CAMERAS = 12
FRAMES = 500
FILM_SECONDS = 20
GOAL = {"bare_ort": 0.9}


def measure(bed: Bed, rounds: int) -> dict[str, Figure]:
    """A figure for each model."""
    films = film(FILM_SECONDS)
    return {name: _measure(bed, rounds, model, films) for name, model in MODELS.items()}


def _measure(bed: Bed, rounds: int, model: str, films: list[list[bytes]]) -> Figure:
    ours, bare = [], []
    cores: dict[str, float] = {}
    for _ in range(rounds):
        rate, cores = _ours(bed, model, films)
        ours.append(rate)
        bare.append(_bare(bed, model, films))
    about = f"frames through one detect worker with {model}, from Kafka to produced detections"
    return compared(ours, {"bare_ort": bare}, GOAL, unit="frames/s", about=about, cores=cores)


def _ours(bed: Bed, model: str, films: list[list[bytes]]) -> tuple[float, dict[str, float]]:
    with bed.namespace() as ground:
        ground.publish(
            [*announced(cameras(CAMERAS, model), START), *frames(films, CAMERAS, FRAMES)]
        )
        before = ground.used()
        ground.run("detect", "detect-1")
        seen = ground.emitted(DETECTIONS, Detections, FRAMES)
        after = ground.used()
        moments = sorted(moment for _, moment in seen)
        # Neither the start, with its empty caches, nor the end.
        first, last = FRAMES // 10, FRAMES * 9 // 10
        rate = (last - first) / (moments[last] - moments[first])
        whole = FRAMES / rate
        cores = {
            name: round((used - before.get(name, 0)) / whole, 2) for name, used in after.items()
        }
        return rate, cores


def _bare(bed: Bed, model: str, films: list[list[bytes]]) -> float:
    """The same pictures, in the same order."""
    made = frames(films, CAMERAS, FRAMES)
    with bed.namespace() as ground:
        path = Path(ground.fleet.logs) / "pictures.msgpack"
        jpegs = [getattr(event, "jpeg", b"") for _, event, key in made if key]
        path.write_bytes(msgspec.msgpack.encode(jpegs))
        command = [sys.executable, "-m", "tests.benchmarks.bare_ort", model, str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        return float(done.stdout)
