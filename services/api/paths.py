"""The ways that what moves before a camera has come, for whoever looks at a wall.

What is seen is followed here as the stage that judges it does, from the same detections, but only
while somebody looks, and from then on (decision 0134). Nothing is decided by it.
"""

from typing import NamedTuple

import numpy as np

from streams.cameras import tracking
from streams.cameras.tracking import CONFIRMED, HITS, ID, View
from streams.events import SECOND, Detections, Micros
from streams.rules.camera import check

RECENT: Micros = 10 * SECOND
"""So far back a path goes, at most."""
POINTS = 12
"""Of one path, at most."""
STEP = 30
"""Thousandths of the picture from one point to the next, at least: who stands has no path."""


class Point(NamedTuple):
    time: Micros
    x: int
    """Of the foot, in thousandths of the picture's width."""
    y: int


class Paths:
    """Of one camera, as far as its detections were handed to ``follow``, in order."""

    def __init__(self) -> None:
        self._tracks = tracking.EMPTY
        self._looked: Detections | None = None
        """The last that a model looked at."""
        self._come: dict[int, tuple[Point, ...]] = {}
        """By the ids of tracks, the oldest point first; the last is where it was seen last."""
        self._objects: frozenset[int] = frozenset()

    @property
    def time(self) -> Micros:
        """Of the picture up to which all is followed; 0: of none."""
        return self._tracks.time

    def follow(self, event: Detections) -> None:
        """What is not later than the last, and a picture that is not good, changes nothing.

        Raises:
            BadMessage: ``wrong_type``.
        """
        if event.late or event.time <= self._tracks.time or event.verdict != "good":
            return
        before = self._looked
        if not event.as_of:
            self._see(event, before)
        elif before and before.time == event.as_of:
            as_before = before.boxes, before.classes, before.scores
            self._tracks = tracking.remain(self._tracks, event.time, *as_before)
            self._forget(View(self._tracks, b""))

    def drawn(self, most: int) -> list[list[int]]:
        """Of each thing that has moved lately x, y, x, y and so on, in thousandths of the picture,
        the oldest point first.

        Args:
            most: points of all of them together. Where it is too few each path is shortened, and
                then who began first is left out.
        """
        ways = [come for number, come in self._come.items() if number in self._objects]
        ways = [come for come in ways if len(come) > 1]
        ways = ways[max(0, len(ways) - most // 2) :]
        each = max(2, most // len(ways)) if ways else 0
        return [[one for point in come[-each:] for one in point[1:]] for come in ways]

    def _see(self, event: Detections, before: Detections | None) -> None:
        check(event)
        if before and _shape(before) != _shape(event):
            self._tracks = tracking.cleared(self._tracks)
        view = tracking.follow(self._tracks, event.time, event.boxes, event.classes, event.scores)
        self._tracks, self._looked = view.tracks, event
        boxes, _, _ = event.arrays()
        feet = (boxes[:, (0, 1)] + boxes[:, (2, 3)]) / 2
        feet[:, 1] = boxes[:, 3]
        feet = np.clip(feet * 100 / (event.width, event.height), 0, 1000).round().astype(int)
        for number, index in zip(view.facts[ID].tolist(), view.match.tolist(), strict=True):
            if index >= 0:
                x, y = feet[index].tolist()
                come = self._come.get(number, ())
                self._come[number] = _longer(come, Point(event.time, x, y))
        self._forget(view)

    def _forget(self, view: View) -> None:
        """Those that are no more, and of the others what is long ago."""
        numbers, hits = view.facts[ID], view.facts[HITS]
        self._objects = frozenset(numbers[hits >= CONFIRMED].tolist())
        since = self._tracks.time - RECENT
        self._come = {
            number: tuple(point for point in self._come[number] if point.time >= since)
            for number in numbers.tolist()
            if number in self._come
        }


def _shape(event: Detections) -> tuple[int, int, int]:
    """Nothing is followed from a picture to one of another."""
    return event.width, event.height, event.view


def _longer(come: tuple[Point, ...], point: Point) -> tuple[Point, ...]:
    """The last point is moved along until it is far enough from the one before it."""
    kept = come[:-1] if len(come) > 1 and not _apart(come[-2], come[-1]) else come
    if len(kept) == 1 and not _apart(kept[0], point):
        return kept  # it has not gone anywhere
    return (*kept, point)[-POINTS:]


def _apart(one: Point, other: Point) -> bool:
    return max(abs(one.x - other.x), abs(one.y - other.y)) >= STEP
