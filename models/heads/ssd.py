"""SSD's ``DetectionOutput``: rows of picture, class, score and corners, already suppressed.

As OpenVINO's operation of that name defines it (docs.openvino.ai, DetectionOutput-8): a picture
below 0 ends the list; corners are fractions of the picture.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.heads.head import Candidates, Head, insist, thousandths
from models.manifest import Manifest

MOST_CLASSES = 100_000


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """There are none."""


class Ssd(Head):
    """See ``models.heads.head.Head``. Output: [1, 1, n, 7]; it does not say how many classes."""

    def __init__(self, manifest: Manifest, options: dict[str, Any]) -> None:
        msgspec.convert(options, Options)
        insist(manifest, "1 1 n 7")
        self.classes = max(manifest.classes, default=0) + 1
        if self.classes > MOST_CLASSES:
            raise ValueError(f"class {self.classes - 1}: of so many no network knows")
        height, width = manifest.input.shape[2:]
        self._sides = np.array([width, height, width, height], np.float64)

    def read(self, outputs: Sequence[NDArray[np.float32]], floors: NDArray[np.int64]) -> Candidates:
        rows = outputs[0][0, 0].astype(np.float64)
        ends = np.flatnonzero(~(rows[:, 0] >= 0))
        rows = rows[: ends[0]] if len(ends) else rows
        rows = rows[(rows[:, 1] >= 0) & (rows[:, 1] < self.classes)]
        classes, scores = rows[:, 1].astype(np.intp), thousandths(rows[:, 2])
        some = scores >= floors[classes]
        return Candidates(rows[some, 3:7] * self._sides, classes[some], scores[some])
