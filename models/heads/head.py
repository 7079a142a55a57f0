"""What a head is: a network's outputs in, candidates for boxes out, before any suppression."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from models.manifest import Manifest

PER_ONE = 1000
"""Scores are whole thousandths."""
NEVER = PER_ONE + 1
"""As a floor: no score reaches it."""


class Candidates(NamedTuple):
    """Boxes that a network may have meant, in the order of its output; n of them."""

    corners: NDArray[np.float64]
    """[n, 4]: x0, y0, x1, y1 in pixels of the network's input."""
    classes: NDArray[np.intp]
    """[n]: the model's own class index."""
    scores: NDArray[np.int64]
    """[n]: thousandths, none below its class's floor."""


class Head(Protocol):
    """One kind of output, of one model."""

    classes: int
    """How many the model tells apart; a manifest may name none beyond."""

    def __init__(self, manifest: Manifest, options: dict[str, Any]) -> None:
        """Args: options: the manifest's postprocessing without what all heads share.

        Raises:
            ValueError: the manifest's shapes or options are none of this head; says which.
        """

    def read(self, outputs: Sequence[NDArray[np.float32]], floors: NDArray[np.int64]) -> Candidates:
        """What is in the outputs of one picture, in the order of the manifest.

        Args:
            floors: [classes], thousandths: the lowest score of each class; NEVER: not wanted.
        """
        ...


def thousandths(scores: NDArray[np.floating[Any]]) -> NDArray[np.int64]:
    """Scores as whole thousandths; 0 where a network has said what is no score. Any shape."""
    possible = (scores >= 0) & (scores < 1 + 1 / PER_ONE)
    whole = np.rint(np.minimum(np.where(possible, scores, 0), 1) * PER_ONE)
    found: NDArray[np.int64] = whole.astype(np.int64)
    return found


def each(scores: NDArray[np.float32], floors: NDArray[np.int64]) -> tuple[NDArray[np.intp], ...]:
    """(rows [n], classes [n], thousandths [n]) of every score [rows, classes] above its floor.

    Each class for itself: thresholds differ so much between classes that the best one of a row may
    be below its own while another is above.
    """
    # A float is looked at exactly only where it can reach its floor.
    near = scores >= (floors - 1).astype(np.float32) / np.float32(PER_ONE)
    rows, classes = np.nonzero(near & (floors < NEVER))
    found = thousandths(scores[rows, classes].astype(np.float64))
    above = found >= floors[classes]
    return rows[above], classes[above], found[above]


def insist(manifest: Manifest, *shapes: str) -> list[tuple[int, ...]]:
    """The outputs' shapes, where they are of these forms: as ``1 n 4``, a letter for any number.

    Raises:
        ValueError: there are more or fewer, or one is of another form.
    """
    found = [tensor.shape for tensor in manifest.outputs]
    if len(found) != len(shapes):
        raise ValueError(f"{len(shapes)} outputs are read, the manifest has {len(found)}")
    for tensor, form in zip(manifest.outputs, shapes, strict=True):
        wanted = form.split()
        fits = len(wanted) == len(tensor.shape) and all(
            not letter.isdigit() or int(letter) == size
            for letter, size in zip(wanted, tensor.shape, strict=True)
        )
        if not fits:
            said = ", ".join(map(str, tensor.shape))
            raise ValueError(f"output {tensor.name} is [{said}], not [{', '.join(wanted)}]")
    return found
