"""Late readings and the indicators: which are new to them, which replace another, and of which
nobody knows, as they are older than what the windows hold."""

import numpy as np

from models.measured import measured
from streams.indicators.catalogue import of_feed
from streams.indicators.summing import Adding, Pending, Taken
from streams.sensors.late import Lately
from streams.sensors.reordering import ORIGINS, widen
from streams.sensors.rosters import Roster
from streams.sensors.windows import Windows


def add_late(
    pending: Pending, unit: str, roster: Roster, windows: Windows, lately: Lately
) -> Pending:
    """With what late readings of one gateway and feed add; the same where that is nothing."""
    rows, feed = lately.rows, roster.feed
    if not len(rows) or not of_feed(feed.id):
        return pending
    adding = Adding(pending, ORIGINS)
    all_ = Taken(rows.slot, rows.time, rows.origin, lately.values)
    times = windows.read_times()
    placed = adding.placed(unit)
    for place, each in placed.items():  # the feed may have had fewer metrics then
        wide = widen(each[None].astype(np.float64), len(feed.metrics))
        placed[place] = wide[0].astype(np.float32)
    # A window that is not full holds all that there is.
    oldest = times[:, 0]
    lost = (oldest[rows.slot] > 0) & (rows.time < oldest[rows.slot])
    known = np.array([place in placed for place in zip(*_places(all_), strict=True)], np.bool_)
    lost &= ~known
    if lost.any():
        adding.pass_over(feed, roster.types, all_.take(lost))
    held = times[rows.slot] == rows.time[:, None]
    values = windows.read_values()
    for row in np.flatnonzero(~lost).tolist():
        one = all_.take(np.arange(len(lost)) == row)
        place = int(rows.slot[row]), int(rows.time[row])
        before = placed.get(place)
        if before is None and held[row].any():
            before = values[place[0], int(held[row].argmax())]
        if before is not None:
            now = np.where(measured(one.values[0]), one.values[0], before)
            if np.array_equal(now, before, equal_nan=True):
                continue
            adding.take_back(feed, roster.types, one._replace(values=before[None]))
            one = one._replace(values=now[None])
        adding.add(unit, feed, roster.types, one)
        placed[place] = one.values[0]
    left = {place: each for place, each in placed.items() if place[1] >= oldest[place[0]]}
    adding.place(unit, left)
    return adding.pending


def _places(taken: Taken) -> tuple[list[int], list[int]]:
    return taken.slot.tolist(), taken.time.tolist()
