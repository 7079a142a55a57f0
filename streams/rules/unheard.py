"""Cameras that are not heard of."""

import msgspec

from streams.control import Control
from streams.events import Incident, Rule, Source
from streams.rules.camera import Camera
from streams.rules.plan import span, watch_key
from streams.rules.watch import IDLE, Finding, announce

MISSED_PERIODS = 5
"""A camera is silent when at least this many of its frames are missing."""


def fall_silent(
    camera: Camera, source: Source, rule: Rule, control: Control
) -> tuple[Camera, Incident | None]:
    """The camera at a tick, and the incident where it has just become silent.

    Silence is measured from the camera's last frame, from when it was announced, from when
    ticks came back, or from when a change of the rule ended the last one, whichever is latest:
    nobody was listening before. A camera whose period is unknown is never silent.
    """
    key = watch_key(rule.id, "")
    watch = camera.watches.get(key, IDLE)
    start = max(camera.time, camera.announced, control.resumed_at, watch.floor)
    patience = max(MISSED_PERIODS * source.period, span(rule, "silence_seconds"))
    if not source.period or watch.incident or control.tick - start < patience:
        return camera, None
    finding = Finding(start, "", ())
    incident = announce(
        rule, source, zone="", finding=finding, time=control.tick, origin=source.origin
    )
    watch = msgspec.structs.replace(watch, incident=incident, last=control.tick)
    return msgspec.structs.replace(camera, watches={**camera.watches, key: watch}), incident
