"""How many different objects of each class a camera sees in a minute, in all and by zone."""

from collections.abc import Iterator

import msgspec
import numpy as np

from models.labels import CLASSES
from streams.events import MINUTE, Counts, Micros, Origin
from streams.stage import Output
from streams.stages.cameras.scene import Scene
from streams.stages.cameras.tracking import TALLIED, Ints
from streams.topics import COUNTS

MOST_ZONES = 30
"""Of one camera; a track remembers in the bits of one int32 where it has been counted."""


class Tally(msgspec.Struct, frozen=True, array_like=True):
    """The minute that is being counted."""

    minute: Micros = 0
    """Its start."""
    zones: tuple[str, ...] = ()
    numbers: bytes = b""
    """int32 [2, 1 + zones, classes]: different tracks, most at once; row 0: the whole picture."""


EMPTY = Tally()


def begin(time: Micros, zones: tuple[str, ...]) -> Tally:
    """An empty minute; the tracks' bits must be cleared with it."""
    return Tally(time - time % MINUTE, zones, bytes(8 * (1 + len(zones)) * len(CLASSES)))


def add(tally: Tally, scene: Scene) -> Tally:
    """Counts a frame, and marks in the scene's tracks (in place) where they have been counted."""
    rows = 1 + len(tally.zones)
    where = np.empty((rows, len(scene.visible)), bool)
    where[0] = scene.visible
    np.logical_and(scene.inside[: rows - 1], scene.visible, out=where[1:])
    row, track = np.nonzero(where)
    place = row * len(CLASSES) + scene.labels[track]
    numbers = np.frombuffer(tally.numbers, np.int32).reshape(2, -1)
    now = np.bincount(place, minlength=numbers.shape[1])
    counted = scene.view.facts[TALLIED]
    fresh = (counted[track] >> row) & 1 == 0
    if not fresh.any() and (now <= numbers[1]).all():
        return tally
    numbers = numbers.copy()
    numbers[0] += np.bincount(place[fresh], minlength=numbers.shape[1])
    np.maximum(numbers[1], now, out=numbers[1], casting="unsafe")
    np.bitwise_or.at(counted, track, (1 << row).astype(np.int32))
    return msgspec.structs.replace(tally, numbers=numbers.tobytes())


def close(tally: Tally, camera: str, origin: Origin) -> Iterator[Output]:
    """What was counted, by zone and class."""
    numbers: Ints = np.frombuffer(tally.numbers, np.int32).reshape(2, -1, len(CLASSES))
    if not numbers.size:
        return
    for row, zone in enumerate(("", *tally.zones)):
        for label, name in enumerate(CLASSES):
            tracks, peak = numbers[:, row, label].tolist()
            if tracks:
                event = Counts(camera, zone, tally.minute, MINUTE, origin, name, tracks, peak)
                yield Output(COUNTS, event, camera)
