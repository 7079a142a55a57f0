"""From a network's scores to what a score means in the city, whatever model gave it.

Networks spread their scores differently, and one network its classes: 0.12 may be as sure of a
two-wheeler as 0.6 of a car. So a manifest says, class by class, from which score on something new
is believed (``begin``), and that becomes ``BEGIN`` in every message; what is below it down to
``score`` is handed over too: it may continue what is already followed. The map is straight on both
sides: 0 stays 0, 1 stays 1. A manifest without ``begin`` keeps its scores (decision 0034).
"""

from collections.abc import Sequence

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.heads.head import NEVER, PER_ONE

BEGIN = 500
"""Thousandths: the score from which on something new is believed, of every class and model."""


class Thresholds(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a detector's manifest says; each 0 to 1, of the network's own scores."""

    score: float | dict[str, float]
    """The lowest that is handed over, for all classes or by class."""
    overlap: float
    """IoU above which a box hides a worse one of its class."""
    overlap_across: float = 1.0
    """The same of another class; 1: never."""
    begin: float | dict[str, float] = BEGIN / PER_ONE
    """From which on something new is believed, for all classes or by class."""
    riders: float | None = None
    """Share of a person's box or a two-wheeler's from which both are one; None: each for itself."""


class Levels:
    """The thresholds of one model, ready to be used.

    Args:
        vocabulary: of the model's task.
        named: the model's class index to a name of the vocabulary.

    Raises:
        ValueError: a threshold that is none, or of a class that the model does not name.
    """

    def __init__(
        self, told: Thresholds, vocabulary: Sequence[str], named: dict[int, str], classes: int
    ) -> None:
        shares = {
            "overlap": told.overlap,
            "overlap_across": told.overlap_across,
            "riders": told.riders or 0.0,
        }
        for name, value in shares.items():
            if not 0 <= value <= 1:
                raise ValueError(f"{name} {value:g} is not 0 to 1")
        self.floors = np.full(classes, NEVER, np.int64)
        """[the model's classes], thousandths."""
        self._begin = np.full(len(vocabulary), BEGIN, np.int64)
        floor = _by_class("score", told.score, named)
        begin = _by_class("begin", told.begin, named)
        for index, name in named.items():
            if floor[name] > begin[name]:
                raise ValueError(f"{name}: score is above begin")
            self.floors[index] = floor[name]
            self._begin[vocabulary.index(name)] = begin[name]

    def meant(self, scores: NDArray[np.int64], classes: NDArray[np.uint8]) -> NDArray[np.int64]:
        """[n]: thousandths of a network as those of a message; ``BEGIN`` where ``begin`` was.

        Args:
            scores: [n], thousandths.
            classes: [n], indexes into the vocabulary.
        """
        begin = self._begin[classes]
        above = PER_ONE - begin
        low = (2 * scores * BEGIN + begin) // (2 * begin)
        high = (2 * (scores - begin) * (PER_ONE - BEGIN) + above) // (2 * above) + BEGIN
        return np.where(scores < begin, low, high)


def _by_class(what: str, told: float | dict[str, float], named: dict[int, str]) -> dict[str, int]:
    """Thousandths by name."""
    names = set(named.values())
    values = told if isinstance(told, dict) else dict.fromkeys(names, told)
    if odd := sorted(set(values) ^ names):
        raise ValueError(f"{what}: of the model's classes and of no others; see {', '.join(odd)}")
    for name, value in values.items():
        if not 0 < value < 1 or round(value * PER_ONE) in (0, PER_ONE):
            raise ValueError(f"{what} of {name} is not between 0 and 1")
    return {name: round(value * PER_ONE) for name, value in values.items()}
