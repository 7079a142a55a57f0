"""``detect`` once more, its models not asked again: they found what it has said that they found.

Which pictures are left out rests on that (``streams.cameras.gate``); networks cost too much, and
may be gone.
"""

from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.detector import PER_PIXEL, Detector, Fitted, Found
from models.heads.head import PER_ONE
from models.manifest import Manifest
from streams.events import BadMessage, Detections, Frame
from streams.stage import Position, Result
from streams.stages.detect import MISSING, Detect


class Recalled(Detect):
    """See ``streams.stage.Stage``.

    Args:
        manifest: of any detector.
        said: of each partition, by the offset of the frame. A frame of which nothing was said was
            not looked at, as where its model was missing.
    """

    def __init__(self, partitions: int, manifest: Manifest) -> None:
        super().__init__(self._recall, partitions)
        self._manifest = manifest
        self.said: dict[int, Mapping[int, Detections]] = {}
        self._now: Detections | None = None

    def step(self, state: Mapping[str, Any], event: Any, at: Position) -> Result:
        if isinstance(event, Frame):
            self._now = self.said.get(at.partition, {}).get(at.offset)
        return super().step(state, event, at)

    def _recall(self, id: str) -> "_Again":
        if self._now is None:
            raise BadMessage(MISSING, f"{id} did not look then")
        return _Again(self._manifest, self._now)


class _Again(Detector):
    """See ``models.detector.Detector``: of one picture."""

    def __init__(self, manifest: Manifest, said: Detections) -> None:
        name, _, version = said.model.rpartition("@")
        self.manifest = msgspec.structs.replace(manifest, name=name, version=version)
        self._boxes, self._classes, self._scores = said.arrays()

    def fit(self, image: NDArray[np.uint8]) -> Fitted:
        height, width = image.shape[:2]
        return Fitted(np.empty((1, 3, 0, 0), np.float32), width, height)

    def find(self, picture: Fitted) -> Found:  # noqa: ARG002
        return Found(self._boxes / PER_PIXEL, self._classes, self._scores / PER_ONE)
