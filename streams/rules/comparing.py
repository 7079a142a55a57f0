"""What kinds that compare a source with its peers are told: what all of them say at a time.

Peers are what the same rule watches of one type at one gateway: a stage knows no others.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from models.measured import measured, nothing
from models.scorer import WINDOW
from streams.events import Micros, Source
from streams.feeds.registry import of_asset_type
from streams.incidents.hold import gap_limit
from streams.rules.duties import Duty
from streams.sensors.rosters import Roster
from streams.sensors.spans import latest
from streams.sensors.windows import Views, Windows


def compare(
    duty: Duty, roster: Roster, views: Views, windows: Windows
) -> tuple[NDArray[np.uint16], NDArray[np.float64]]:
    """[n]: what the kind says of each reading, 0 of others'; and [n, 2] what it expected.

    Args:
        windows: with the readings in them.
    """
    rule, kind, applies = duty
    if kind.compares is None:
        raise TypeError(f"kind {kind.id} compares nothing")
    said, expected = (
        np.zeros(len(views.slot), np.uint16),
        nothing((len(views.slot), 2)),
    )
    name = kind.metric_of(rule, views.metrics)
    if not name:
        return said, expected
    times = windows.read_times()
    values = windows.read_values()[:, :, views.metrics.index(name)].astype(np.float64)
    apart = np.array([gap_limit(period) for period in roster.period.tolist()], np.int64)
    types = np.array(roster.types)
    there = views.has(name) & applies[views.slot]
    for time, rows in _by_time(views.times[:, -1], there):
        known = _newest(times, values, time, apart)
        # Of many that one tick releases a window holds the last ones only.
        known[views.slot[rows]] = views.metric(name)[rows, -1]
        for kin in sorted({roster.types[slot] for slot in views.slot[rows].tolist()}):
            peers = np.flatnonzero(applies & (types == kin) & measured(known))
            own = rows[types[views.slot[rows]] == kin]
            place = np.searchsorted(peers, views.slot[own])
            said[own], expected[own] = kind.compares(kind, rule, known[peers], place)
    return said, expected


def is_left_behind(source: Source, lag: Micros) -> bool:
    """Whether what a source says comes so long after its time that windows of peers, which speak as
    often, may have nothing of that time any more: then nobody can tell whether it is like them.

    Args:
        lag: what its newest reading took to come.
    """
    feed = of_asset_type(source.kind)
    if feed is None or not source.period:
        return False
    return lag > feed.lateness + (WINDOW - 1) * source.period


def _by_time(
    times: NDArray[np.int64], there: NDArray[np.bool_]
) -> Iterator[tuple[Micros, NDArray[np.intp]]]:
    rows = np.flatnonzero(there)
    for time in np.unique(times[rows]).tolist():
        yield time, rows[times[rows] == time]


def _newest(
    times: NDArray[np.int64],
    values: NDArray[np.float64],
    time: Micros,
    apart: NDArray[np.int64],
) -> NDArray[np.float64]:
    """[slots]: what each said last at ``time``; NaN where that is longer ago than its ``apart``."""
    there = (times > 0) & (times <= time) & (time - times <= apart[:, None]) & measured(values)
    return latest(values, there)
