"""The head of YOLOv8 and what was made after it: a column per box, no objectness.

As Ultralytics exports it (https://docs.ultralytics.com/modes/export): centre x and y, width and
height in pixels of the input, then a score per class.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.heads.head import Candidates, Head, each, insist
from models.manifest import Manifest


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """There are none."""


class Yolov8(Head):
    """See ``models.heads.head.Head``. Output: [1, 4 + classes, n]."""

    def __init__(self, manifest: Manifest, options: dict[str, Any]) -> None:
        msgspec.convert(options, Options)
        ((_, rows, _),) = insist(manifest, "1 4+classes n")
        self.classes = rows - 4

    def read(self, outputs: Sequence[NDArray[np.float32]], floors: NDArray[np.int64]) -> Candidates:
        raw = outputs[0][0].T
        rows, classes, scores = each(raw[:, 4:], floors)
        boxes = raw[rows].astype(np.float64)
        centre, half = boxes[:, 0:2], boxes[:, 2:4] / 2
        return Candidates(np.concatenate([centre - half, centre + half], 1), classes, scores)
