"""Boxes and tracks as MOTChallenge's text files.

One line a box: ``frame,id,left,top,width,height,confidence,x,y,z`` (frames and ids count from 1,
pixels; id -1: no track; x, y, z are -1 in two dimensions), as https://motchallenge.net/instructions/
says of results. Where several classes are told apart, the number of the class stands in the eighth
column, where MOTChallenge's truth has it: 1 is the first of ``models.labels``, a person in both.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.commandline.written import written
from streams.cameras import tracking
from streams.cameras.tracking import HITS, ID, LABEL
from streams.events import SECOND, Micros

UNTRACKED = -1
UNNAMED = -1


class Row(NamedTuple):
    """One box of one frame; tenths of a pixel, thousandths."""

    frame: int
    id: int
    x0: int
    y0: int
    x1: int
    y1: int
    score: int
    kind: int = UNNAMED
    """Index of the class; ``UNNAMED``: not said."""

    def __str__(self) -> str:
        left, top = self.x0 / 10, self.y0 / 10
        width, height = (self.x1 - self.x0) / 10, (self.y1 - self.y0) / 10
        box = f"{left:.1f},{top:.1f},{width:.1f},{height:.1f}"
        number = UNNAMED if self.kind == UNNAMED else self.kind + 1
        return f"{self.frame},{self.id},{box},{self.score / 1000:.3f},{number},-1,-1"


class Follower:
    """Collects the rows of a video, frame by frame, with or without tracks.

    A track's first boxes are kept back until it is confirmed, then they count from its first on.

    Args:
        named: whether rows say their class: of a track, the one that it has by then.
    """

    def __init__(self, fps: float, tracked: bool, named: bool = False) -> None:
        self._fps = fps
        self._tracked = tracked
        self._named = named
        self._tracks = tracking.EMPTY
        self._rows: list[Row] = []
        self._confirmed: set[int] = set()

    def take(
        self,
        frame: int,
        boxes: NDArray[np.int32],
        classes: NDArray[np.uint8],
        scores: NDArray[np.uint16],
        time: Micros | None = None,
    ) -> None:
        """The detections of the frame (counted from 1), as ``streams.events.Detections`` has.

        ``time``: of the frame; None: as its number says.
        """
        ids, kinds = np.full(len(scores), UNTRACKED, np.int64), classes.astype(np.int64)
        if self._tracked:
            if time is None:
                time = round(frame * SECOND / self._fps)
            seen = (each.tobytes() for each in (boxes, classes, scores))
            view = tracking.follow(self._tracks, time, *seen)
            self._tracks = view.tracks
            shown = view.match >= 0
            ids[view.match[shown]] = view.facts[ID][shown]
            kinds[view.match[shown]] = view.facts[LABEL][shown]
            sure = view.facts[HITS] >= tracking.CONFIRMED
            self._confirmed.update(view.facts[ID][sure].tolist())
        self._rows += [
            Row(frame, track, x0, y0, x1, y1, score, kind if self._named else UNNAMED)
            for track, (x0, y0, x1, y1), score, kind in zip(
                ids.tolist(), boxes.tolist(), scores.tolist(), kinds.tolist(), strict=True
            )
        ]

    @property
    def rows(self) -> list[Row]:
        """By frame; with tracks, only boxes of confirmed ones, ids in the order of appearance."""
        if not self._tracked:
            return self._rows
        kept = [row for row in self._rows if row.id in self._confirmed]
        number = {track: at for at, track in enumerate(dict.fromkeys(row.id for row in kept), 1)}
        return sorted(row._replace(id=number[row.id]) for row in kept)


def write(path: Path, rows: Iterable[Row]) -> None:
    """Raises OSError."""
    with written(path) as file:
        file.writelines(f"{row}\n" for row in rows)
