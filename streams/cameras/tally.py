"""How many different objects of each class a camera sees in a minute, in all and by zone."""

from collections.abc import Iterator

import msgspec
import numpy as np

from models.labels import CLASSES
from streams.cameras import _frame
from streams.cameras.tracking import Ints, View
from streams.events import MINUTE, Counts, Micros, Origin
from streams.stage import Output
from streams.topics import COUNTS

CLASSES_BEFORE = 5
"""Before there was "vehicle" (release 0.1)."""
MOST_ZONES = 30
"""Of one camera; a track remembers in the bits of one int32 where it has been counted."""


class Tally(msgspec.Struct, frozen=True, array_like=True):
    """The minute that is being counted."""

    minute: Micros = 0
    """Its start."""
    zones: tuple[str, ...] = ()
    numbers: bytes = b""
    """int32 [2, 1 + zones, classes]: different tracks, most at once; row 0: the whole picture."""

    def __post_init__(self) -> None:
        """A stored tally of another size is refused when it is read: closing it would stop time.

        One of an earlier release, which knew fewer classes, has counted none of the others.

        Raises:
            ValueError: ``numbers`` is not of so many zones.
        """
        rows = 2 * (1 + len(self.zones))
        if len(self.numbers) == 4 * rows * CLASSES_BEFORE:
            before = np.frombuffer(self.numbers, np.int32).reshape(rows, CLASSES_BEFORE)
            wider = np.pad(before, ((0, 0), (0, len(CLASSES) - CLASSES_BEFORE)))
            msgspec.structs.force_setattr(self, "numbers", wider.tobytes())
        if self.numbers and len(self.numbers) != 8 * (1 + len(self.zones)) * len(CLASSES):
            raise ValueError("a tally's numbers are not of as many zones as it names")


EMPTY = Tally()


def begin(time: Micros, zones: tuple[str, ...]) -> Tally:
    """An empty minute."""
    return Tally(time - time % MINUTE, zones, bytes(8 * (1 + len(zones)) * len(CLASSES)))


def add(
    tally: Tally, view: View, within: bytes, *, first: bool, scenery: bytes = b""
) -> tuple[Tally, View]:
    """Counts a frame; the view's tracks remember where they have been counted.

    Args:
        within: bool [zones, n]: in which zones the tracks are, those of the tally before others.
        first: whether the tally is an empty one, so that nothing was counted in it yet.
        scenery: uint8 [n]: above 0 where a track is none to be counted; empty: all are.
    """
    tracks = view.tracks
    found = view.found
    if scenery:
        found = np.where(np.frombuffer(scenery, np.uint8), np.int32(-1), view.match).tobytes()
    facts, numbers = _frame.tally(
        tracks.facts, found, within, len(tally.zones), tally.numbers, first
    )
    if numbers == tally.numbers and facts == tracks.facts:
        return tally, view
    counted = msgspec.structs.replace(tracks, facts=facts)
    return Tally(tally.minute, tally.zones, numbers), View(counted, view.found)


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
