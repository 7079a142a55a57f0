"""Signs of life of sensors that are told apart from the time of their readings.

A reading in time says itself when its source lived. One that is late, ahead, or of a slow source
says only that the source lived when it arrived: that is a word, and waits for the watermark as
readings do.
"""

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.events import Micros


class Words(msgspec.Struct, frozen=True, array_like=True):
    """Of a gateway's sensors of one feed; n words in order of (time, slot), each once."""

    slot: bytes = b""
    """uint16 [n]"""
    time: bytes = b""
    """int64 [n]: when the source is taken to have lived."""

    def __len__(self) -> int:
        return len(self.slot) // 2

    def read(self) -> tuple[NDArray[np.uint16], NDArray[np.int64]]:
        return np.frombuffer(self.slot, "<u2"), np.frombuffer(self.time, "<i8")


def spoken(words: Words, slot: NDArray[np.uint16], time: NDArray[np.int64]) -> Words:
    """With those of the given slots, one of each slot and time."""
    if not len(slot):
        return words
    slots, times = words.read()
    return _of(np.concatenate((slots, slot)), np.concatenate((times, time)))


def passed(words: Words, before: Micros) -> tuple[NDArray[np.uint16], NDArray[np.int64], Words]:
    """(slots and times of those earlier than ``before``, in order of time; those that wait on)."""
    slots, times = words.read()
    due = times < before
    return slots[due], times[due], _of(slots[~due], times[~due]) if due.any() else words


def _of(slot: NDArray[np.uint16], time: NDArray[np.int64]) -> Words:
    pairs = np.unique(np.stack((time, slot.astype(np.int64)), axis=1), axis=0)
    return Words(pairs[:, 1].astype("<u2").tobytes(), pairs[:, 0].astype("<i8").tobytes())
