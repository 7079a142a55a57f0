"""When something of each asset holds: a few spans of time each, looked up for many at once."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.events import Micros

Span = tuple[Micros, Micros]
"""From, and until just before."""
NEVER: Micros = int(np.iinfo(np.int64).max)


def union(spans: Iterable[Span]) -> tuple[Span, ...]:
    """In order, and none touches the next."""
    found: list[Span] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(found[-1][1], end)
        elif start < end:
            found.append((start, end))
    return tuple(found)


class Spans(NamedTuple):
    """Of n assets, at most k each."""

    start: NDArray[np.int64]
    """[n, k]; NEVER where there are fewer."""
    end: NDArray[np.int64]

    @classmethod
    def of(cls, each: Sequence[Sequence[Span]]) -> "Spans":
        most = max(map(len, each), default=0)
        start, end = (np.full((len(each), most), NEVER, np.int64) for _ in range(2))
        for number, spans in enumerate(each):
            for place, (begins, ends) in enumerate(spans):
                start[number, place], end[number, place] = begins, ends
        return cls(start, end)

    def hold(self, assets: NDArray[np.intp], times: NDArray[np.int64]) -> NDArray[np.bool_]:
        """[n]: of each asset at each time."""
        if not self.start.size:
            return np.zeros(len(assets), np.bool_)
        at = times[:, None]
        held = (self.start[assets] <= at) & (at < self.end[assets])
        found: NDArray[np.bool_] = np.any(held, axis=1)
        return found

    def latest(
        self, assets: NDArray[np.intp], times: NDArray[np.int64]
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """[n] each: start and end of the newest span that had begun by then; NEVER: none had."""
        if not self.start.size:
            never = np.full(len(assets), NEVER, np.int64)
            return never, never
        begun = (self.start[assets] <= times[:, None]).sum(axis=1)
        last = np.maximum(begun - 1, 0)
        start, end = self.start[assets, last], self.end[assets, last]
        return np.where(begun > 0, start, NEVER), np.where(begun > 0, end, NEVER)
