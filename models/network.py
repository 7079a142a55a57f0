"""A detector as its manifest describes it: picture in, network, head, and what is left of it."""

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from models import suppression, tiles
from models.detector import PER_PIXEL, Detector, Fitted, Found
from models.heads import HEADS
from models.heads.head import PER_ONE, Candidates, Head
from models.inputs import Input
from models.labels import VOCABULARIES
from models.manifest import Manifest, ModelError
from models.registry import Model
from models.riders import mounted
from models.thresholds import Levels, Thresholds

MOST_BOXES = 10_000
"""Of a picture: suppression compares each with all."""


class After(msgspec.Struct, frozen=True):
    """What the manifest's postprocessing says for any head."""

    kind: str
    """One of ``models.heads.HEADS``."""
    at_most: int
    """Boxes that enter suppression, best first: bounds the time that noise can cost."""
    exclusive: tuple[tuple[str, ...], ...] | None = None
    """Groups of classes of which a thing is only one: ``overlap_across`` is between these; None:
    between all."""

    def __post_init__(self) -> None:
        if not 1 <= self.at_most <= MOST_BOXES:
            raise ValueError(f"at_most {self.at_most}: give 1 to {MOST_BOXES}")
        if self.exclusive and not all(self.exclusive):
            raise ValueError("exclusive: a group names no class")


class Network(Detector):
    """See ``models.detector.Detector``.

    Raises:
        ModelError: the manifest is none of a detector, or contradicts itself; says where.
    """

    def __init__(self, model: Model) -> None:
        self.manifest = manifest = model.manifest
        self._session = model.session
        self._outputs = [tensor.name for tensor in manifest.outputs]
        try:
            vocabulary = VOCABULARIES[manifest.task]
            if len(manifest.input.shape) != 4 or manifest.input.shape[:2] != (1, 3):
                raise ValueError(f"input {manifest.input.name} is not [1, 3, height, width]")
            if not min(manifest.input.shape):
                raise ValueError(f"input {manifest.input.name} has a side of free length")
            height, width = manifest.input.shape[2:]
            self._size = (width, height)
            self._input: Input = msgspec.convert(manifest.preprocessing, Input)
            after = msgspec.convert(manifest.postprocessing, After)
            self._at_most = after.at_most
            self._head = _head(manifest, after.kind)
            told = msgspec.convert(manifest.thresholds, Thresholds)
            self._names = _names(manifest, vocabulary, self._head.classes)
            self._levels = Levels(told, vocabulary, manifest.classes, self._head.classes)
            self._groups = _groups(after.exclusive, vocabulary)
        except (msgspec.ValidationError, ValueError, KeyError) as error:
            raise ModelError(f"{manifest.id}: manifest of a detector: {error}") from None
        self._limits = _limits(told, self._groups)
        self._riders = None if told.riders is None else round(told.riders * PER_ONE)

    def fit(self, image: NDArray[np.uint8]) -> Fitted:
        """See ``models.detector.Detector.fit``."""
        height, width = image.shape[:2]
        parts = self._input.tiles.parts(width, height)
        blobs = np.empty((len(parts), *self.manifest.input.shape[1:]), np.float32)
        for blob, part in zip(blobs, parts, strict=True):
            self._input.fit(image[part.y0 : part.y1, part.x0 : part.x1], blob)
        return Fitted(blobs, width, height)

    def find(self, picture: Fitted) -> Found:
        """See ``models.detector.Detector.find``."""
        width, height = picture.width, picture.height
        seen, ends = [], []
        parts = self._input.tiles.parts(width, height)
        for number, part in enumerate(parts):
            # One at a time: in a batch of another size a network's last bits may differ.
            feed = {self.manifest.input.name: picture.blobs[number : number + 1]}
            raw = self._session.run(self._outputs, feed)
            there = self._head.read(raw, self._levels.floors)
            size = (part.x1 - part.x0, part.y1 - part.y0)
            corners = self._input.back(there.corners, size, self._size)
            corners = corners + np.array([part.x0, part.y0, part.x0, part.y0])
            seen.append(Candidates(corners, there.classes, there.scores))
            ends.append(tiles.cut(corners, part, width, height))
        one = Candidates(*map(np.concatenate, zip(*seen, strict=True)))
        return self._settle(one, np.concatenate(ends), width, height)

    def _settle(self, seen: Candidates, cut: NDArray[np.bool_], width: int, height: int) -> Found:
        """The candidates, corners in pixels of the picture, as one box for each thing."""
        limits = np.array([width, height, width, height], np.float64)
        inside = np.rint(np.clip(seen.corners, 0, limits) * PER_PIXEL)
        # Nothing is of no extent, nor where a network has said what is no number.
        solid = (inside[:, 2] > inside[:, 0]) & (inside[:, 3] > inside[:, 1])
        boxes, cut = inside[solid].astype(np.int64), cut[solid]
        classes = self._names[seen.classes[solid]]
        scores = self._levels.meant(seen.scores[solid], classes)
        some = np.argsort(-scores, kind="stable")[: self._at_most]
        some = some[suppression.keep(boxes[some], classes[some], self._limits)]
        if cut.any():
            some = some[tiles.whole(boxes[some], self._groups[classes[some]], cut[some])]
        boxes, classes, scores = boxes[some], classes[some], scores[some]
        if self._riders is not None:
            boxes, stay = mounted(boxes, classes, self._riders)
            boxes, classes, scores = boxes[stay], classes[stay], scores[stay]
        return Found(boxes / PER_PIXEL, classes, scores / PER_ONE)


def _head(manifest: Manifest, kind: str) -> Head:
    if kind not in HEADS:
        raise ValueError(f"no head {kind!r}; heads are {', '.join(sorted(HEADS))}")
    shared = After.__struct_fields__
    options: dict[str, Any] = {
        name: value for name, value in manifest.postprocessing.items() if name not in shared
    }
    try:
        return HEADS[kind](manifest, options)
    except (msgspec.ValidationError, ValueError) as error:
        raise ValueError(f"head {kind}: {error}") from None


def _names(manifest: Manifest, vocabulary: tuple[str, ...], classes: int) -> NDArray[np.uint8]:
    """[the model's classes]: indexes into the vocabulary; 0 where nobody asks."""
    names = np.zeros(classes, np.uint8)
    if not manifest.classes:
        raise ValueError("it names no class")
    for index, name in sorted(manifest.classes.items()):
        if not 0 <= index < classes:
            raise ValueError(f"class {index} ({name}) is none of its output's {classes}")
        if name not in vocabulary:
            raise ValueError(f"no class {name!r}; of {manifest.task} are {', '.join(vocabulary)}")
        names[index] = vocabulary.index(name)
    return names


def _groups(
    exclusive: tuple[tuple[str, ...], ...] | None, vocabulary: tuple[str, ...]
) -> NDArray[np.int64]:
    """[vocabulary]: the number of each class's group."""
    if exclusive is None:
        return np.zeros(len(vocabulary), np.int64)
    groups = np.arange(len(vocabulary))
    listed = [name for group in exclusive for name in group]
    for name in listed:
        if name not in vocabulary:
            raise ValueError(f"exclusive: no class {name!r}; there are {', '.join(vocabulary)}")
        if listed.count(name) > 1:
            raise ValueError(f"exclusive: {name} is in two groups")
    for group in exclusive:
        groups[[vocabulary.index(name) for name in group]] = vocabulary.index(group[0])
    return groups


def _limits(told: Thresholds, groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """See ``models.suppression.keep``."""
    across = np.where(
        groups[:, None] == groups[None, :], round(told.overlap_across * PER_ONE), suppression.NEVER
    )
    np.fill_diagonal(across, round(told.overlap * PER_ONE))
    return across.astype(np.int64)
