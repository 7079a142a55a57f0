"""Cameras whose pictures cannot be judged: after a while that is an incident of its own.

It needs no rule. What the camera had proven is treated as if no picture had come: it is unknown,
and in the end over (``unheard``).
"""

import msgspec

from streams.control import KnownSource
from streams.events import NOWHERE, SECOND, Detections, Evidence, Incident, Micros, Moved
from streams.incidents.hold import gap_limit
from streams.incidents.lapse import lapse
from streams.incidents.life import conclude, declare
from streams.incidents.watch import Watch
from streams.kinds.registry import fault_of
from streams.rules.camera import SOUND, Camera, Fault

FAULT_AFTER: Micros = 20 * SECOND
"""Pictures that show nothing else for so long prove it."""
CLEAR_AFTER: Micros = 10 * SECOND
"""Good pictures end it once the last bad one is so long ago."""


def spoil(camera: Camera, event: Detections, source: KnownSource) -> tuple[Camera, list[Incident]]:
    """The camera after a later picture that is not good, and what begins or ends with it."""
    fault, changes, time = camera.fault, [], event.time
    kind = fault_of(event.verdict)
    if fault.kind != kind.id or time - fault.last > gap_limit(source.period):
        if fault.incident:
            changes.append(conclude(fault.incident, fault.last, time))
        before = fault.before if fault.kind else _shown(camera, event)
        fault = Fault(kind.id, time, before=before)
    fault = msgspec.structs.replace(fault, last=time)
    if fault.incident is None and time - fault.since >= FAULT_AFTER:
        incident = declare(
            kind.id,
            (source.id,),
            told(event.moved) if event.moved else event.verdict,
            start=fault.since,
            time=time,
            severity="medium",
            origin=event.origin,
            place=None if source.place == NOWHERE else source.place,
        )
        outline = outlined(event.moved) if event.moved else ()
        proof = Evidence(event.camera, time, event.model, event.frame, zone=outline)
        before = _former(event) or fault.before
        shown = (proof,) if before is None else (proof, before)
        changes.append(msgspec.structs.replace(incident, evidence=shown))
        fault = msgspec.structs.replace(fault, incident=changes[-1])
    return msgspec.structs.replace(camera, spoiled=time, fault=fault), changes


def recover(camera: Camera, time: Micros) -> tuple[Camera, Incident | None]:
    """The camera with a good picture at ``time``, before that is interpreted."""
    fault = camera.fault
    if fault.incident and time - fault.last < CLEAR_AFTER:
        return camera, None
    over = conclude(fault.incident, fault.last, time) if fault.incident else None
    return msgspec.structs.replace(camera, fault=SOUND), over


def miss(
    camera: Camera, period: Micros, until: Micros, time: Micros
) -> tuple[Camera, Incident | None]:
    """The camera of which no picture at all has come up to ``until``, decided at ``time``."""
    fault = camera.fault
    if fault.incident is None:
        return camera, None
    watch, change = lapse(
        Watch(incident=fault.incident),
        camera.heard,
        until,
        proven=fault.last,
        period=period,
        time=time,
    )
    if change is None:
        return camera, None
    after = msgspec.structs.replace(fault, incident=watch.incident) if watch.incident else SOUND
    return msgspec.structs.replace(camera, fault=after), change


def told(moved: Moved) -> str:
    """By how much the view is shifted in the picture, in signs that need no language."""
    if not moved.zoom:
        return "moved"
    across = (
        f"{'←' if moved.right < 0 else '→'} {abs(moved.right) / 10:.0f} %" if moved.right else ""
    )
    along = f"{'↑' if moved.down < 0 else '↓'} {abs(moved.down) / 10:.0f} %" if moved.down else ""
    size = f"× {moved.zoom / 1000:g}" if moved.zoom != 1000 else ""
    return ", ".join(filter(None, (across, along, size)))


def outlined(moved: Moved) -> tuple[tuple[float, float], ...]:
    """Where the former view lies in the picture, in its fractions; empty: nowhere."""
    if not moved.zoom:
        return ()
    left, right = _side(moved.right, moved.zoom)
    top, bottom = _side(moved.down, moved.zoom)
    return (left, top), (right, top), (right, bottom), (left, bottom)


def _side(shift: int, zoom: int) -> tuple[float, float]:
    """Both ends, in the picture."""
    middle = 500 + shift
    return max(middle - zoom // 2, 0) / 1000, min(middle + zoom // 2, 1000) / 1000


def _former(event: Detections) -> Evidence | None:
    """The newest picture that showed the view before it was moved; later ones may have been good,
    as not all are compared."""
    if event.moved is None or event.moved.frame is None:
        return None
    return Evidence(event.camera, event.moved.time, event.model, event.moved.frame)


def _shown(camera: Camera, event: Detections) -> Evidence | None:
    """The last good picture: what has changed since."""
    if camera.shown is None:
        return None
    return Evidence(event.camera, camera.time, event.model, camera.shown)
