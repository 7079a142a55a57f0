"""Whether a model need look at a picture: not where nothing has changed since it last looked.

Decided by whole numbers from the grey levels of 2,304 cells of the picture, so that it costs a
fraction of a millisecond and falls the same way everywhere. A change is what one cell, or four of
them together, shows beyond noise and light: the picture before is brought to the brightness and
contrast of this one first. It is always compared with the picture that was looked at, never with
the one before, so nothing creeps past. docs/decisions/0037-what-did-not-change-is-as-it-was.md.
"""

from functools import lru_cache
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.cameras.tracking import CONFIRMED
from streams.events import SECOND, Micros

ROWS, COLUMNS, SIDE = 36, 64, 4
"""Cells of a thumbnail, and places of the sample in a cell along each side."""
LOOKS = CONFIRMED
"""So many looks in a row must show the same before any is left out: what has just come is an
object as soon as if all pictures were looked at, and what a model sees in some only is never
repeated."""
LONGEST: Micros = SECOND
"""A picture that is so much later than the last that was looked at is looked at. Whatever cannot
be seen in the cells is found this much later, at the most."""
LEAST = (12, 5)
"""Grey levels of a change, in one cell and in four: less is no object."""
NOISE = 8
"""And so many times what half of the cells differ by at least: 5.4 standard deviations."""
MOST = 48
"""Grey levels that are a change in any noise."""
GAIN = 8
"""A light that grows or fades by one part in so many is none."""
STANDS_PART, STANDS_TENTHS = 4, 15
"""A box stands while its centre moves by less than this part of its size and these tenths of a
pixel, as of a track (``_frame.STILL``, ``_frame.JITTER``)."""


class Looked(msgspec.Struct, frozen=True, array_like=True):
    """The last picture of a camera that a model looked at."""

    time: Micros = 0
    """0: none, or nothing may be taken for it."""
    sequence: int = 0
    """Of the last change of the configuration until then."""
    model: str = ""
    width: int = 0
    height: int = 0
    cells: bytes = b""
    """See ``thumbnail``."""
    boxes: bytes = b""
    """int32 [n, 4]: where the model is sure that something is, in tenths of a pixel."""
    classes: bytes = b""
    """uint8 [n]."""
    looks: int = 0
    """In a row that have shown the same, up to ``LOOKS``."""


NEVER = Looked()


def sums(sample: NDArray[np.uint8]) -> NDArray[np.uint16]:
    """[ROWS, COLUMNS]: of each cell of a sample, [ROWS * SIDE, COLUMNS * SIDE]."""
    # Column by column and row by row: several times faster than a sum over two axes of four.
    wide = np.zeros((ROWS * SIDE, COLUMNS), np.uint16)
    added = np.zeros((ROWS, COLUMNS), np.uint16)
    for at in range(SIDE):
        wide += sample[:, at::SIDE]
    for at in range(SIDE):
        added += wide[at::SIDE]
    return added


def thumbnail(added: NDArray[np.uint16]) -> bytes:
    """uint8 [ROWS, COLUMNS]: the mean of each cell, of whose sums see ``sums``."""
    return (added // SIDE**2).astype(np.uint8).tobytes()


def is_as(last: Looked, now: Looked) -> bool:
    """Whether a picture, ``now``, shows what the last one that was looked at shows.

    Args:
        now: the picture if it were looked at; its boxes and its number of looks do not matter.
    """
    return (
        last.looks >= LOOKS
        and 0 < now.time - last.time < LONGEST
        and (last.sequence, last.model, last.width, last.height)
        == (now.sequence, now.model, now.width, now.height)
        and not changed(last.cells, now.cells)
    )


def after_look(last: Looked, now: Looked) -> Looked:
    """What is remembered of a picture that was looked at: how many looks have shown the same."""
    same = (last.model, last.width, last.height) == (now.model, now.width, now.height)
    again = last.looks if same and last.time and stands(last, now) else 0
    return msgspec.structs.replace(now, looks=min(again + 1, LOOKS))


@lru_cache(maxsize=64)  # who prepares a picture asks, and who decides asks again
def changed(before: bytes, now: bytes) -> bool:
    """Whether anything differs between two thumbnails but noise and light."""
    old = np.frombuffer(before, np.uint8).reshape(ROWS, COLUMNS).astype(np.int64)
    new = np.frombuffer(now, np.uint8).reshape(ROWS, COLUMNS).astype(np.int64)
    return _differs(old, new, LEAST[0], 1) or _differs(_fours(old), _fours(new), LEAST[1], 4)


def stands(last: Looked, now: Looked) -> bool:
    """Whether two looks have found the same things in the same places."""
    if sorted(last.classes) != sorted(now.classes):
        return False
    old = np.frombuffer(last.boxes, "<i4").reshape(-1, 4).astype(np.int64)
    new = np.frombuffer(now.boxes, "<i4").reshape(-1, 4).astype(np.int64)
    size = old[:, None, 2:] - old[:, None, :2]
    far = np.abs(old[:, None, :2] + old[:, None, 2:] - new[None, :, :2] - new[None, :, 2:])
    near = (far * STANDS_PART <= 2 * (size + STANDS_PART * STANDS_TENTHS)).all(2)
    near &= np.frombuffer(last.classes, "u1")[:, None] == np.frombuffer(now.classes, "u1")
    return bool(near.any(0).all() and near.any(1).all())


def _fours(cells: NDArray[np.int64]) -> NDArray[np.int64]:
    """Sums of four cells each."""
    sums: NDArray[np.int64] = cells.reshape(ROWS // 2, 2, COLUMNS // 2, 2).sum((1, 3))
    return sums


def _differs(old: NDArray[np.int64], new: NDArray[np.int64], least: int, unit: int) -> bool:
    """Whether a cell does, once the old ones have the light of the new ones.

    Args:
        unit: of the values, in one grey level.
    """
    n = old.size
    sums = int(old.sum()), int(new.sum())
    # Least squares: new = old * gain / spread + some level. All of it fits in 64 bits.
    spread = n * int((old * old).sum()) - sums[0] ** 2
    gain = n * int((old * new).sum()) - sums[0] * sums[1]
    if not spread:
        spread = gain = 1
    gain = min(max(gain, spread - spread // GAIN), spread + spread // GAIN)
    apart: NDArray[Any] = (new * spread - old * gain).ravel()
    # The middle one, not the mean: what has come, however large, is no light.
    apart = np.abs(apart - _middle(apart))
    limit = min(max(least * unit * spread, NOISE * _middle(apart)), MOST * unit * spread)
    return bool(int(apart.max()) > limit)


def _middle(values: NDArray[np.int64]) -> int:
    return int(np.partition(values, values.size // 2)[values.size // 2])
