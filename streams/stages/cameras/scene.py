"""What the rules see of one frame: the tracked objects and the zones they stand in."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.labels import CLASSES
from streams.events import Box, Detections, Evidence, Micros
from streams.stages.cameras.masks import every
from streams.stages.cameras.tracking import ID, LABEL, SEEN, SINCE, Ints, Longs, View

_FIRST = np.array(0, np.intp)


class Scene(NamedTuple):
    """Arrays are parallel, one place per track.

    Row 0 of ``present`` and ``visible`` is the whole picture, row 1 + z the camera's zone z.
    """

    event: Detections
    view: View
    whole: bool
    """Whether the frame shows every track."""
    present: NDArray[np.bool_]
    """[1 + zones, n]: confirmed tracks by where their foot point lies."""
    visible: NDArray[np.bool_]
    """[1 + zones, n]: those of them that the frame shows."""

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


def scene(event: Detections, view: View, inside: NDArray[np.bool_]) -> Scene:
    """What ``view`` means for the rules; ``inside`` [zones, n] whatever is confirmed or shown."""
    present = np.empty((1 + len(inside), inside.shape[1]), bool)
    present[0] = confirmed = view.confirmed
    np.logical_and(inside, confirmed, out=present[1:])
    shown = view.match >= _FIRST
    whole = every(shown)
    return Scene(event, view, whole, present, present if whole else present & shown)
