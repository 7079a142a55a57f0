"""What a tick makes of a gateway's waiting readings: in order, judged, each with its window."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from models import scorer
from models.measured import NOT_MEASURED, measured, nothing
from models.scorer import NOT_SCORED, WARM_UP, features
from streams.events import BAD, Micros, Scored
from streams.feeds.feed import Feed
from streams.sensors.faults import of_merged, wrong_for
from streams.sensors.intake import Intake
from streams.sensors.lag import Lags, pass_on
from streams.sensors.reordering import ORIGINS, Merged, Passage, Rows, merged, release
from streams.sensors.rosters import Roster
from streams.sensors.unusable import noted, spoke
from streams.sensors.windows import Views, Windows, hear, view
from streams.sensors.words import passed

_NO_FEATURES = np.empty((0, scorer.FEATURES), np.float32)


@dataclass(frozen=True, slots=True)
class Released:
    """One gateway's readings that the watermark has passed."""

    intake: Intake
    windows: Windows
    """Every source heard; the windows themselves still as before."""
    first: NDArray[np.int64]
    """Of each slot when it was heard first; 0 where it was not."""
    readings: "Judged | None"
    """None where none are due."""


@dataclass(frozen=True, slots=True)
class Judged:
    """Readings that are due."""

    merged: Merged
    """In order of (time, source)."""
    faults: NDArray[np.uint8]
    """[n, metrics]: see ``Scored``."""
    flags: NDArray[np.uint8]
    usable: NDArray[np.intp]
    """The rows that ``views`` are of, in its order."""
    views: Views
    ripe: NDArray[np.bool_]
    """Which of the views have enough before them to be scored."""
    features: NDArray[np.float32]
    """Of the ripe ones."""


class Envelope(NamedTuple):
    """What all readings of a ``Scored`` have in common."""

    gateway: str
    time: Micros
    model: str


def due(intake: Intake, windows: Windows, roster: Roster, passage: Passage) -> Released:
    """What the watermark has passed is taken from the buffer, in order, with its windows."""
    tick, before = passage.control.tick, passage.watermark
    lags = pass_on(intake.lags, tick)
    rows, waiting = release(
        intake.waiting, lambda slot: lags.before(slot, before), len(intake.metrics)
    )
    slot, time, words = passed(intake.words, before)
    if rows is None and words is intake.words:
        if lags is not intake.lags:
            intake = msgspec.structs.replace(intake, lags=lags)
        return Released(intake, windows, np.zeros(len(windows), np.int64), None)
    unusable = spoke(intake.unusable, slot.tolist()) if intake.unusable else intake.unusable
    readings = None
    if rows is not None:
        wrong = wrong_for(roster.feed, intake.metrics)
        readings = _judged(intake, windows, roster, merged(rows, roster.rank, wrong))
        bad = readings.merged.rows.take((readings.flags == BAD) & ~readings.merged.joined)
        own = readings.merged.rows.take(_speaking(lags, readings, passage))
        if unusable:
            unusable = spoke(unusable, own.slot.tolist())
        unusable = noted(unusable, bad.slot, bad.time)
        slot, time = np.concatenate((slot, own.slot)), np.concatenate((time, own.time))
        order = np.argsort(time, kind="stable")
        slot, time = slot[order], time[order]
    intake = msgspec.structs.replace(
        intake, waiting=waiting, lags=lags, words=words, unusable=unusable
    )
    first = np.zeros(len(windows), np.int64)
    # Of several for one slot the last that is written stays: the earliest.
    first[slot[::-1]] = time[::-1]
    return Released(intake, hear(windows, slot, time), first, readings)


def _speaking(lags: Lags, readings: Judged, passage: Passage) -> NDArray[np.bool_]:
    """Which readings say by their own time when their source lived; of others there are words."""
    rows = readings.merged.rows
    speaking: NDArray[np.bool_] = (readings.flags == 0) & (rows.time >= passage.passed)
    if lags.slow:
        speaking &= ~lags.is_slow(rows.slot)
    if len(lags):
        speaking &= ~lags.is_ahead(rows.slot)
    return speaking


def _judged(intake: Intake, windows: Windows, roster: Roster, found: Merged) -> Judged:
    rows, feed = found.rows, roster.feed
    faults, flags = of_merged(found, feed, intake.metrics)
    values = np.where(faults, NOT_MEASURED, rows.values)
    usable = np.flatnonzero(flags == 0)
    usable = usable[np.argsort(rows.slot[usable], kind="stable")]
    views = view(
        windows,
        rows.slot[usable],
        rows.time[usable],
        columns(values[usable], intake.metrics, tuple(feed.metrics)),
        roster.period,
        metrics=tuple(feed.metrics),
    )
    ripe = views.usual.seen.max(axis=1, initial=0.0) >= WARM_UP
    ripe &= scored(feed)
    usual = type(views.usual)(*(array[ripe] for array in views.usual))
    seen = features(views.values[ripe], usual) if ripe.any() else _NO_FEATURES
    return Judged(found, faults, flags, usable, views, ripe, seen)


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
    faults: NDArray[np.uint8],
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
        wrong = faults[which]
        told = np.flatnonzero((measured(values) | (wrong > 0)).any(axis=0)).tolist()
        told = sorted(told, key=intake.metrics.__getitem__) or [0]
        found.append(
            Scored(
                gateway=envelope.gateway,
                time=envelope.time,
                origin=ORIGINS[origin],
                model=envelope.model,
                sources=tuple(map(intake.sources.__getitem__, slots.tolist())),
                metrics=tuple(intake.metrics[column] for column in told),
                source=place[rows.slot[which]].tobytes(),
                times=rows.time[which].tobytes(),
                values=np.ascontiguousarray(values[:, told]).tobytes(),
                scores=scores[which].tobytes(),
                flags=flags[which].tobytes(),
                faults=np.ascontiguousarray(wrong[:, told]).tobytes() if wrong.any() else b"",
                device_times=b"" if rows.device is None else rows.device[which].tobytes(),
            )
        )
    return found


def not_scored(n: int) -> NDArray[np.uint16]:
    return np.full(n, NOT_SCORED, "<u2")


def columns(
    values: NDArray[np.float64], metrics: Sequence[str], wanted: Sequence[str]
) -> NDArray[np.float32]:
    """[n, wanted]: as windows keep them."""
    missing = nothing(len(values))
    found = [
        values[:, metrics.index(metric)] if metric in metrics else missing for metric in wanted
    ]
    return np.stack(found, axis=1).astype(np.float32)
