"""YOLOX's head: one anchor-free box per grid cell, with its objectness and its class scores.

Formulas as in YOLOX (Ge et al., 2021, https://arxiv.org/abs/2107.08430) and its ONNX demo:
centre = (offset + cell) * stride, size = exp(offset) * stride, score = objectness * class score.
"""

from collections.abc import Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.heads.head import PER_ONE, Candidates, Head, insist, thousandths
from models.manifest import Manifest


class Options(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    strides: tuple[int, ...]
    """Pixels of the network's input per grid cell, in the order of the output's rows."""
    decoded: bool = False
    """Whether the network gives centres and sizes in pixels instead of offsets."""


class Yolox(Head):
    """See ``models.heads.head.Head``. Output: [1, cells, 5 + classes]."""

    def __init__(self, manifest: Manifest, options: dict[str, Any]) -> None:
        told = msgspec.convert(options, Options)
        ((_, rows, columns),) = insist(manifest, "1 cells 5+classes")
        self.classes = columns - 5
        self._decoded = told.decoded
        if any(stride < 1 for stride in told.strides):
            raise ValueError("a stride below 1")
        height, width = manifest.input.shape[2:]
        self._cells, self._strides = _grid(height, width, told.strides)
        if len(self._cells) != rows:
            raise ValueError(f"strides give {len(self._cells)} cells, not {rows}")

    def read(self, outputs: Sequence[NDArray[np.float32]], floors: NDArray[np.int64]) -> Candidates:
        raw = outputs[0][0]
        # A score is at most its objectness: most cells need no further look.
        rows = np.flatnonzero(raw[:, 4] * PER_ONE >= floors.min() - 1)
        cells = raw[rows].astype(np.float64)
        best = cells[:, 5:].argmax(1)
        scores = thousandths(cells[:, 4] * cells[np.arange(len(rows)), 5 + best])
        centre, size = cells[:, 0:2], cells[:, 2:4]
        if not self._decoded:
            stride = self._strides[rows, None]
            centre = (centre + self._cells[rows]) * stride
            size = np.exp(np.minimum(size, LARGEST)) * stride
        corners = np.concatenate([centre - size / 2, centre + size / 2], 1)
        some = scores >= floors[best]
        return Candidates(corners[some], best[some], scores[some])


LARGEST = 8.0
"""exp(8) strides are wider than any picture; more would overflow on nonsense."""


def _grid(
    height: int, width: int, strides: tuple[int, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(column and row [cells, 2], stride [cells]) of every grid cell, row by row."""
    cells, scales = [np.empty((0, 2))], [np.empty(0)]
    for stride in strides:
        y, x = np.mgrid[: height // stride, : width // stride]
        cells.append(np.stack([x.ravel(), y.ravel()], 1).astype(np.float64))
        scales.append(np.full(x.size, stride, np.float64))
    return np.concatenate(cells), np.concatenate(scales)
