"""Times of the readings of a feed that goes by arrival, whatever its devices' clocks say.

The newest reading of a source in a pack gets the partition's last tick; those before it keep the
distances that the device says, thirty days at most. Each is later than all that came of its source
before: so several packs between two ticks lie microseconds behind each other, and distances that
are longer than the time since the pack before are pressed together.

A reading that comes again, or has more metrics to say, is known by its device's time, and gets the
time that it got first: everything else is then as for any feed. A clock that steps back onto the
very times of the latest readings cannot be told from a repetition.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.scorer import WINDOW
from streams.control import ABSURD_BEHIND
from streams.events import Micros
from streams.sensors.reordering import Rows

REMEMBERED = WINDOW
"""Readings of a source that are known when they come again: as many as its window holds."""
EARLIEST: Micros = -62_135_596_800_000_000
"""0001-01-01, and 9999-12-31T23:59:59: what the history can hold of a device's time."""
LATEST: Micros = 253_402_300_799_000_000


class Arrivals(msgspec.Struct, frozen=True, array_like=True):
    """Of a gateway's sensors of one feed; arrays over n slots, as bytes, oldest first."""

    device: bytes = b""
    """int64 [n, REMEMBERED]: what the device said."""
    time: bytes = b""
    """int64 [n, REMEMBERED]: when it arrived, ascending; 0: nothing yet."""

    def read(self, slots: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """(device, time), both [slots, REMEMBERED] and writable."""
        new = bytes(8 * REMEMBERED * slots - len(self.time))
        device, time = (
            np.frombuffer(array + new, "<i8").reshape(slots, REMEMBERED).copy()
            for array in (self.device, self.time)
        )
        return device, time


def timed(
    arrivals: Arrivals, rows: Rows, slots: int, tick: Micros
) -> tuple[Arrivals, Rows, NDArray[np.bool_]]:
    """Readings of one pack by arrival, with their devices' times beside; and [n] which are new.

    Args:
        rows: n of them, by their devices' times, between EARLIEST and LATEST.
        slots: of the gateway's roster.
        tick: the last one.
    """
    said = rows.time
    device, time = arrivals.read(slots)
    same = (device[rows.slot] == said[:, None]) & (time[rows.slot] > 0)
    known = same.any(axis=1)
    given = np.zeros(len(rows), np.int64)
    given[known] = time[rows.slot[known], same[known].argmax(axis=1)]
    if not known.all():
        fresh = np.flatnonzero(~known)
        fresh = fresh[np.lexsort((said[fresh], rows.slot[fresh]))]
        slot, told = rows.slot[fresh], said[fresh]
        first = np.ones(len(fresh), np.bool_)
        first[1:] = (slot[1:] != slot[:-1]) | (told[1:] != told[:-1])
        own = _new(slot[first], told[first], time[:, -1], tick)
        given[fresh] = own[np.cumsum(first) - 1]
        _remember(device, time, slot[first], told[first], own)
        arrivals = Arrivals(device.tobytes(), time.tobytes())
    return arrivals, Rows(rows.slot, given, rows.values, rows.origin, said), ~known


def _new(
    slot: NDArray[np.uint16], said: NDArray[np.int64], last: NDArray[np.int64], tick: Micros
) -> NDArray[np.int64]:
    """[n]: when readings arrived, in order of slot and device's time, no two alike.

    Args:
        last: [slots] when the latest reading before them arrived.
    """
    begins, lengths, nth = _groups(slot)
    number, before = np.repeat(lengths, lengths), last[slot]
    newest = np.maximum(tick, before + number)
    least = np.maximum(before, newest - number - ABSURD_BEHIND) + nth
    distance = np.repeat(said[begins + lengths - 1], lengths) - said
    time: NDArray[np.int64] = np.maximum(least, newest - distance)
    return time


def _remember(
    device: NDArray[np.int64],
    time: NDArray[np.int64],
    slot: NDArray[np.uint16],
    said: NDArray[np.int64],
    own: NDArray[np.int64],
) -> None:
    """Writes the latest of them into what is remembered, [slots, REMEMBERED]."""
    _, lengths, nth = _groups(slot)
    kept = nth > np.repeat(lengths, lengths) - REMEMBERED
    for number in np.unique(nth[kept]).tolist():
        at = kept & (nth == number)
        for array, new in ((device, said), (time, own)):
            array[slot[at], :-1] = array[slot[at], 1:]
            array[slot[at], -1] = new[at]


def _groups(
    slot: NDArray[np.uint16],
) -> tuple[NDArray[np.intp], NDArray[np.intp], NDArray[np.intp]]:
    """(where each slot begins; how many it has; [n] the how-manieth of its slot each is, from 1).

    Args:
        slot: [n], ascending.
    """
    begins = np.flatnonzero(np.diff(slot.astype(np.int64), prepend=-1))
    lengths = np.diff(begins, append=len(slot))
    return begins, lengths, np.arange(1, len(slot) + 1) - np.repeat(begins, lengths)
