"""Measures the street detector, as it is run, on pictures with their truth it has not seen.

    python -m simulators.dataset OUT/test --seeds 1-10
    python -m models.street_detector.measure OUT/test

Average precision as in PASCAL VOC 2010 and later: the area under the precision envelope, a box
right where its IoU with a thing of its class that nobody has claimed is at least 0.5. Things that
are mostly hidden or tiny (``models/street_detector/targets.py``) count neither way.
"""

import argparse
import sys
from pathlib import Path
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.detector import Detector
from models.labels import CLASSES
from models.loader import load_detector
from models.pictures import Picture
from models.pictures import load as load_pictures
from models.registry import Registry
from models.street_detector.shape import TOLD
from models.street_detector.targets import LEAST_PX, LEAST_VISIBLE

RIGHT_IOU = 0.5


class Quality(msgspec.Struct):
    """Of one class."""

    things: int
    precision: float
    recall: float
    ap50: float


class Judged(NamedTuple):
    """One box of the detector."""

    kind: int
    score: float
    right: bool


def overlap(a: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
    """IoU [n, m] of boxes [n, 4] and [m, 4]."""
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    shared = np.clip(high - low, 0, None).prod(2)
    area_a, area_b = (a[:, 2:] - a[:, :2]).prod(1), (b[:, 2:] - b[:, :2]).prod(1)
    shares: NDArray[np.float64] = shared / np.maximum(area_a[:, None] + area_b - shared, 1e-9)
    return shares


def judge(detector: Detector, picture: Picture) -> tuple[list[Judged], NDArray[np.int64]]:
    """(what the detector said, [classes] how many things there were to be found)."""
    found = detector.detect(picture.image())
    truth = picture.boxes.astype(np.float64)
    sides = (truth[:, 2:] - truth[:, :2]).min(1, initial=np.inf)
    counted = (picture.visible >= LEAST_VISIBLE) & (sides >= LEAST_PX)
    free = np.ones(len(truth), bool)
    judged = []
    shares = overlap(found.boxes, truth)
    for row, (kind, score) in enumerate(zip(found.classes, found.scores, strict=True)):
        open_ = free & (picture.classes == kind) & (shares[row] >= RIGHT_IOU)
        candidates = np.flatnonzero(open_ & counted)
        if len(candidates):
            free[candidates[shares[row, candidates].argmax()]] = False
            judged.append(Judged(int(kind), float(score), True))
        elif not (shares[row][~counted] > 0.3).any():
            judged.append(Judged(int(kind), float(score), False))
    return judged, np.bincount(picture.classes[counted], minlength=len(CLASSES))


def average_precision(right: NDArray[np.bool_], things: int) -> float:
    """Area under the precision envelope of boxes ordered best first."""
    hits = np.cumsum(right)
    precision = hits / np.arange(1, len(right) + 1)
    envelope = np.maximum.accumulate(precision[::-1])[::-1]
    return float((envelope * right).sum() / things) if things else 0.0


def measure(detector: Detector, pictures: list[Picture]) -> dict[str, Quality]:
    """By class name; precision and recall at the manifest's threshold."""
    judged: list[Judged] = []
    things = np.zeros(len(CLASSES), np.int64)
    for picture in pictures:
        some, there = judge(detector, picture)
        judged += some
        things += there
    quality = {}
    for kind, name in enumerate(CLASSES[:TOLD]):
        mine = sorted((j for j in judged if j.kind == kind), key=lambda j: -j.score)
        right = np.array([j.right for j in mine], bool)
        quality[name] = Quality(
            things=int(things[kind]),
            precision=round(float(right.mean()), 3) if len(right) else 0.0,
            recall=round(float(right.sum() / max(things[kind], 1)), 3),
            ap50=round(average_precision(right, int(things[kind])), 3),
        )
    return quality


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pictures", type=Path, help="folder of .npz files (models/pictures.py)")
    arguments = parser.parse_args()
    quality = measure(
        load_detector(Registry(), "street_detector"), load_pictures(arguments.pictures)
    )
    sys.stdout.write(msgspec.yaml.encode(quality).decode())


if __name__ == "__main__":
    main()
