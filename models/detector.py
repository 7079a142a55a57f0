"""What a detector is: one picture in, boxes out."""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from models.heads.head import PER_ONE
from models.manifest import Manifest

PER_PIXEL = 10
"""Boxes are whole tenths of a pixel."""


class Found(NamedTuple):
    """What was seen, best first. Quantised before any threshold, so that a decision which rests
    on it falls the same way wherever the network's last bits fall."""

    boxes: NDArray[np.float64]
    """[n, 4]: x0, y0, x1, y1 in pixels of the picture, clipped to it, in steps of 0.1."""
    classes: NDArray[np.uint8]
    """[n]: index into the vocabulary of the model's task (``models.labels``)."""
    scores: NDArray[np.float64]
    """[n]: 0 to 1, in steps of 0.001; see ``models.thresholds`` for what they mean."""

    def tenths(self) -> NDArray[np.int32]:
        """[n, 4]: the boxes in tenths of a pixel, exactly."""
        return np.rint(self.boxes * PER_PIXEL).astype(np.int32)

    def thousandths(self) -> NDArray[np.uint16]:
        """[n]: the scores in thousandths, exactly."""
        return np.rint(self.scores * PER_ONE).astype(np.uint16)


class Fitted(NamedTuple):
    """A picture as one network takes it."""

    blobs: NDArray[np.float32]
    """[parts, 3, height, width] of the network."""
    width: int
    """Of the picture, as is ``height``; pixels."""
    height: int


class Detector(Protocol):
    """Deterministic: the same picture gives the same result; may be shared between threads."""

    manifest: Manifest

    def fit(self, image: NDArray[np.uint8]) -> Fitted:
        """A picture, BGR uint8 [height, width, 3], as the network takes it."""
        ...

    def find(self, picture: Fitted) -> Found:
        """Things in a picture that ``fit`` gave."""
        ...

    def detect(self, image: NDArray[np.uint8]) -> Found:
        """Both, one after the other."""
        return self.find(self.fit(image))
