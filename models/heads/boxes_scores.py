"""The plainest head: one output has every box's corners, another a score per box and class."""

from collections.abc import Sequence
from typing import Any, Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.heads.head import Candidates, Head, each, insist
from models.manifest import Manifest


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    unit: Literal["picture", "pixel"]
    """Of the corners: fractions of the network's whole input, or its pixels."""


class BoxesScores(Head):
    """See ``models.heads.head.Head``. Outputs: [1, n, 4] x0, y0, x1, y1, and [1, n, classes]."""

    def __init__(self, manifest: Manifest, options: dict[str, Any]) -> None:
        told = msgspec.convert(options, Options)
        boxes, scores = insist(manifest, "1 n 4", "1 n classes")
        if boxes[1] != scores[1]:
            raise ValueError(f"{boxes[1]} boxes have {scores[1]} rows of scores")
        self.classes = scores[2]
        height, width = manifest.input.shape[2:]
        self._sides = np.array([width, height, width, height], np.float64)
        if told.unit == "pixel":
            self._sides = np.ones(4)

    def read(self, outputs: Sequence[NDArray[np.float32]], floors: NDArray[np.int64]) -> Candidates:
        boxes, scores = outputs
        rows, classes, found = each(scores[0], floors)
        return Candidates(boxes[0, rows].astype(np.float64) * self._sides, classes, found)
