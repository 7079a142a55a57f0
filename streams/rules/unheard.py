"""Cameras that are not heard of."""

import msgspec
import numpy as np

from streams.control import Control, KnownSource
from streams.events import Incident, Rule
from streams.hearing import unheard_at
from streams.incidents.life import announce
from streams.incidents.watch import IDLE, Finding
from streams.kinds.registry import find
from streams.rules.camera import Camera
from streams.rules.plan import watch_key


def go_unheard(
    camera: Camera, source: KnownSource, rule: Rule, control: Control
) -> tuple[Camera, Incident | None]:
    """The camera at a tick, and the incident where it has just been unheard of for too long.

    That is measured from the camera's last frame, from when it was announced, from when
    ticks came back, or from when a change of the rule ended the last one, whichever is latest:
    nobody was listening before. A camera whose period is unknown is never judged.
    """
    key = watch_key(rule.id, "")
    watch = camera.watches.get(key, IDLE)
    kind = find(rule.kind)
    if watch.incident or not kind.patience:
        return camera, None
    start = max(camera.time, camera.announced, control.resumed_at, watch.not_before)
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
