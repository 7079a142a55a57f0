"""Rendered pictures with their truth, to train and measure a detector on: one .npz file a seed.

    python -m simulators.dataset OUT/train --seeds 1000-1039 --arranged 0.7

Some are of SUMO's traffic; the others are arranged: queues, crowds and rare vehicles at random
places, since in free-flowing traffic most pictures show an empty road.
"""

import argparse
import sys
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np

from models.labels import CLASSES
from models.pictures import Picture, save
from simulators.cameras import Renderer, Truth, encode_jpeg
from simulators.city.assets import DEMAND, FRAMES_PER_S, Camera, read
from simulators.city.streets import LANE_WIDTH_M, MEDIAN_M, street_of
from simulators.scene import Scene
from simulators.traffic import VIEW_M, Vehicle
from simulators.walkers import Walkers

EVERY_S = 4
"""Between two pictures of a camera in SUMO's traffic."""
SHARES = {
    "scooter": 0.2, "motorbike": 0.15, "bicycle": 0.08, "sedan": 0.17, "suv": 0.11, "van": 0.06,
    "city-bus": 0.09, "light-truck": 0.08, "container": 0.06,
}  # fmt: skip
"""Of arranged traffic: rare kinds are shown more often than they are met."""
GAPS_M = (1.2, 4.0, 12.0, 35.0)
"""Mean distance between vehicles of an arranged lane, from a queue to a free road."""


class Size(NamedTuple):
    length: float
    width: float
    height: float


def sizes() -> dict[str, Size]:
    """Metres, by vehicle type."""
    return {
        kind.attrib["id"]: Size(*(float(kind.attrib[name]) for name in Size._fields))
        for kind in ET.parse(DEMAND).iter("vType")
    }


class Arranger:
    """Scenes at random: lanes in both directions, each queued, dense or free; people anywhere."""

    def __init__(self, camera: Camera, random: np.random.Generator) -> None:
        self._lanes = street_of(camera.edge).lanes
        self._random = random
        self._sizes = sizes()
        self._made = 0

    def scene(self) -> list[Vehicle]:
        found: list[Vehicle] = []
        for lane in range(self._lanes):
            for side in (-1.0, 1.0):
                middle = side * (MEDIAN_M / 2 + LANE_WIDTH_M * (lane + 0.5))
                found += self._lane(middle, towards=side < 0)
        for _ in range(self._random.integers(0, 5)):
            found += self._person(found)
        return found

    def _lane(self, middle: float, *, towards: bool) -> Iterator[Vehicle]:
        random, mean = self._random, self._random.choice(GAPS_M)
        at = VIEW_M[0] + random.exponential(mean)
        while at < VIEW_M[1]:
            kind = random.choice(list(SHARES), p=list(SHARES.values()))
            size = self._sizes[kind]
            abreast = random.integers(1, 4) if size.width < 1 else 1
            room = LANE_WIDTH_M - abreast * size.width
            for place in range(abreast):
                shift = (place + 0.5) * LANE_WIDTH_M / abreast - LANE_WIDTH_M / 2
                v = middle + shift + random.uniform(-0.3, 0.3) * max(room, 0.2) / abreast
                back = at + random.uniform(0, 0.8)
                front = back if towards else back + size.length
                turn = random.normal(0, 0.03) + (np.pi if towards else 0.0)
                yield self._vehicle(str(kind), front, v, turn, size)
            at += 0.8 + size.length + random.exponential(mean)

    def _person(self, others: list[Vehicle]) -> Iterator[Vehicle]:
        random = self._random
        wide = MEDIAN_M / 2 + LANE_WIDTH_M * self._lanes
        u, v = random.uniform(4, 60), random.uniform(-wide, wide)
        if all(abs(other.u - u) > other.length + 1 or abs(other.v - v) > 1.6 for other in others):
            size = Size(0.6, 0.5, random.uniform(1.5, 1.78))
            yield self._vehicle("walker", u, v, random.uniform(-np.pi, np.pi), size)

    def _vehicle(self, kind: str, u: float, v: float, heading: float, size: Size) -> Vehicle:
        self._made += 1
        speed = float(self._random.choice([0.0, 8.0]))
        return Vehicle(
            f"arranged-{self._made}", kind, float(u), float(v), float(heading), *size, speed
        )


def moved(camera: Camera, random: np.random.Generator) -> Camera:
    """The camera as if it had been hung a little differently."""
    lens = camera.lens
    lens = msgspec.structs.replace(
        lens,
        right_m=lens.right_m + random.normal(0, 0.4),
        height_m=lens.height_m + random.normal(0, 0.5),
        yaw_deg=lens.yaw_deg + random.normal(0, 1.0),
        pitch_deg=lens.pitch_deg + random.normal(0, 0.8),
        focal_px=lens.focal_px * random.uniform(0.94, 1.06),
    )
    return msgspec.structs.replace(camera, lens=lens)


def arranged(seed: int, number: int) -> Iterator[Picture]:
    """Pictures of arranged scenes, each camera in turn, at any hour, every other seed moved."""
    random = np.random.default_rng((seed, 1))
    cameras = [moved(camera, random) if seed % 2 else camera for camera in read().cameras]
    renderers = [Renderer(camera, seed) for camera in cameras]
    arrangers = [Arranger(camera, random) for camera in cameras]
    walkers = [Walkers(camera, seed) for camera in cameras]
    for count in range(number):
        which = count % len(cameras)
        things = arrangers[which].scene() + walkers[which].at(count * 7.0)
        jpeg = encode_jpeg(renderers[which].render(things, count, random.uniform(0, 24)))
        yield labelled(jpeg, renderers[which].truth(things))


def driven(seed: int, number: int) -> Iterator[Picture]:
    """Pictures of SUMO's traffic, from a quiet to a busy hour, every camera, at any hour."""
    random = np.random.default_rng((seed, 2))
    with Scene(seed, random.uniform(0, 24), random.uniform(0.6, 1.6)) as scene:
        shots = scene.shots(number * EVERY_S, EVERY_S * FRAMES_PER_S)
        for shot in islice(shots, number):
            yield labelled(encode_jpeg(shot.picture), shot.truth)


def labelled(jpeg: bytes, truth: list[Truth]) -> Picture:
    return Picture(
        jpeg,
        np.array([thing.box for thing in truth], np.float32).reshape(-1, 4),
        np.array([CLASSES.index(thing.label) for thing in truth], np.uint8),
        np.array([thing.visible for thing in truth], np.float32),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", required=True, help="A-B, both included")
    parser.add_argument("--pictures", type=int, default=120, help="for each seed")
    parser.add_argument("--arranged", type=float, default=0.0, help="share of arranged scenes")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    first, last = map(int, arguments.seeds.split("-"))
    for seed in range(first, last + 1):
        number = round(arguments.pictures * arguments.arranged)
        pictures = [*arranged(seed, number)]
        if number < arguments.pictures:
            pictures += driven(seed, arguments.pictures - number)
        save(arguments.folder / f"{seed}.npz", pictures)
        things = sum(len(one.classes) for one in pictures)
        sys.stderr.write(f"seed {seed}: {len(pictures)} pictures, {things} things\n")


if __name__ == "__main__":
    main()
