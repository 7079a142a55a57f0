"""Readings wait here until the watermark has passed them, and leave in event-time order.

What leaves together depends on a tick only, never on the packs in which it came.
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple, get_args

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.measured import measured, nothing
from streams.control import Control, passed
from streams.events import NOT_SAID, BadMessage, Micros, Origin
from streams.sensors.lag import MOST_LATENESS

MOST_WAITING = 131_072
"""Readings of one gateway that may wait; reached only where readings come without ticks."""
BLOCK = 8_192
"""A block with fewer readings is extended rather than followed by another."""
ORIGINS: tuple[Origin, ...] = get_args(Origin)


class Passage(NamedTuple):
    """What a tick means: everything from ``passed`` up to ``watermark`` is released."""

    control: Control
    passed: Micros
    watermark: Micros
    promised: Micros
    """Nothing may be decided earlier: that has been told to whoever compares sources."""
    skipped: Micros = 0
    """From the tick before to this one: longer than a second where nobody counted meanwhile."""

    def overdue(self, time: NDArray[np.int64]) -> NDArray[np.bool_]:
        """[n]: which readings that it releases may have been late when they came before.

        A source that comes back after longer than anybody is waited for is late, then slow; and
        of a slow source nothing is late that is newer than what was judged of it.
        """
        late: NDArray[np.bool_] = time < min(self.passed, self.control.tick - MOST_LATENESS)
        return late


def watermark(control: Control, lateness: Micros) -> Micros:
    """What lies before it will not be waited for; 0 before the first tick."""
    return passed(control, lateness)


@dataclass(frozen=True, slots=True)
class Rows:
    """Parallel arrays of n readings."""

    slot: NDArray[np.uint16]
    """Index into the gateway's roster of sources."""
    time: NDArray[np.int64]
    values: NDArray[np.float64]
    """[n, metrics]"""
    origin: NDArray[np.uint8]
    """Index into ORIGINS."""
    device: NDArray[np.int64] | None = None
    """What the devices said, where ``time`` is when it arrived, else NOT_SAID; None: of none."""

    def __len__(self) -> int:
        return len(self.slot)

    def take(self, which: NDArray[np.bool_] | NDArray[np.intp]) -> "Rows":
        return Rows(
            self.slot[which],
            self.time[which],
            self.values[which],
            self.origin[which],
            None if self.device is None else self.device[which],
        )

    def said(self) -> NDArray[np.int64]:
        """[n]: ``device``, where there is none at all too."""
        return np.full(len(self), NOT_SAID) if self.device is None else self.device


class Block(msgspec.Struct, frozen=True, array_like=True):
    """Rows as they are kept in a state."""

    slot: bytes = b""
    time: bytes = b""
    values: bytes = b""
    origin: bytes = b""
    metrics: int = 0
    device: bytes = b""

    @classmethod
    def of(cls, rows: Rows) -> "Block":
        return cls(
            rows.slot.tobytes(),
            rows.time.tobytes(),
            rows.values.tobytes(),
            rows.origin.tobytes(),
            rows.values.shape[1],
            b"" if rows.device is None else rows.device.tobytes(),
        )

    def rows(self, metrics: int) -> Rows:
        """With columns added for metrics that were not known when it was kept."""
        values = np.frombuffer(self.values, "<f8").reshape(-1, self.metrics)
        return Rows(
            np.frombuffer(self.slot, "<u2"),
            np.frombuffer(self.time, "<i8"),
            widen(values, metrics),
            np.frombuffer(self.origin, "u1"),
            np.frombuffer(self.device, "<i8") if self.device else None,
        )

    def __len__(self) -> int:
        return len(self.origin)


Waiting = tuple[Block, ...]


def widen(values: NDArray[np.float64], metrics: int) -> NDArray[np.float64]:
    """[n, k] to [n, metrics] with nothing measured in the new columns."""
    new = metrics - values.shape[1]
    return np.hstack((values, nothing((len(values), new)))) if new else values


def join(parts: list[Rows]) -> Rows:
    """One after the other; at least one part."""
    told = any(part.device is not None for part in parts)
    return Rows(
        np.concatenate([part.slot for part in parts]),
        np.concatenate([part.time for part in parts]),
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.origin for part in parts]),
        np.concatenate([part.said() for part in parts]) if told else None,
    )


def wait(waiting: Waiting, rows: Rows) -> Waiting:
    """With ``rows`` added; raises BadMessage ``overload`` where too many wait already."""
    if not len(rows):
        return waiting
    if sum(map(len, waiting)) + len(rows) > MOST_WAITING:
        raise BadMessage("overload", f"more than {MOST_WAITING} readings wait for a tick")
    if waiting and len(waiting[-1]) < BLOCK:
        last = waiting[-1].rows(rows.values.shape[1])
        return (*waiting[:-1], Block.of(join([last, rows])))
    return (*waiting, Block.of(rows))


Before = Callable[[NDArray[np.uint16]], NDArray[np.int64] | Micros]
"""Of slots [n]: before when their readings are due."""


def release(waiting: Waiting, before: Before, metrics: int) -> tuple[Rows | None, Waiting]:
    """(those that are due, in order of arrival; those that wait on)."""
    if not waiting:
        return None, waiting
    rows = join([block.rows(metrics) for block in waiting])
    due = rows.time < before(rows.slot)
    if not due.any():
        return None, waiting
    rest = rows.take(~due)
    return rows.take(due), (Block.of(rest),) if len(rest) else ()


class Merged(NamedTuple):
    """Readings as they came, of which one of each source and time holds all that came of it."""

    rows: Rows
    """In order of (time, source)."""
    joined: NDArray[np.bool_]
    """[n]: what it says went into the first of its source and time."""
    corrected: NDArray[np.bool_]
    """[n]: joined, with another value of a metric than came before: the last one counts."""
    repeated: NDArray[np.bool_]
    """[n]: joined, with nothing that had not come before."""
    aside: NDArray[np.bool_]
    """[n, metrics]: of those that are joined, the values that cannot be used, and that do not
    replace one that can."""
    corrections: NDArray[np.int64]
    """[n]: values of the reading that another one has replaced, by those that are joined to it."""
    repeats: NDArray[np.int64]
    """[n]: values that had come before; 1 for a reading without any to which others are joined."""


def merged(
    rows: Rows,
    rank: NDArray[np.intp],
    wrong: Callable[[NDArray[np.float64]], NDArray[np.bool_]],
) -> Merged:
    """What is of one source and time is one reading, in however many messages it came.

    Args:
        rows: in order of arrival.
        rank: of each slot, the place of its source's id among all: order by it does not depend
            on which source came first.
        wrong: of values [n, metrics], which of them cannot be used.
    """
    order = np.lexsort((rank[rows.slot], rows.time))  # stable: arrival decides between equals
    rows = rows.take(order)
    joined = np.zeros(len(rows), np.bool_)
    joined[1:] = (rows.time[1:] == rows.time[:-1]) & (rows.slot[1:] == rows.slot[:-1])
    corrected, repeated = np.zeros(len(rows), np.bool_), np.zeros(len(rows), np.bool_)
    aside = np.zeros(rows.values.shape, np.bool_)
    corrections, repeats = np.zeros(len(rows), np.int64), np.zeros(len(rows), np.int64)
    if not joined.any():
        return Merged(rows, joined, corrected, repeated, aside, corrections, repeats)
    values, bad = rows.values.copy(), wrong(rows.values)
    empty = ~measured(rows.values).any(axis=1)
    begins = np.flatnonzero(~joined)
    lengths = np.diff(begins, append=len(rows))
    nth = np.arange(len(rows)) - np.repeat(begins, lengths)
    by_nth = np.argsort(nth, kind="stable")
    ends = np.cumsum(np.bincount(nth))
    # The second of each first, then the third: of several the last one stays.
    for begin, end in itertools.pairwise(ends.tolist()):
        later = by_nth[begin:end]
        firsts = later - nth[later]
        before, now = values[firsts], rows.values[later]
        told, held = measured(now), measured(before)
        aside[later] = told & held & bad[later] & ~bad[firsts]
        told &= ~aside[later]
        differs = told & held & (before != now)
        corrected[later] = differs.any(axis=1)
        repeated[later] = ~(told & (before != now)).any(axis=1) & ~aside[later].any(axis=1)
        corrections[later] = differs.sum(axis=1)
        repeats[later] = (told & held & ~differs).sum(axis=1)
        values[firsts] = np.where(told, now, before)
        bad[firsts] = np.where(told, bad[later], bad[firsts])
    repeats += empty & (joined | measured(values).any(axis=1))
    found = replace(rows, values=values)
    return Merged(found, joined, corrected, repeated, aside, corrections, repeats)
