"""Cameras that are not heard of: that itself, and what becomes of what they saw."""

import msgspec
import numpy as np

from streams.control import Control, KnownSource
from streams.events import Incident, Micros, Rule
from streams.hearing import unheard_at
from streams.incidents.hold import gap_limit
from streams.incidents.lapse import lapse, unheard_limit
from streams.incidents.life import announce, expire
from streams.incidents.watch import IDLE, Finding, Watch
from streams.kinds.kind import Watches
from streams.kinds.registry import find, is_watching, renamed
from streams.rules.camera import Camera
from streams.rules.plan import watch_key


def go_unheard(
    camera: Camera, source: KnownSource, rule: Rule, control: Control
) -> tuple[Camera, Incident | None]:
    """The camera at a tick, and the incident where it has just been unheard of for too long.

    That is measured from the camera's last frame, whatever it is worth, from when it was announced,
    from when ticks came back, or from when a change of the rule ended the last one, whichever is
    latest: nobody was listening before. A camera whose period is unknown, or that rests, is never
    judged.
    """
    key = watch_key(rule.id, "")
    watch = camera.watches.get(key, IDLE)
    kind = find(rule.kind)
    if watch.incident or not kind.patience or source.rests:
        return camera, None
    start = max(camera.heard, camera.announced, control.resumed_at, watch.not_before)
    since, period = np.array([[start], [source.period]], np.int64)
    patience = kind.patience(kind, rule, period, pictures=True)
    if control.tick < unheard_at(since, patience, period)[0]:
        return camera, None
    finding = Finding(start, "", ())
    incident = announce(
        kind.id, rule, source, finding=finding, time=control.tick, origin=source.origin
    )
    watch = msgspec.structs.replace(watch, incident=incident, last=control.tick)
    return msgspec.structs.replace(camera, watches={**camera.watches, key: watch}), incident


def outlast(
    camera: Camera, period: Micros, last: Micros, tick: Micros
) -> tuple[Camera, list[Incident]]:
    """The camera at a tick that follows ``last``: where nobody listened for long in between, that
    nothing was heard of it is over as of then, and is proven anew or not."""
    if tick - last <= gap_limit(period):
        return camera, []
    watches = dict(camera.watches)
    ended = []
    for key, watch in sorted(watches.items()):
        if watch.incident and is_watching(watch.incident.kind, Watches.SOURCE):
            ended.append(renamed(expire(watch.incident, last, tick)))
            watches[key] = Watch(not_before=tick)
    return msgspec.structs.replace(camera, watches=watches) if ended else camera, ended


def miss(
    camera: Camera, period: Micros, until: Micros, time: Micros
) -> tuple[Camera, list[Incident]]:
    """The camera of which no good frame has come up to ``until``, decided at ``time``: what is open
    in its pictures is unknown, or over."""
    if until - camera.time <= unheard_limit(period):
        return camera, []
    watches = dict(camera.watches)
    changes = []
    for key in sorted(watches):
        if not sees(watches[key]):
            continue
        watches[key], change = lapse(
            watches[key],
            camera.time,
            until,
            proven=watches[key].last,
            period=period,
            time=time,
        )
        if change:
            changes.append(renamed(change))
    return msgspec.structs.replace(camera, watches=watches) if changes else camera, changes


def sees(watch: Watch) -> bool:
    """Whether something is open that pictures have proven."""
    drawn = (Watches.ZONE, Watches.LINE, Watches.PICTURE)
    return watch.incident is not None and is_watching(watch.incident.kind, *drawn)
