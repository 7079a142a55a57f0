"""What is remembered of one camera, and what one of its frames does to it."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.labels import CLASSES
from streams.events import (
    MINUTE,
    SECOND,
    BadMessage,
    Detections,
    Incident,
    Micros,
    Origin,
    Source,
)
from streams.stage import Output
from streams.stages.cameras import tally, tracking
from streams.stages.cameras.masks import every
from streams.stages.cameras.occupancy import crowd, intrusion
from streams.stages.cameras.rules import Plan, Watched, span, watch_key
from streams.stages.cameras.scene import Scene, scene
from streams.stages.cameras.stopped import stopped
from streams.stages.cameras.tally import Tally
from streams.stages.cameras.tracking import TALLIED, Tracks
from streams.stages.cameras.watch import IDLE, Finding, Watch, announce, conclude, output, release
from streams.stages.cameras.zones import Areas, areas, inside

INTERRUPTED: Micros = 5 * SECOND
"""After so long without a frame, what was going on is given time to show that it still is."""

_HALF = np.array(0.5, np.float32)
_KNOWN = bytes(range(len(CLASSES)))

Judge = Callable[[Watched, Watch, Scene], tuple[Watch, bool, Finding | None]]
JUDGES: dict[str, Judge] = {"crowd": crowd, "intrusion": intrusion, "stopped_vehicle": stopped}


class Camera(msgspec.Struct, frozen=True, tag="camera"):
    announced: Micros = 0
    """Event time at which it became known; silence is not measured from before."""
    origin: Origin = "live"
    width: int = 0
    height: int = 0
    """Of its pictures, pixels."""
    tracks: Tracks = tracking.EMPTY
    tally: Tally = tally.EMPTY
    watches: dict[str, Watch] = {}
    """By ``watch_key``; only those that have something to remember."""

    @property
    def time(self) -> Micros:
        """Of the last frame that was interpreted; 0: none yet."""
        return self.tracks.time


class Outlook(NamedTuple):
    """A camera's plan, with its zones prepared for the size of its pictures."""

    plan: Plan
    areas: Areas
    tallied: tuple[str, ...]
    """Ids of the zones that are tallied, in the order of ``areas``."""


def outlook(plan: Plan, width: int, height: int) -> Outlook:
    return Outlook(
        plan,
        areas([zone.polygon for zone in plan.zones], width, height),
        tuple(zone.id for zone in plan.zones[: tally.MOST_ZONES]),
    )


def see(
    camera: Camera, event: Detections, outlook: Outlook, source: Source
) -> tuple[Camera, list[Output]]:
    """The camera after a frame that is later than its last, and what that frame proves.

    Raises:
        BadMessage: ``wrong_type``, where the arrays cannot be boxes in a picture.
    """
    boxes, classes, scores = _checked(event)
    tracks = camera.tracks
    if (event.width, event.height) != (camera.width, camera.height):
        tracks = Tracks(tracks.time, tracks.next_id)
    view = tracking.follow(tracks, event.time, boxes, classes, scores)
    outputs: list[Output] = []
    counting = camera.tally
    minute = event.time - event.time % MINUTE
    if counting.minute != minute or counting.zones != outlook.tallied:
        outputs += tally.close(counting, event.camera, camera.origin)
        counting = tally.begin(minute, outlook.tallied)
        view.facts[TALLIED] = 0
    left, _, right, bottom = view.motion[:4]
    within = inside(outlook.areas, (left + right) * _HALF, bottom)
    seen = scene(event, view, within)
    counting = tally.add(counting, seen)
    watches = dict(camera.watches)
    for change in _judged(watches, camera.time, seen, outlook.plan, source):
        outputs.append(output(change))
    after = Camera(
        camera.announced,
        event.origin,
        event.width,
        event.height,
        tracking.pack(view),
        counting,
        watches,
    )
    return after, outputs


def _checked(
    event: Detections,
) -> tuple[NDArray[np.int32], NDArray[np.uint8], NDArray[np.uint16]]:
    boxes, classes, scores = event.arrays()
    if event.width <= 0 or event.height <= 0:
        raise BadMessage("wrong_type", f"a picture of {event.width}x{event.height} pixels")
    if event.classes.translate(None, _KNOWN):  # whatever is left when the known are deleted
        raise BadMessage("wrong_type", "a class that is not in the vocabulary")
    if not every(boxes[:, 2:] >= boxes[:, :2]):
        raise BadMessage("wrong_type", "a box that ends before it begins")
    return boxes, classes, scores


def _judged(
    watches: dict[str, Watch], last: Micros, scene: Scene, plan: Plan, source: Source
) -> Iterator[Incident]:
    """Moves the watches (in place) past a frame; the incidents that begin or end with it."""
    time = scene.time
    for rule in plan.silence:
        watch = watches.pop(watch_key(rule.id, ""), None)
        if watch and watch.incident:
            yield conclude(watch.incident, time, time)
    for watched in plan.watched:
        watch = before = watches.get(watched.key, IDLE)
        if watch.incident and time - last > INTERRUPTED:
            watch = msgspec.structs.replace(watch, last=time)
        judge = JUDGES[watched.rule.kind]
        watch, lasts, finding = judge(watched, watch, scene)
        if watch.incident and lasts:
            watch = msgspec.structs.replace(watch, last=time)
        elif watch.incident:
            watch, ended = release(watch, time, span(watched.rule, "clear_seconds"))
            if ended:
                yield ended
        elif finding:
            incident = announce(
                watched.rule,
                source,
                zone=watched.zone.id,
                finding=finding,
                time=time,
                origin=scene.event.origin,
            )
            watch = msgspec.structs.replace(watch, last=time, incident=incident)
            yield incident
        if watch == IDLE:
            watches.pop(watched.key, None)
        elif watch is not before:
            watches[watched.key] = watch
