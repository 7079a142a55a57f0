"""What a tick makes of a gateway's waiting readings: in order, judged, each with its window."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from models import scorer
from models.measured import measured, nothing, unusable
from models.scorer import NOT_SCORED, WARM_UP, features
from streams.events import BAD, REPEATED, Micros, Scored
from streams.feeds.feed import Feed
from streams.sensors.intake import Intake
from streams.sensors.reordering import ORIGINS, Rows, first_of_each, release
from streams.sensors.rosters import Roster
from streams.sensors.windows import Views, Windows, hear, view

_NO_FEATURES = np.empty((0, scorer.FEATURES), np.float32)


@dataclass(frozen=True, slots=True)
class Released:
    """One gateway's readings that the watermark has passed."""

    intake: Intake
    windows: Windows
    """Every source heard; the windows themselves still as before."""
    rows: Rows
    """In order of (time, source)."""
    flags: NDArray[np.uint8]
    usable: NDArray[np.intp]
    """The rows that ``views`` are of, in its order."""
    views: Views
    ripe: NDArray[np.bool_]
    """Which of the views have enough before them to be scored."""
    features: NDArray[np.float32]
    """Of the ripe ones."""

    def first(self) -> NDArray[np.int64]:
        """Of each slot its first reading; 0 where there is none."""
        first = np.zeros(len(self.windows), np.int64)
        latest_first = np.flatnonzero(self.flags != REPEATED)[::-1]
        # of several for one slot the last that is written stays: the earliest
        first[self.rows.slot[latest_first]] = self.rows.time[latest_first]
        return first


class Envelope(NamedTuple):
    """What all readings of a ``Scored`` have in common."""

    gateway: str
    time: Micros
    model: str


def due(intake: Intake, windows: Windows, roster: Roster, before: Micros) -> Released | None:
    """Takes what is earlier than ``before`` from the buffer; None where nothing is."""
    rows, waiting = release(intake.waiting, before, len(intake.metrics))
    if rows is None:
        return None
    rows, repeated = first_of_each(rows, roster.rank)
    feed = roster.feed
    bad = unusable(rows.values, feed.ranges(intake.metrics))
    flags = (repeated * REPEATED + (bad & ~repeated) * BAD).astype("u1")
    windows = hear(windows, rows.slot, rows.time)
    usable = np.flatnonzero(flags == 0)
    usable = usable[np.argsort(rows.slot[usable], kind="stable")]
    views = view(
        windows,
        rows.slot[usable],
        rows.time[usable],
        _columns(rows.values[usable], intake.metrics, tuple(feed.metrics)),
        roster.period,
        metrics=tuple(feed.metrics),
    )
    ripe = views.usual.seen.max(axis=1, initial=0.0) >= WARM_UP
    ripe &= scored(feed)
    usual = type(views.usual)(*(array[ripe] for array in views.usual))
    seen = features(views.values[ripe], usual) if ripe.any() else _NO_FEATURES
    intake = msgspec.structs.replace(intake, waiting=waiting)
    return Released(intake, windows, rows, flags, usable, views, ripe, seen)


def scored(feed: Feed) -> bool:
    """Whether there can be a model for its readings: it takes the metrics in that order."""
    return feed.scored_by == scorer.TASK and tuple(feed.metrics) == scorer.METRICS


def to_scored(
    envelope: Envelope,
    intake: Intake,
    rank: NDArray[np.intp],
    rows: Rows,
    *,
    scores: NDArray[np.uint16],
    flags: NDArray[np.uint8],
) -> list[Scored]:
    """One event for each origin; the names of sources and metrics in sorted order.

    Args:
        rank: of each slot, the place of its source's id among all.
    """
    found = []
    for origin in np.flatnonzero(np.bincount(rows.origin)).tolist():
        which = np.flatnonzero(rows.origin == origin)
        slots = np.flatnonzero(np.bincount(rows.slot[which]))
        slots = slots[np.argsort(rank[slots])]
        place = np.empty(len(rank), "<u2")
        place[slots] = np.arange(len(slots))
        values = rows.values[which]
        columns = np.flatnonzero(measured(values).any(axis=0)).tolist()
        columns = sorted(columns, key=intake.metrics.__getitem__) or [0]
        found.append(
            Scored(
                gateway=envelope.gateway,
                time=envelope.time,
                origin=ORIGINS[origin],
                model=envelope.model,
                sources=tuple(intake.sources[slot] for slot in slots.tolist()),
                metrics=tuple(intake.metrics[column] for column in columns),
                source=place[rows.slot[which]].tobytes(),
                times=rows.time[which].tobytes(),
                values=np.ascontiguousarray(values[:, columns]).tobytes(),
                scores=scores[which].tobytes(),
                flags=flags[which].tobytes(),
            )
        )
    return found


def not_scored(n: int) -> NDArray[np.uint16]:
    return np.full(n, NOT_SCORED, "<u2")


def _columns(
    values: NDArray[np.float64], metrics: Sequence[str], wanted: Sequence[str]
) -> NDArray[np.float32]:
    """[n, wanted]"""
    missing = nothing(len(values))
    columns = [
        values[:, metrics.index(metric)] if metric in metrics else missing for metric in wanted
    ]
    return np.stack(columns, axis=1).astype(np.float32)
