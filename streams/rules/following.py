"""What kinds that learn remember of each series: taken further by its new readings."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from streams.rules.duties import Duty
from streams.sensors.rosters import Roster
from streams.sensors.windows import Views


def follow(
    duty: Duty, roster: Roster, views: Views, learned: Mapping[str, bytes]
) -> tuple[dict[str, bytes], NDArray[np.uint16]]:
    """What is remembered by source, and [n] what the kind says of each reading, 0 of others'.

    Args:
        learned: by source; nothing of those that are new.
    """
    rule, kind, applies = duty
    if kind.follows is None:
        raise TypeError(f"kind {kind.id} follows no series")
    after, said = dict(learned), np.zeros(len(views.slot), np.uint16)
    metric = kind.metric_of(rule, views.metrics)
    there = views.has(metric) & applies[views.slot]
    values = views.metric(metric)[:, -1]
    for slot in np.unique(views.slot[there]).tolist():
        rows, source = np.flatnonzero(there & (views.slot == slot)), roster.sources[slot]
        after[source], said[rows] = kind.follows(
            kind, rule, views.times[rows, -1], values[rows], after.get(source, b"")
        )
    return after, said
