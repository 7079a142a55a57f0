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


class _Grid(NamedTuple):
    """The cells of one stride."""

    stride: int
    first: int
    """Row of its first cell in the network's output."""
    columns: int
    rows: int

    def around(self, box: NDArray[np.float32], reach: float) -> NDArray[np.intp]:
        """Output rows of the cells whose middle is in the box and within ``reach`` strides of its
        middle; the cell in which the middle lies in any case."""
        middle = (box[:2] + box[2:]) / 2
        low = np.maximum(box[:2], middle - reach * self.stride)
        high = np.minimum(box[2:], middle + reach * self.stride)
        limits = np.array([self.columns, self.rows])
        home = np.clip(middle // self.stride, 0, limits - 1)
        start = np.minimum(np.ceil(low / self.stride - 0.5), home).astype(int)
        stop = np.maximum(np.floor(high / self.stride - 0.5), home).astype(int) + 1
        x0, y0 = np.maximum(start, 0)
        x1, y1 = np.minimum(stop, limits)
        return (self.first + np.arange(y0, y1)[:, None] * self.columns + np.arange(x0, x1)).ravel()


def _grids() -> tuple[_Grid, ...]:
    grids, first = [], 0
    for stride in STRIDES:
        columns, rows = WIDTH // stride, HEIGHT // stride
        grids.append(_Grid(stride, first, columns, rows))
        first += columns * rows
    return tuple(grids)


GRIDS = _grids()
CELLS = sum(grid.columns * grid.rows for grid in GRIDS)


def targets(
    boxes: NDArray[np.float32], classes: NDArray[np.uint8], visible: NDArray[np.float32]
) -> Targets:
    """Small things win a cell over large ones: they have fewer."""
    box = np.zeros((CELLS, 4), np.float32)
    kind = np.full(CELLS, -1, np.int64)
    sides = boxes[:, 2:] - boxes[:, :2]
    doubtful = (visible < LEAST_VISIBLE) | (sides.min(1, initial=np.inf) < LEAST_PX)
    for index in np.flatnonzero(doubtful):
        for grid in GRIDS:
            kind[grid.around(boxes[index], np.inf)] = -2
    order = np.argsort(-sides.prod(1), kind="stable")
    for index in order[~doubtful[order]]:
        longer = sides[index].max()
        for grid, (low, high) in zip(GRIDS, SIZES_PX, strict=True):
            if low <= longer < high:
                taken = grid.around(boxes[index], REACH)
                box[taken], kind[taken] = boxes[index], classes[index]
    return Targets(box, kind)
