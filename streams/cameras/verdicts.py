"""What a picture is worth: whether anything can be judged by it, before any network looks.

Decided by whole numbers from a sample of the picture, one green value of 36,864 places at the most,
so that it costs a fraction of a millisecond and falls the same way everywhere. It errs on the good
side: night, fog and a sky that is too bright are good pictures.
"""

from functools import lru_cache
from typing import NamedTuple
from zlib import crc32

import msgspec
import numpy as np
from numpy.typing import NDArray

from streams.cameras import gate, view
from streams.events import SECOND, Micros, Verdict

_ROWS, _COLUMNS, _SIDE = 18, 32, 8
"""Cells of the sample, and places in a cell along each side."""
_CELLS = _ROWS * _COLUMNS
_MOST = _CELLS * 49 // 50
"""What is called nearly every cell: one lamp in the night lights more than the rest."""
_BLACK = 10
"""Grey levels, 0 to 255: where nearly every cell is darker there is no light, or no lens."""
_WHITE = 250
"""Where half of the cells are brighter the sun, or a lamp, shines into it."""
_ALIKE = 6
"""Where nearly every cell is this near to the middle one something is right before the lens …"""
_SMOOTH = 2
"""… if neighbouring places differ by no more than this on average: it is too near to be sharp."""
_GREY = range(120, 141)
"""What decoders put where data is lost."""
_LOST = 3
"""Rows of cells that are of one grey from edge to edge, in a picture that otherwise is not."""
FROZEN_AFTER: Micros = 5 * SECOND
FROZEN_PICTURES = 3
"""For so long, and so many, pictures must be the same to the last bit: no sensor is so still."""


class Look(NamedTuple):
    verdict: Verdict
    """Of the picture by itself."""
    mark: int
    """The same of pictures that are the same."""
    cells: bytes = b""
    """See ``streams.cameras.gate.thumbnail``."""
    outline: bytes = b""
    """See ``streams.cameras.view``."""
    light: int = 0
    """Mean grey level of the picture."""


REMEMBERED: Micros = 30 * SECOND
"""For so long a picture that comes between others is known again."""


class Repeated(NamedTuple):
    """A picture that was seen before the last."""

    mark: int
    since: Micros
    pictures: int
    last: Micros
    """When it was seen last."""


class Stillness(msgspec.Struct, frozen=True, array_like=True):
    """How long a camera's pictures have been the same, or every second of them."""

    mark: int = 0
    """Of its last picture."""
    since: Micros = 0
    pictures: int = 0
    last: Micros = 0
    other: Repeated | None = None
    """The one before it."""


def look(image: NDArray[np.uint8]) -> Look:
    """Of a picture, BGR uint8 [height, width, 3], of any size."""
    height, width = image.shape[:2]
    down, right = _places(height, width)
    # Whole rows first: picked in one step, place by place, it takes numpy four times as long.
    sample = image[down][:, right, 1]
    added = gate.sums(sample)
    blocks = added.astype(np.int32)
    light = int(blocks.sum()) // sample.size
    mark, cells, outline = crc32(sample.tobytes()), gate.thumbnail(added), view.outline(blocks)
    return Look(_verdict(sample, blocks), mark, cells, outline, light)


@lru_cache(maxsize=64)
def _places(height: int, width: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows and columns of a picture of that size that make its sample."""
    rows, columns = _ROWS * _SIDE, _COLUMNS * _SIDE
    return np.arange(rows) * height // rows, np.arange(columns) * width // columns


def still(before: Stillness, seen: Look, time: Micros) -> Stillness:
    """After one more picture."""
    mark, other = seen.mark, before.other
    if not before.pictures:
        return Stillness(mark, time, 1, time)
    if mark == before.mark:
        return Stillness(mark, before.since, before.pictures + 1, time, other)
    # A recorder that hangs may well show its last picture between new ones. Where it comes seldomer
    # than each second time, a film is repeated that shows it for longer, or a still street again.
    aside = Repeated(before.mark, before.since, before.pictures, before.last)
    if other and mark == other.mark and time - other.last <= REMEMBERED:
        return Stillness(mark, other.since, other.pictures + 1, time, aside)
    return Stillness(mark, time, 1, time, aside)


def judged(seen: Look, stillness: Stillness, time: Micros) -> Verdict:
    """What the picture is worth after those before it; ``stillness`` counts it already."""
    lasts = time - stillness.since >= FROZEN_AFTER and stillness.pictures >= FROZEN_PICTURES
    # What is dark or covered may well be still, and says more of what to do.
    return "frozen" if lasts and seen.verdict == "good" else seen.verdict


def _verdict(sample: NDArray[np.uint8], blocks: NDArray[np.int32]) -> Verdict:
    flat = sample.reshape(_ROWS, -1)
    grey = (flat[:, 0] >= _GREY.start) & (flat[:, 0] < _GREY.stop)
    lost = np.count_nonzero((flat == flat[:, :1]).all(1) & grey) if grey.any() else 0
    if _LOST <= lost < _ROWS:
        return "damaged"
    by = view.ROWS // _ROWS
    cells = blocks.reshape(_ROWS, by, _COLUMNS, by).sum((1, 3)).ravel() // _SIDE**2
    if np.count_nonzero(cells <= _BLACK) >= _MOST:
        return "dark"
    if np.count_nonzero(cells >= _WHITE) * 2 >= _CELLS:
        return "blinded"
    middle = int(np.partition(cells, _CELLS // 2)[_CELLS // 2])
    if np.count_nonzero(np.abs(cells - middle) <= _ALIKE) >= _MOST:
        signed = sample.astype(np.int64)
        if np.abs(np.diff(signed, axis=1)).sum() <= _SMOOTH * sample.size:
            return "covered"
    return "good"
