"""Frames a second of one detect worker, from Kafka to produced detections; against bare ONNX."""

import subprocess
import sys
from pathlib import Path

import msgspec

from streams.events import Detections
from streams.topics import DETECTIONS
from tests.benchmarks import report
from tests.benchmarks.bed import Bed, Sample, rate_of_moments
from tests.benchmarks.report import Figure, compared
from tests.benchmarks.rounds import Rate, in_turn
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
    found = in_turn(
        {
            "ours": lambda: _ours(bed, model, films),
            "bare_ort": lambda: _bare(bed, model, films),
        },
        rounds,
    )
    about = f"frames through one detect worker with {model}, from Kafka to produced detections"
    ours = found.pop("ours")
    return compared(ours, found, GOAL, unit="frames/s", per=report.FRAMES, about=about)


def _ours(bed: Bed, model: str, films: list[list[bytes]]) -> Rate:
    with bed.namespace() as ground:
        ground.publish(
            [
                # The contender looks at every picture.
                *announced(cameras(CAMERAS, model, gated=False), START),
                *frames(films, CAMERAS, FRAMES),
            ]
        )
        ground.run("detect", "detect-1")
        looks: list[Sample] = []
        seen = ground.emitted(DETECTIONS, Detections, FRAMES, looks)
        return rate_of_moments(sorted(moment for _, moment in seen), looks)


def _bare(bed: Bed, model: str, films: list[list[bytes]]) -> Rate:
    """The same pictures, in the same order."""
    made = frames(films, CAMERAS, FRAMES)
    with bed.namespace() as ground:
        path = Path(ground.fleet.logs) / "pictures.msgpack"
        jpegs = [getattr(event, "jpeg", b"") for _, event, key in made if key]
        path.write_bytes(msgspec.msgpack.encode(jpegs))
        command = [sys.executable, "-m", "tests.benchmarks.bare_ort", model, str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        rate, cores = map(float, done.stdout.split())
        return Rate(rate, {"bare_ort": cores})
