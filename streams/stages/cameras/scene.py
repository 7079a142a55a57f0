"""What the rules see of one frame: the tracked objects and the zones they stand in."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.labels import CLASSES
from streams.events import Box, Detections, Evidence, Micros
from streams.stages.cameras.tracking import ID, LABEL, SEEN, SINCE, Ints, Longs, View


class Scene(NamedTuple):
    """Arrays are parallel, one place per track; only confirmed tracks are ``visible``."""

    event: Detections
    view: View
    visible: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    """[zones, n]: whether the track's foot point lies in the zone."""

    @property
    def time(self) -> Micros:
        return self.event.time

    @property
    def ids(self) -> Ints:
        row: Ints = self.view.facts[ID]
        return row

    @property
    def labels(self) -> Ints:
        row: Ints = self.view.facts[LABEL]
        return row

    @property
    def since(self) -> Longs:
        """Since when the object has stood where it stands."""
        row: Longs = self.view.times[SINCE]
        return row

    @property
    def seen(self) -> Longs:
        row: Longs = self.view.times[SEEN]
        return row

    def evidence(self, tracks: NDArray[np.intp], zone: tuple[tuple[float, float], ...]) -> Evidence:
        """This frame with the boxes, as they were detected, of visible tracks."""
        boxes, _, scores = self.event.arrays()
        found = self.view.match[tracks]
        return Evidence(
            source=self.event.camera,
            time=self.event.time,
            model=self.event.model,
            frame=self.event.frame,
            boxes=tuple(
                Box(x0, y0, x1, y1, CLASSES[label], score)
                for (x0, y0, x1, y1), label, score in zip(
                    boxes[found].tolist(),
                    self.labels[tracks].tolist(),
                    scores[found].tolist(),
                    strict=True,
                )
            ),
            zone=zone,
        )
