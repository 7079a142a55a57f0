"""Boxes and tracks as MOTChallenge's text files.

One line a box: ``frame,id,left,top,width,height,confidence,x,y,z`` (frames and ids count from 1,
pixels; id -1: no track; x, y, z are -1 in two dimensions), as https://motchallenge.net/instructions/
says of results.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.cameras import tracking
from streams.cameras.tracking import HITS, ID
from streams.events import SECOND

UNTRACKED = -1


class Row(NamedTuple):
    """One box of one frame; tenths of a pixel, thousandths."""

    frame: int
    id: int
    x0: int
    y0: int
    x1: int
    y1: int
    score: int

    def __str__(self) -> str:
        left, top = self.x0 / 10, self.y0 / 10
        width, height = (self.x1 - self.x0) / 10, (self.y1 - self.y0) / 10
        box = f"{left:.1f},{top:.1f},{width:.1f},{height:.1f}"
        return f"{self.frame},{self.id},{box},{self.score / 1000:.3f},-1,-1,-1"


class Follower:
    """Collects the rows of a video, frame by frame, with or without tracks.

    A track's first boxes are kept back until it is confirmed, then they count from its first on.
    """

    def __init__(self, fps: float, tracked: bool) -> None:
        self._fps = fps
        self._tracked = tracked
        self._tracks = tracking.EMPTY
        self._rows: list[Row] = []
        self._confirmed: set[int] = set()

    def take(
        self,
        frame: int,
        boxes: NDArray[np.int32],
        classes: NDArray[np.uint8],
        scores: NDArray[np.uint16],
    ) -> None:
        """The detections of the frame (counted from 1), as ``streams.events.Detections`` has."""
        ids = np.full(len(scores), UNTRACKED, np.int64)
        if self._tracked:
            time = round(frame * SECOND / self._fps)
            seen = (each.tobytes() for each in (boxes, classes, scores))
            view = tracking.follow(self._tracks, time, *seen)
            self._tracks = view.tracks
            shown = view.match >= 0
            ids[view.match[shown]] = view.facts[ID][shown]
            sure = view.facts[HITS] >= tracking.CONFIRMED
            self._confirmed.update(view.facts[ID][sure].tolist())
        self._rows += [
            Row(frame, track, x0, y0, x1, y1, score)
            for track, (x0, y0, x1, y1), score in zip(
                ids.tolist(), boxes.tolist(), scores.tolist(), strict=True
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
    """Writes the file in one go: it is there whole, or as it was before."""
    part = path.with_name(path.name + ".part")
    part.write_text("".join(f"{row}\n" for row in rows))
    part.replace(path)
