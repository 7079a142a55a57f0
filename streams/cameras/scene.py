"""What the rules see of one frame: the tracked objects and the zones they stand in."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.labels import CLASSES
from streams.cameras import _frame
from streams.cameras.lines import Crossings, Feet, cross, line
from streams.cameras.scenery import CONFIRMED_BY_HAND, LEARNED
from streams.cameras.tracking import BOX, ID, LABEL, SEEN, SINCE, Ints, Longs, View
from streams.cameras.watched import Watched
from streams.events import Box, Detections, Evidence, Micros

Mask = bytes
"""bool [n]: some of the scene's tracks. ``count(1)`` says how many, ``1 in mask`` whether any."""


class Scene(NamedTuple):
    """The tracks after a frame; arrays are parallel, one place per track."""

    event: Detections
    view: View
    within: bytes
    """bool [zones + 1, n]: whether the track's foot point lies in the camera's zone z; the last row
    is the whole picture, in which all are."""
    scenery: bytes = b""
    """uint8 [n]: what each is, as in ``scenery``; empty: all are objects."""

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
    def step(self) -> Micros:
        """How long one frame and the next may be apart, with one missed between, as they come."""
        return _frame.step(self.view.tracks.gaps)

    @property
    def seen(self) -> Longs:
        row: Longs = self.view.times[SEEN]
        return row

    def meant(self, watched: Watched, *, unseen: Micros | None = None, stood: Micros = 0) -> Mask:
        """Confirmed objects in the zone of the classes that the rule means.

        Where a line or the whole picture is watched: all in the picture.

        Args:
            unseen: for how long frames may have missed them (0: this one shows them); None: for
                as long as they are waited for, which may be minutes.
            stood: for how long they have been seen to stand where they stand.
        """
        tracks, time = self.view.tracks, self.event.time
        seen = 0 if unseen is None else time - unseen
        rows = tracks.facts, tracks.times, self.within
        found = _frame.meant(*rows, watched.row, watched.means, seen, time - stood)
        if not self.scenery:
            return found
        passed_over = LEARNED if watched.alive else CONFIRMED_BY_HAND
        return bytes(
            is_meant and what < passed_over
            for is_meant, what in zip(found, self.scenery, strict=True)
        )

    def is_scenery(self, subject: str) -> bool:
        """Whether an incident's subject is a track that is scenery, or was learned to be."""
        ids = self.ids.tolist()
        return any(
            what and subject == subject_of(track)
            for track, what in zip(ids, self.scenery, strict=False)
        )

    def hidden(self, watched: Watched) -> Mask:
        """Of those that the rule means: who is parked and not shown. It was not seen to leave."""
        return _frame.hidden(self.view.tracks.times, self.meant(watched), self.event.time)

    def crossings(self, watched: Watched, feet: Feet | None) -> Crossings:
        """Which of the objects that the rule means have crossed the line since they were last seen.

        Args:
            feet: those of the last frame, as the watch has kept them; None: there are none yet.
        """
        drawn = line(watched.zone.polygon, self.event.width, self.event.height)
        seen = self.meant(watched, unseen=0)
        return cross(drawn, feet or {}, self.ids, self.view.motion[BOX], seen)

    def earliest(self, mask: Mask) -> Micros:
        """Since when the first of the tracks, at least one, has stood."""
        return _frame.earliest(self.view.tracks.times, mask)

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


def subject_of(track: int | np.int32) -> str:
    """Of an incident that is about one track."""
    return f"track-{track}"


def places(mask: Mask) -> NDArray[np.intp]:
    """Where the mask is set."""
    found: NDArray[np.intp] = np.frombuffer(mask, bool).nonzero()[0]
    return found
