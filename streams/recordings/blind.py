"""A detector that sees nothing: for what ``detect`` knows, which no picture's contents change."""

import numpy as np
from numpy.typing import NDArray

from models.detector import Detector, Fitted, Found
from models.manifest import Manifest


class Blind(Detector):
    """See ``models.detector.Detector``."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest

    def fit(self, image: NDArray[np.uint8]) -> Fitted:
        height, width = image.shape[:2]
        return Fitted(np.empty((1, 3, 0, 0), np.float32), width, height)

    def find(self, picture: Fitted) -> Found:  # noqa: ARG002
        return Found(np.empty((0, 4)), np.empty(0, np.uint8), np.empty(0))
