"""A pack of scored readings as arrays, for the tables that are filled from it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.measured import measured
from streams.events import FAULTS, LATE, OVERDUE, REPEATED, Scored
from streams.tables.table import text

MAY_HAVE_COME = LATE | OVERDUE
"""Flags of rows that the stage cannot know to be new."""


class Pack(NamedTuple):
    """n rows of a pack; every value of them fits its column."""

    sources: list[str]
    metrics: list[str]
    source: NDArray[np.uint16]
    """[n]: index into ``sources``."""
    times: NDArray[np.int64]
    scores: NDArray[np.uint16]
    flags: NDArray[np.uint8]
    values: NDArray[np.float64]
    """[n, metrics]"""
    faults: NDArray[np.uint8]
    """[n, metrics]: see ``Scored``."""
    device: NDArray[np.int64] | None
    """[n]: the devices' times, else NOT_SAID; None: of none."""

    @classmethod
    def of(cls, event: Scored) -> "Pack":
        """Raises ValueError where sizes disagree, or a column could not hold a value."""
        n, width = len(event.flags), len(event.metrics)
        sizes = (len(event.source), len(event.times), len(event.scores), len(event.values))
        if sizes != (2 * n, 8 * n, 2 * n, 8 * n * width):
            raise ValueError("the columns of a pack differ in length")
        source = np.frombuffer(event.source, "<u2")
        if n and int(source.max()) >= len(event.sources):
            raise ValueError("a row names a source that the pack does not list")
        faults = np.zeros((n, width), "u1")
        if event.faults:
            if len(event.faults) != n * width:
                raise ValueError("there are not as many faults as values")
            faults = np.frombuffer(event.faults, "u1").reshape(n, width)
            if faults.size and int(faults.max()) > len(FAULTS):
                raise ValueError("a value has a fault that has no name")
        if len(event.device_times) not in (0, 8 * n):
            raise ValueError("there are not as many times of devices as rows")
        return cls(
            [text(name) for name in event.sources],
            [text(name) for name in event.metrics],
            source,
            np.frombuffer(event.times, "<i8"),
            np.frombuffer(event.scores, "<u2"),
            np.frombuffer(event.flags, "u1"),
            np.frombuffer(event.values, "<f8").reshape(n, width),
            faults,
            np.frombuffer(event.device_times, "<i8") if event.device_times else None,
        )

    def take(self, which: NDArray[np.bool_]) -> "Pack":
        if which.all():
            return self
        return Pack(
            self.sources,
            self.metrics,
            self.source[which],
            self.times[which],
            self.scores[which],
            self.flags[which],
            self.values[which],
            self.faults[which],
            None if self.device is None else self.device[which],
        )

    def there(self) -> NDArray[np.bool_]:
        """[n, metrics]: which values were measured, and have no fault."""
        found: NDArray[np.bool_] = measured(self.values) & (self.faults == 0)
        return found


def doubtful(event: Scored) -> NDArray[np.bool_]:
    """[n]: which rows may be stored already, as the stage could not know."""
    flags = np.frombuffer(event.flags, "u1")
    found: NDArray[np.bool_] = ((flags & MAY_HAVE_COME) > 0) & ((flags & REPEATED) == 0)
    return found
