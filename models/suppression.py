"""Non-maximum suppression in whole numbers, so that no rounding decides which box stays."""

import numpy as np
from numpy.typing import NDArray

NEVER = 1000
"""As a limit: no better box hides one, since no overlap is above it."""


def keep(
    boxes: NDArray[np.int64], classes: NDArray[np.uint8], limits: NDArray[np.int64]
) -> NDArray[np.intp]:
    """Indexes of the boxes that no better box hides.

    Args:
        boxes: [n, 4] x0, y0, x1, y1, best first.
        classes: [n].
        limits: [classes, classes]: thousandths of IoU above which a better box of the one class
            hides one of the other.
    """
    low, high = boxes[:, :2], boxes[:, 2:]
    area = (high - low).prod(1)
    alive = np.ones(len(boxes), bool)
    for index in range(len(boxes)):
        if not alive[index]:
            continue
        sides = np.minimum(high[index], high) - np.maximum(low[index], low)
        shared = np.maximum(sides, 0).prod(1)
        limit = limits[classes[index], classes]
        hidden = shared * 1000 > limit * (area[index] + area - shared)
        hidden[: index + 1] = False
        alive &= ~hidden
    return np.flatnonzero(alive)
