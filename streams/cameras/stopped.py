"""Vehicles that stand where none should."""

import numpy as np

from streams.cameras.scene import Scene, places
from streams.events import SECOND, Micros
from streams.rules.plan import Watched
from streams.rules.watch import Finding, Watch

QUEUED: Micros = 3 * SECOND
"""A vehicle that has stood this long keeps an open incident alive, be it only the queue."""


def stopped(watched: Watched, watch: Watch, scene: Scene) -> tuple[Watch, bool, Finding | None]:
    """Whether any vehicle stands in the zone, and the one that has stood there for too long.

    The first to have stopped is the subject; those queueing behind it are the same incident.
    """
    stands = scene.meant(watched, unseen=0, stood=QUEUED)
    if 1 not in stands:
        return watch, False, None
    if watch.incident:
        return watch, True, None
    start = max(scene.earliest(stands), watch.floor)
    if scene.time - start < watched.spans["dwell_seconds"]:
        return watch, True, None
    standing = places(stands)
    since = np.maximum(scene.since[standing], watch.floor)
    first = standing[np.lexsort((scene.ids[standing], since))[:1]]
    evidence = scene.evidence(first, watched.zone.polygon)
    return watch, True, Finding(start, f"track-{scene.ids[first[0]]}", (evidence,))
