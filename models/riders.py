"""A rider and the two-wheeler are one object: a model that boxes each gives two of it."""

import numpy as np
from numpy.typing import NDArray

from models.labels import CLASSES

RIDER, MOUNT = CLASSES.index("person"), CLASSES.index("two-wheeler")


def mounted(
    boxes: NDArray[np.int64], classes: NDArray[np.uint8], share: int
) -> tuple[NDArray[np.int64], NDArray[np.intp]]:
    """(boxes [n, 4], indexes that stay): people on two-wheelers are taken into these one's boxes.

    A person rides where so much of the smaller of both boxes is in the other, and the middle of the
    person is between the two-wheeler's sides. Any number may ride one; who could ride two rides the
    better.

    Args:
        boxes: [n, 4], whole numbers, best first.
        classes: [n], indexes into ``models.labels.CLASSES``.
        share: thousandths.
    """
    low, high = boxes[:, :2], boxes[:, 2:]
    area = (high - low).prod(1)
    free = classes == RIDER
    joined = boxes.copy()
    for index in np.flatnonzero(classes == MOUNT):
        sides = np.minimum(high[index], high) - np.maximum(low[index], low)
        shared = np.maximum(sides, 0).prod(1)
        middle = low[:, 0] + high[:, 0]
        between = (middle >= 2 * low[index, 0]) & (middle <= 2 * high[index, 0])
        rides = free & between & (shared * 1000 >= share * np.minimum(area, area[index]))
        for rider in np.flatnonzero(rides):
            joined[index, :2] = np.minimum(joined[index, :2], low[rider])
            joined[index, 2:] = np.maximum(joined[index, 2:], high[rider])
        free &= ~rides
    return joined, np.flatnonzero(free | (classes != RIDER))
