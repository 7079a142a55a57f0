"""Packs of readings, as gateways send them and as they leave the stage for sensors."""

import numpy as np
from numpy.typing import NDArray

from models.measured import measured
from streams.events.bad_message import BadMessage
from streams.events.time import Micros
from streams.events.vocabulary import Origin
from streams.events.wire import Wire


class Readings(Wire, frozen=True, array_like=True):
    """A pack of readings from one gateway: row i is ``sources[source[i]]`` at ``time[i]``."""

    gateway: str
    time: Micros
    """When the pack was closed; strictly increasing per gateway."""
    sequence: int
    origin: Origin
    sources: tuple[str, ...]
    metrics: tuple[str, ...]
    """Column names, e.g. ``flow`` (vehicles/h), ``occupancy`` (%), ``speed`` (km/h)."""
    source: bytes
    """uint16 [rows]: index into ``sources``."""
    times: bytes
    """int64 [rows]: Micros."""
    values: bytes
    """float64 [rows, metrics]; NaN: not measured."""

    def arrays(self) -> tuple[NDArray[np.uint16], NDArray[np.int64], NDArray[np.float64]]:
        """(source [n], times [n], values [n, metrics]); raises BadMessage where sizes disagree."""
        if len(self.source) % 2 or len(self.times) != 4 * len(self.source):
            raise BadMessage("wrong_type", "source and times differ in length")
        source = np.frombuffer(self.source, "<u2")
        if len(self.values) != 8 * len(source) * len(self.metrics) or not self.metrics:
            raise BadMessage("wrong_type", "values is not rows x metrics")
        if len(source) and int(source.max()) >= len(self.sources):
            raise BadMessage("wrong_type", "a row names a source that the pack does not list")
        times = np.frombuffer(self.times, "<i8")
        values = np.frombuffer(self.values, "<f8").reshape(len(source), len(self.metrics))
        return source, times, values


def values_by_source(pack: Readings) -> dict[str, int]:
    """How many values a pack has of each source; a reading without any counts for one."""
    source, _, values = pack.arrays()
    number = np.maximum(measured(values).sum(axis=1), 1)
    sums = np.bincount(source, number, len(pack.sources)).astype(int).tolist()
    return dict(zip(pack.sources, sums, strict=True))


LATE, REPEATED, BAD, OVERDUE = 1, 2, 4, 8
"""Bits of ``Scored.flags``. Of a repeated row nothing is stored, and of a bad one only what was
refused. A late one may have come before, and so may one that is older than anybody is waited for
and is judged all the same, as nothing newer of its source was: only what is stored says so."""

FAULTS = ("infinite", "out_of_range", "not_measured", "error_code")
"""Why a value is refused: what ``Scored.faults`` counts from 1."""


NOT_SAID = -(2**63)
"""In ``Scored.device_times``: nothing is kept beside the reading's time."""


class Scored(Wire, frozen=True, array_like=True):
    """Readings in event-time order with their anomaly score; columns as in ``Readings``."""

    gateway: str
    time: Micros
    origin: Origin
    model: str
    sources: tuple[str, ...]
    metrics: tuple[str, ...]
    source: bytes
    times: bytes
    values: bytes
    scores: bytes
    """uint16 [rows]: anomaly score in thousandths; 65535: not scored."""
    flags: bytes
    """uint8 [rows]."""
    faults: bytes = b""
    """uint8 [rows, metrics]: 0 or which of FAULTS the value has, which is then used by nobody;
    empty: no value has one."""
    device_times: bytes = b""
    """int64 [rows]: what the device said, where ``times`` are of arrival; NOT_SAID in a row where
    they are not; empty: of none."""


class Correction(Wire, frozen=True, array_like=True):
    """A stored value that another one has replaced, which came too late to be decided with.

    What was decided with the old one stands.
    """

    source: str
    metric: str
    time: Micros
    """Of the measurement."""
    old: float | None
    """In the metric's unit; None: an earlier release stored that nothing was measured."""
    new: float
    decided_at: Micros
    """Event time at which the new value came."""
    origin: Origin
    gateway: str
    """Which delivered the new value."""
