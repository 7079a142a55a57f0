"""The latest readings of each source of a gateway, and what is usual for it."""

from dataclasses import dataclass
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.baseline import Baseline, empty, follow
from models.measured import NOT_MEASURED, measured, nothing, or_zero
from models.scorer import NOT_SCORED, WINDOW
from streams.events import Micros

STALE_PERIODS = 2 * WINDOW
"""A reading older than this many of its source's periods is no longer in its window."""


class Windows(msgspec.Struct, frozen=True, tag="windows"):
    """Arrays over the n slots of a gateway's roster, as bytes; where empty, times are 0."""

    times: bytes = b""
    """int64 [n, WINDOW], oldest first."""
    values: bytes = b""
    """float32 [n, WINDOW, metrics], in the order of the feed's."""
    scores: bytes = b""
    """uint16 [n, WINDOW]: thousandths."""
    heard: bytes = b""
    """int64 [n]: the newest reading, usable or not; before the first, when it was announced."""
    level: bytes = b""
    """float64 [n, metrics], like ``spread`` and ``seen``: see models.baseline."""
    spread: bytes = b""
    seen: bytes = b""

    def __len__(self) -> int:
        return len(self.heard) // 8

    @property
    def width(self) -> int:
        """How many metrics there are; 0 where there is no slot yet."""
        return len(self.level) // (8 * len(self)) if len(self) else 0

    def read_times(self) -> NDArray[np.int64]:
        return np.frombuffer(self.times, "<i8").reshape(-1, WINDOW)

    def read_judged(self, slots: int) -> NDArray[np.int64]:
        """[slots]: the time of the newest reading of each; 0 where there is none."""
        newest = self.read_times()[:, -1]
        return np.append(newest, np.zeros(slots - len(newest), np.int64))

    def read_values(self) -> NDArray[np.float32]:
        return np.frombuffer(self.values, "<f4").reshape(len(self), WINDOW, self.width)

    def read_scores(self) -> NDArray[np.uint16]:
        return np.frombuffer(self.scores, "<u2").reshape(-1, WINDOW)

    def read_heard(self) -> NDArray[np.int64]:
        return np.frombuffer(self.heard, "<i8")

    def read_usual(self) -> Baseline:
        arrays = (self.level, self.spread, self.seen)
        return Baseline(
            *(np.frombuffer(array, "<f8").reshape(len(self), self.width) for array in arrays)
        )

    def compare(
        self, slot: NDArray[np.uint16], time: NDArray[np.int64], values: NDArray[np.float32]
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """[n] each: whether the window of the slot says the same at that time, or something else.

        Args:
            values: [n, metrics], as windows keep them; one of which the window has nothing is new.
        """
        at = self.read_times()[slot] == time[:, None]
        held = at.any(axis=1)
        if not held.any():
            return held, held
        there = self.read_values()[slot, at.argmax(axis=1)]
        told = measured(values)
        differs = told & measured(there) & (there != values)
        corrects = held & differs.any(axis=1)
        new = told & ~measured(there)
        return held & ~corrects & ~new.any(axis=1), corrects


def kept(value: float) -> float:
    """A limit as windows keep what is compared with it: else 0.3 is above 0.3."""
    return float(np.float32(value))


def grain(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """[...]: what a difference of two values of the last axis may be off by, at most, as windows
    keep them; nothing measured counts for 0."""
    largest = np.abs(or_zero(values)).max(axis=-1, initial=0.0)
    found: NDArray[np.float64] = np.spacing(largest.astype(np.float32)).astype(np.float64)
    return found


def extend(windows: Windows, slots: int, now: Micros, metrics: int) -> Windows:
    """With room for ``slots`` sources of so many metrics; the new ones count as heard of now.

    What an earlier release, or an earlier version of the feed, has kept may know fewer: a version
    adds its metrics behind the others.
    """
    if len(windows) and windows.width != metrics:
        windows = _of_width(windows, metrics)
    new = slots - len(windows)
    if new <= 0:
        return windows
    unseen = bytes(8 * metrics * new)
    return Windows(
        windows.times + bytes(8 * WINDOW * new),
        windows.values + nothing(new * WINDOW * metrics).astype("<f4").tobytes(),
        windows.scores + np.full(new * WINDOW, NOT_SCORED, "<u2").tobytes(),
        windows.heard + np.full(new, now, "<i8").tobytes(),
        windows.level + unseen,
        windows.spread + unseen,
        windows.seen + unseen,
    )


def _of_width(windows: Windows, metrics: int) -> Windows:
    values = nothing((len(windows), WINDOW, metrics)).astype("<f4")
    both = min(windows.width, metrics)
    values[:, :, :both] = windows.read_values()[:, :, :both]
    usual = empty(len(windows), metrics)
    for wide, kept in zip(usual, windows.read_usual(), strict=True):
        wide[:, :both] = kept[:, :both]
    level, spread, seen = (array.tobytes() for array in usual)
    return msgspec.structs.replace(
        windows, values=values.tobytes(), level=level, spread=spread, seen=seen
    )


def begin_anew(windows: Windows, now: Micros) -> Windows:
    """Where event time goes back to ``now``: what is usual stays, the latest readings do not."""
    fresh = extend(Windows(), len(windows), now, windows.width)
    return msgspec.structs.replace(
        fresh, level=windows.level, spread=windows.spread, seen=windows.seen
    )


def hear(windows: Windows, slot: NDArray[np.uint16], time: NDArray[np.int64]) -> Windows:
    """Notes that the sources live; ``time`` ascends."""
    heard = windows.read_heard().copy()
    heard[slot] = time  # of several for one slot the last is kept
    return msgspec.structs.replace(windows, heard=heard.tobytes())


@dataclass(frozen=True, slots=True)
class Gather:
    """Where the WINDOW entries of each of n rows lie: in what was kept, or among the rows."""

    place: NDArray[np.intp]
    """[n, WINDOW]: index into the kept entries of all slots, followed by the rows."""

    def pick(self, kept: NDArray[Any], new: NDArray[Any]) -> NDArray[Any]:
        """[n, WINDOW, ...] from ``kept`` [slots, WINDOW, ...] and ``new`` [n, ...]."""
        both = np.concatenate((kept.reshape(-1, *kept.shape[2:]), new))
        return both.take(self.place, axis=0)


@dataclass(frozen=True, slots=True)
class Views:
    """n readings in order of (slot, time), each with its window."""

    slot: NDArray[np.uint16]
    times: NDArray[np.int64]
    """[n, WINDOW], the reading itself last; 0 where there is none."""
    values: NDArray[np.float32]
    """[n, WINDOW, metrics]; NOT_MEASURED where stale, too."""
    usual: Baseline
    """Of the source before the reading, [n, metrics]."""
    after: Baseline
    """Of every slot after all readings, [slots, metrics]."""
    last: NDArray[np.intp]
    """Rows that are the last of their slot."""
    gather: Gather
    metrics: tuple[str, ...]
    """Names of the columns."""

    def metric(self, name: str) -> NDArray[np.float64]:
        """[n, WINDOW]: one column; nothing where the feed has no such metric."""
        if name not in self.metrics:
            return nothing(self.times.shape)
        return self.values[:, :, self.metrics.index(name)].astype(np.float64)

    def has(self, name: str) -> NDArray[np.bool_]:
        """[n]: which readings measure that themselves."""
        if name not in self.metrics:
            return np.zeros(len(self.values), np.bool_)
        return measured(self.values[:, -1, self.metrics.index(name)])


def view(
    windows: Windows,
    slot: NDArray[np.uint16],
    time: NDArray[np.int64],
    values: NDArray[np.float32],
    period: NDArray[np.int64],
    *,
    metrics: tuple[str, ...],
) -> Views:
    """The window of each of n readings.

    Args:
        slot, time: [n], in order of (slot, time), without repeats.
        values: [n, metrics]
        period: of each slot, Micros; 0 where unknown.
        metrics: names of the columns.
    """
    n = len(slot)
    begins = np.flatnonzero(np.diff(slot.astype(np.int64), prepend=-1))
    lengths = np.diff(begins, append=n)
    position = np.arange(n) - np.repeat(begins, lengths)
    back = np.arange(WINDOW) - (WINDOW - 1)
    after_first = position[:, None] + back
    kept = slot.astype(np.intp)[:, None] * WINDOW + after_first + WINDOW
    fresh = len(windows) * WINDOW + np.arange(n)[:, None] + back
    gather = Gather(np.where(after_first >= 0, fresh, kept))
    times = gather.pick(windows.read_times(), time)
    horizon = np.where(period > 0, period * STALE_PERIODS, np.iinfo(np.int64).max)[slot]
    stale = (times == 0) | (time[:, None] - times > horizon[:, None])
    seen = gather.pick(windows.read_values(), values)
    if stale.any():
        seen[stale] = NOT_MEASURED
    usual, after = _follow(windows.read_usual(), slot, position, values)
    return Views(slot, times, seen, usual, after, begins + lengths - 1, gather, metrics)


def keep(windows: Windows, views: Views, scores: NDArray[np.uint16]) -> Windows:
    """With each slot's window, level and spread as after its last row; ``scores`` [n, WINDOW]."""
    slots, last = views.slot[views.last], views.last
    times, values = windows.read_times().copy(), windows.read_values().copy()
    kept = windows.read_scores().copy()
    times[slots], values[slots], kept[slots] = views.times[last], views.values[last], scores[last]
    return Windows(
        times.tobytes(),
        values.tobytes(),
        kept.tobytes(),
        windows.heard,
        views.after.level.tobytes(),
        views.after.spread.tobytes(),
        views.after.seen.tobytes(),
    )


def _follow(
    usual: Baseline, slot: NDArray[np.uint16], position: NDArray[np.intp], values: NDArray[Any]
) -> tuple[Baseline, Baseline]:
    """(before each row, of every slot after all): the slots' n-th rows are taken together."""
    after = Baseline(*(array.copy() for array in usual))
    if not position.any():  # one of each slot, as most gateways send
        now = Baseline(*(array[slot] for array in after))
        for kept, current in zip(after, follow(now, values.astype(float)), strict=True):
            kept[slot] = current
        return now, after
    before = Baseline(*(np.empty((len(slot), usual.level.shape[1])) for _ in usual))
    order = np.argsort(position, kind="stable")
    begin = 0
    for end in np.cumsum(np.bincount(position)).tolist():
        rows = order[begin:end]
        slots = slot[rows]
        now = Baseline(*(array[slots] for array in after))
        for kept, current in zip(before, now, strict=True):
            kept[rows] = current
        for kept, current in zip(after, follow(now, values[rows].astype(float)), strict=True):
            kept[slots] = current
        begin = end
    return before, after
