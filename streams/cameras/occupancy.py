"""Persons in a zone: too many of them, or any that stays where nobody should be."""

import msgspec
import numpy as np

from streams.cameras.scene import Scene, places
from streams.events import SECOND, Micros
from streams.rules.plan import Watched
from streams.rules.watch import Finding, Watch

MISSED: Micros = SECOND
"""An object of a crowd that a few frames miss still counts for this long."""


def crowd(watched: Watched, watch: Watch, scene: Scene) -> tuple[Watch, bool, Finding | None]:
    """Whether enough persons for a crowd to last are in the zone, and since when for one to be."""
    count = scene.meant(watched, unseen=MISSED).count(1)
    needed = watched.numbers["count"]
    lasts = count > 0 and count >= needed * watched.numbers["clear_part"]
    if count < needed:
        return (msgspec.structs.replace(watch, since=0) if watch.since else watch), lasts, None
    if not watch.since:
        watch = msgspec.structs.replace(watch, since=scene.time)
    start = max(watch.since, watch.floor)
    if watch.incident or scene.time - start < watched.spans["hold_seconds"]:
        return watch, lasts, None
    visible = places(scene.meant(watched, unseen=0))
    if visible.size < needed:  # the picture that proves a crowd shows it
        return watch, lasts, None
    evidence = scene.evidence(visible, watched.zone.polygon)
    return watch, lasts, Finding(start, "", (evidence,))


def intrusion(watched: Watched, watch: Watch, scene: Scene) -> tuple[Watch, bool, Finding | None]:
    """Whether anyone is in the zone, and who has been there for too long."""
    there = scene.meant(watched)
    if 1 not in there:
        return (
            (msgspec.structs.replace(watch, dwellers={}) if watch.dwellers else watch),
            False,
            None,
        )
    ids: list[int] = scene.ids[places(there)].tolist()
    dwellers = {track: watch.dwellers.get(track, scene.time) for track in ids}
    if dwellers != watch.dwellers:
        watch = msgspec.structs.replace(watch, dwellers=dwellers)
    visible = places(scene.meant(watched, unseen=0))
    if watch.incident or not visible.size:
        return watch, bool(visible.size), None
    since = {track: max(dwellers[track], watch.floor) for track in scene.ids[visible].tolist()}
    first = min(since, key=lambda track: (since[track], track))
    if scene.time - since[first] < watched.spans["dwell_seconds"]:
        return watch, True, None
    order = np.argsort(scene.ids[visible] != first, kind="stable")
    evidence = scene.evidence(visible[order], watched.zone.polygon)
    return watch, True, Finding(since[first], f"track-{first}", (evidence,))
