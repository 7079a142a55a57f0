"""A network with YOLOX's head: letterboxed picture in, one anchor-free box per grid cell out.

Formulas as in YOLOX (Ge et al., 2021, https://arxiv.org/abs/2107.08430) and its ONNX demo:
centre = (offset + cell) * stride, size = exp(offset) * stride, score = objectness * class score.
"""

import cv2
import msgspec
import numpy as np
from numpy.typing import NDArray

from models.detector import PER_ONE, PER_PIXEL, Detector, Fitted, Found
from models.labels import CLASSES
from models.manifest import ModelError
from models.registry import Model
from models.suppression import keep


class Letterbox(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The picture is scaled to fit, placed at the top left, and the rest filled."""

    kind: str
    fill: int
    """Grey level, 0 to 255, as are the picture's."""
    channels: str
    """Order of the colours; only ``BGR``."""


class Head(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    kind: str
    strides: tuple[int, ...]
    """Pixels of the network's input per grid cell, in the order of the output's rows."""
    at_most: int
    """Boxes that enter suppression, best first: bounds the time that noise can cost."""


class Yolox(Detector):
    """See ``models.detector.Detector``."""

    def __init__(self, model: Model) -> None:
        self.manifest = manifest = model.manifest
        self._session = model.session
        self._height, self._width = manifest.input.shape[2:]
        try:
            self._letterbox = msgspec.convert(manifest.preprocessing, Letterbox)
            self._head = msgspec.convert(manifest.postprocessing, Head)
            thresholds = {name: round(manifest.thresholds[name] * PER_ONE) for name in THRESHOLDS}
            names = {index: CLASSES.index(name) for index, name in manifest.classes.items()}
        except (msgspec.ValidationError, KeyError, ValueError) as error:
            raise ModelError(f"{manifest.id}: manifest of a YOLOX model: {error}") from None
        self._score, self._same, self._across = (thresholds[name] for name in THRESHOLDS)
        self._cells, self._strides = _grid(self._height, self._width, self._head.strides)
        rows, columns = manifest.output.shape[1:]
        if len(self._cells) != rows:
            raise ModelError(f"{manifest.id}: strides give {len(self._cells)} cells, not {rows}")
        self._names = np.full(columns - 5, UNNAMED, np.uint8)
        self._names[list(names)] = list(names.values())

    def fit(self, image: NDArray[np.uint8]) -> Fitted:
        """See ``models.detector.Detector.fit``."""
        height, width = image.shape[:2]
        scale = min(self._height / height, self._width / width)
        fitted = (max(1, int(width * scale)), max(1, int(height * scale)))
        blob = np.full((1, 3, self._height, self._width), self._letterbox.fill, np.float32)
        resized = cv2.resize(image, fitted, interpolation=cv2.INTER_LINEAR)
        # Plane by plane: several times faster than turning interleaved bytes into floats.
        for plane, channel in zip(blob[0], cv2.split(resized), strict=True):
            plane[: fitted[1], : fitted[0]] = channel
        return Fitted(blob, scale, width, height)

    def find(self, picture: Fitted) -> Found:
        """See ``models.detector.Detector.find``."""
        feed = {self.manifest.input.name: picture.blob}
        (raw,) = self._session.run([self.manifest.output.name], feed)
        return self._read(raw[0], picture.scale, picture.width, picture.height)

    def _read(self, raw: NDArray[np.float32], scale: float, width: int, height: int) -> Found:
        """Boxes of the output ``raw`` [cells, 5 + classes]."""
        # A score is at most its objectness: most cells need no further look.
        rows = np.flatnonzero(raw[:, 4] * PER_ONE >= self._score - 1)
        cells = raw[rows].astype(np.float64)
        best = cells[:, 5:].argmax(1)
        chances = cells[:, 4] * cells[np.arange(len(rows)), 5 + best]
        scores = np.rint(chances * PER_ONE).astype(np.int64)
        classes = self._names[best]

        stride = self._strides[rows, None]
        centre = (cells[:, 0:2] + self._cells[rows]) * stride
        half = np.exp(np.minimum(cells[:, 2:4], LARGEST)) * stride / 2
        corners = np.concatenate([centre - half, centre + half], 1) / scale
        limits = np.array([width, height, width, height], np.float64)
        boxes = np.rint(np.clip(corners, 0, limits) * PER_PIXEL).astype(np.int64)

        solid = (boxes[:, 2] > boxes[:, 0]) & (boxes[:, 3] > boxes[:, 1])
        some = np.flatnonzero((scores >= self._score) & (classes != UNNAMED) & solid)
        some = some[np.argsort(-scores[some], kind="stable")][: self._head.at_most]
        some = some[keep(boxes[some], classes[some], self._same, self._across)]
        return Found(boxes[some] / PER_PIXEL, classes[some], scores[some] / PER_ONE)


THRESHOLDS = ("score", "overlap", "overlap_across")
"""Lowest score kept; IoU above which a box hides a worse one of its class; of another class."""
UNNAMED = 255
"""Class of the model that is none of the city's."""
LARGEST = 8.0
"""exp(8) strides are wider than any picture; more would overflow on nonsense."""


def _grid(
    height: int, width: int, strides: tuple[int, ...]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(column and row [cells, 2], stride [cells]) of every grid cell, row by row."""
    cells, scales = [], []
    for stride in strides:
        y, x = np.mgrid[: height // stride, : width // stride]
        cells.append(np.stack([x.ravel(), y.ravel()], 1).astype(np.float64))
        scales.append(np.full(x.size, stride, np.float64))
    return np.concatenate(cells), np.concatenate(scales)
