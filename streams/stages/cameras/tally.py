"""How many different objects of each class a camera sees in a minute, in all and by zone."""

from collections.abc import Iterator

import msgspec
import numpy as np

from models.labels import CLASSES
from streams.events import MINUTE, Counts, Micros, Origin
from streams.stage import Output
from streams.stages.cameras.masks import every
from streams.stages.cameras.scene import Scene
from streams.stages.cameras.tracking import LABEL, TALLIED, Ints
from streams.topics import COUNTS

MOST_ZONES = 30
"""Of one camera; a track remembers in the bits of one int32 where it has been counted."""

_BITS = (1 << np.arange(1 + MOST_ZONES)).astype(np.int32)
_PLACES = (len(CLASSES) * np.arange(1 + MOST_ZONES)).astype(np.int32)
"""By row: its bit, and where its classes begin in a row of ``numbers``."""


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
    facts = scene.view.facts
    row, track = scene.visible[: 1 + len(tally.zones)].nonzero()
    place = _PLACES[row]
    place += facts[LABEL][track]
    numbers = np.frombuffer(tally.numbers, np.int32).reshape(2, -1)
    now = np.bincount(place, minlength=numbers.shape[1])
    counted, bits = facts[TALLIED], _BITS[row]
    before = counted[track] & bits
    if np.count_nonzero(before) == len(track) and every(now <= numbers[1]):
        return tally
    fresh = before == 0
    numbers = numbers.copy()
    numbers[0] += np.bincount(place[fresh], minlength=numbers.shape[1])
    np.maximum(numbers[1], now, out=numbers[1], casting="unsafe")
    np.bitwise_or.at(counted, track, bits)
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
