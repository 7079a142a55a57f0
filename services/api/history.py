"""History that comes as files: stored beside what came live, where nothing is judged by it.

Scores are those of ``models.novelty``: what a value is unlike are the imported ones before it. They
are told anew for a whole series whenever a file has brought something to it, so they are the same
in whatever order files come, and however often.
"""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models import novelty
from services.api.queries import SQL
from services.gateway.orders import Connection
from services.receiver.check import Reading
from streams.events import Micros, from_datetime, to_datetime

SCORED_AT_ONCE = 10_000
"""Values of a series that are held in memory."""


class Stored(NamedTuple):
    """What became of values."""

    added: int
    changed: int
    unchanged: int


def store(connection: Connection, readings: Iterable[Reading], user: str) -> Stored:
    """Each value once: one that is there already with another value is changed."""
    values = {
        (one.source, metric, one.time): value
        for one in readings
        for metric, value in one.values.items()
    }
    if not values:
        return Stored(0, 0, 0)
    asked = {
        "sources": [source for source, _, _ in values],
        "metrics": [metric for _, metric, _ in values],
        "times": [to_datetime(time) for _, _, time in values],
        "values": list(values.values()),
        "user": user,
    }
    new = [added for (added,) in connection.execute(SQL["history_put"], asked).fetchall()]
    return Stored(sum(new), len(new) - sum(new), len(values) - len(new))


def score(connection: Connection) -> int:
    """Scores every series in which something has none; says how many values got another score."""
    changed = 0
    for source, metric in connection.execute(SQL["history_unscored"]).fetchall():
        state, series = novelty.NEW, {"source": source, "metric": metric}
        for times, values in _parts(connection, series):
            state, scores = novelty.follow(state, times, values)
            told = series | {
                "times": [to_datetime(time) for time in times.tolist()],
                "scores": (scores / novelty.UNITS).tolist(),
            }
            changed += connection.execute(SQL["history_score"], told).rowcount
    return changed


def _parts(
    connection: Connection, series: dict[str, Any]
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float64]]]:
    """Times (Micros, ascending) and values of a series."""
    after: Micros = -1
    while True:
        asked = series | {"after": to_datetime(after), "most": SCORED_AT_ONCE}
        rows = connection.execute(SQL["history_series"], asked).fetchall()
        if not rows:
            return
        times = np.array([from_datetime(time) for time, _ in rows], np.int64)
        yield times, np.array([value for _, value in rows])
        after = int(times[-1])
