"""Non-maximum suppression in whole numbers, so that no rounding decides which box stays."""

import numpy as np
from numpy.typing import NDArray


def keep(
    boxes: NDArray[np.int64], classes: NDArray[np.uint8], same: int, across: int
) -> NDArray[np.intp]:
    """Indexes of the boxes that no better box hides.

    Args:
        boxes: [n, 4] x0, y0, x1, y1, best first.
        classes: [n].
        same: thousandths of IoU above which a better box of the same class hides one.
        across: the same for a better box of another class; 1000: never.
    """
    low, high = boxes[:, :2], boxes[:, 2:]
    area = (high - low).prod(1)
    alive = np.ones(len(boxes), bool)
    for index in range(len(boxes)):
        if not alive[index]:
            continue
        sides = np.minimum(high[index], high) - np.maximum(low[index], low)
        shared = np.maximum(sides, 0).prod(1)
        limit = np.where(classes == classes[index], same, across)
        hidden = shared * 1000 > limit * (area[index] + area - shared)
        hidden[: index + 1] = False
        alive &= ~hidden
    return np.flatnonzero(alive)
