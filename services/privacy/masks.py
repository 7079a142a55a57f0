"""What is covered in a picture, by what was seen in it: geometry and paint. Pure.

A person, and a two-wheeler with its riders, is covered whole; where a person is so near that nobody
could see any more what happens, the head is. Of a vehicle the part is covered in which its plate
is. What is covered becomes one colour, three numbers for the whole of it, by which nothing can be
restored; a picture that nobody can vouch for becomes few large squares.
"""

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from models.labels import CLASSES, VEHICLES

Image = NDArray[np.uint8]
"""BGR [height, width, 3]."""

MARGIN = 0.15
"""Of a box's width and height, on each side: detectors cut off hair, hands and mirrors."""
LEAST_MARGIN = 3.0
"""Pixels."""
NEAR_HEIGHT = 160
"""Pixels: of a taller person the head is covered: the body says what happens, and not who it is."""
PLATE_MARGIN = 0.05
"""The same of the part in which a plate is: that lies well within the box."""
HEAD = 0.45
"""Of a near person's box, from above: heads are an eighth of a body, but a box may be of its upper
half only."""
PLATE = 0.55
"""Of a vehicle's box, from below: where plates are, in front and behind, seen from above or not."""
READABLE_WIDTH = 60
"""Pixels of a vehicle: a plate is at most a third of it, and of 20 pixels nobody reads one."""
SQUARES = 16
"""Across a picture that is covered whole."""

WITH_PLATES = VEHICLES - {"two-wheeler"}
"""A two-wheeler is covered whole, its plate as well."""
_PERSON, _TWO_WHEELER = CLASSES.index("person"), CLASSES.index("two-wheeler")
VEHICLES_AT = [CLASSES.index(name) for name in sorted(WITH_PLATES)]


class Seen(NamedTuple):
    """What a detector saw, by any threshold; n things."""

    boxes: NDArray[np.float64]
    """[n, 4]: x0, y0, x1, y1 in pixels of the picture."""
    classes: NDArray[np.uint8]
    """[n]: index into ``models.labels.CLASSES``."""


NOTHING = Seen(np.zeros((0, 4)), np.zeros(0, np.uint8))


def together(*some: Seen) -> Seen:
    return Seen(
        np.concatenate([one.boxes for one in some]), np.concatenate([one.classes for one in some])
    )


def regions(seen: Seen, width: int, height: int) -> NDArray[np.int32]:
    """[m, 4]: x0, y0, x1, y1 of what is covered, whole pixels, within the picture.

    Args:
        width: of the picture, as is ``height``; pixels.
    """
    boxes, classes = seen.boxes, seen.classes
    tall, wide = boxes[:, 3] - boxes[:, 1], boxes[:, 2] - boxes[:, 0]
    riders, walkers = classes == _TWO_WHEELER, classes == _PERSON
    whole = riders | (walkers & (tall < NEAR_HEIGHT))
    heads = boxes[walkers & (tall >= NEAR_HEIGHT)].copy()
    heads[:, 3] = heads[:, 1] + HEAD * (heads[:, 3] - heads[:, 1])
    plates = boxes[np.isin(classes, VEHICLES_AT) & (wide >= READABLE_WIDTH)].copy()
    plates[:, 1] = plates[:, 3] - PLATE * (plates[:, 3] - plates[:, 1])
    people = np.concatenate([boxes[whole], heads])
    grown = np.concatenate([_grown(people, MARGIN), _grown(plates, PLATE_MARGIN)])
    inside = np.clip(grown, 0, [width, height, width, height]).astype(np.int32)
    found: NDArray[np.int32] = inside[(inside[:, 2:] > inside[:, :2]).all(axis=1)]
    return found


def _grown(boxes: NDArray[np.float64], margin: float) -> NDArray[np.float64]:
    more = np.maximum(margin * (boxes[:, 2:] - boxes[:, :2]), LEAST_MARGIN)
    return np.concatenate([np.floor(boxes[:, :2] - more), np.ceil(boxes[:, 2:] + more)], axis=1)


def cover(picture: Image, areas: NDArray[np.int32]) -> Image:
    """A copy in which each area is of one colour: its own on average.

    Args:
        areas: as ``regions`` gives them.
    """
    covered = picture.copy()
    means = [picture[y0:y1, x0:x1].reshape(-1, 3).mean(axis=0) for x0, y0, x1, y1 in areas]
    for (x0, y0, x1, y1), mean in zip(areas, means, strict=True):
        covered[y0:y1, x0:x1] = np.rint(mean).astype(np.uint8)
    return covered


def coarse(picture: Image) -> Image:
    """The whole picture as ``SQUARES`` squares across, each of one colour."""
    height, width = picture.shape[:2]
    rows = max(1, round(SQUARES * height / width))
    small = cv2.resize(picture, (SQUARES, rows), interpolation=cv2.INTER_AREA)
    large: Any = cv2.resize(small, (width, height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(large, np.uint8)
