"""Which grid cell answers for which thing: the three by three cells around its middle."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.street_detector.shape import HEIGHT, STRIDES, WIDTH

SIZES_PX = ((0, 72), (48, 176), (128, 4096))
"""Longer side of the boxes that each stride answers for; a size in two ranges trains both."""
REACH = 1.5
"""Strides between a cell's middle and the box's within which the cell answers (as FCOS, 3x3)."""
LEAST_VISIBLE = 0.3
"""What is hidden more than this is neither asked for nor punished."""
LEAST_PX = 6.0
"""What is narrower or lower than this likewise."""


class Targets(NamedTuple):
    """Of one picture; cells as the network's output rows."""

    box: NDArray[np.float32]
    """[cells, 4]: x0, y0, x1, y1 in input pixels, where ``kind`` >= 0."""
    kind: NDArray[np.int64]
    """[cells]: class; -1: nothing here; -2: not judged."""


def _cells() -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    middles, strides = [], []
    for stride in STRIDES:
        y, x = np.mgrid[: HEIGHT // stride, : WIDTH // stride]
        middles.append((np.stack([x.ravel(), y.ravel()], 1) + 0.5) * stride)
        strides.append(np.full(x.size, stride))
    return np.concatenate(middles).astype(np.float32), np.concatenate(strides).astype(np.float32)


MIDDLES, CELL_STRIDES = _cells()
"""[cells, 2] and [cells], input pixels."""


def _within(box: NDArray[np.float32]) -> NDArray[np.bool_]:
    low, high = box[:2] <= MIDDLES, box[2:] >= MIDDLES
    return low[:, 0] & low[:, 1] & high[:, 0] & high[:, 1]


def targets(
    boxes: NDArray[np.float32], classes: NDArray[np.uint8], visible: NDArray[np.float32]
) -> Targets:
    """Small things win a cell over large ones: they have fewer."""
    box = np.zeros((len(MIDDLES), 4), np.float32)
    kind = np.full(len(MIDDLES), -1, np.int64)
    sides = boxes[:, 2:] - boxes[:, :2]
    doubtful = (visible < LEAST_VISIBLE) | (sides.min(1, initial=np.inf) < LEAST_PX)
    for index in np.flatnonzero(doubtful):
        kind[_within(boxes[index])] = -2
    order = np.argsort(-sides.prod(1), kind="stable")
    for index in order[~doubtful[order]]:
        longer, middle = sides[index].max(), (boxes[index, :2] + boxes[index, 2:]) / 2
        for stride, (low, high) in zip(STRIDES, SIZES_PX, strict=True):
            if not low <= longer < high:
                continue
            away = np.abs(MIDDLES - middle).max(1) / CELL_STRIDES
            inside = (away < REACH) & _within(boxes[index])
            taken = (inside | (away <= 0.5)) & np.equal(CELL_STRIDES, stride)
            box[taken], kind[taken] = boxes[index], classes[index]
    return Targets(box, kind)
