"""What is remembered of one camera, and what one of its frames does to it."""

import logging
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

import msgspec
import numpy as np

from models.labels import CLASSES
from streams.cameras import _frame, scenery, tally, tracking
from streams.cameras.scene import Scene
from streams.cameras.scenery import Scenery, Spot
from streams.cameras.sight import UNSAID, Sighted
from streams.cameras.tally import Tally
from streams.cameras.tracking import Tracks
from streams.cameras.watched import Watched
from streams.cameras.zones import Area, area, inside
from streams.control import Drawn
from streams.events import (
    MINUTE,
    SECOND,
    BadMessage,
    Detections,
    Evidence,
    FrameRef,
    Incident,
    Micros,
    Origin,
    SceneryVerdict,
)
from streams.incidents.life import announce, conclude, obscure, output, regain, release
from streams.incidents.watch import IDLE, Watch
from streams.kinds.kind import Kind
from streams.kinds.registry import renamed
from streams.rules.plan import Plan, watch_key
from streams.stage import Output
from streams.topics import COUNTS

INTERRUPTED: Micros = 5 * SECOND
"""After so long without a frame, or two that were due, what was going on is given time to show that
it still is. After longer it is unknown until then (``streams.incidents.lapse``)."""

_KNOWN = bytes(range(len(CLASSES)))

log = logging.getLogger(__name__)
_INCIDENTS = msgspec.msgpack.Decoder(Incident)


class Fault(msgspec.Struct, frozen=True, array_like=True):
    """What a camera's last pictures have shown where they were not good."""

    kind: str = ""
    """Of incident: the fault that they show; empty: none."""
    since: Micros = 0
    last: Micros = 0
    """Of the newest picture that shows it."""
    incident: Incident | None = None
    """The open one, as it was last amended."""
    before: Evidence | None = None
    """The last good picture before it."""


SOUND = Fault()


class Camera(msgspec.Struct, frozen=True, tag="camera"):
    announced: Micros = 0
    """Event time at which it became known; no data is not counted from before."""
    origin: Origin = "live"
    width: int = 0
    height: int = 0
    """Of its pictures, pixels."""
    tracks: Tracks = tracking.EMPTY
    tally: Tally = tally.EMPTY
    watches: dict[str, Watch] = {}
    """By ``watch_key``; only those that have something to remember."""
    spoiled: Micros = 0
    """Time of its newest picture that was not good, and so not interpreted."""
    shown: FrameRef | None = None
    """Its newest picture that was."""
    fault: Fault = SOUND
    scenery: Scenery = scenery.BARE
    looked: Micros = 0
    """Time of the last picture that a model looked at, of those that were interpreted; 0: none."""
    sight: Sighted = UNSAID
    view: int = 0
    """``Detections.view`` of its last picture."""
    seen: tuple[bytes, bytes, bytes] = (b"", b"", b"")
    """Boxes, classes and scores of the last picture that a model looked at, without the masked."""

    @property
    def heard(self) -> Micros:
        """Time of its newest picture, whatever that is worth; 0: none yet."""
        return max(self.time, self.spoiled)

    @property
    def time(self) -> Micros:
        """Of the last frame that was interpreted; 0: none yet."""
        return self.tracks.time


class Outlook(NamedTuple):
    """A camera's plan, with its zones prepared for the size of its pictures."""

    plan: Plan
    areas: tuple[Area, ...]
    tallied: tuple[str, ...]
    """Ids of the zones that are tallied, in the order of ``areas``."""
    whole: bool
    """Whether anything is watched for in all of the picture, or on a line in it."""
    masks: tuple[Area, ...] = ()
    """Where nothing counts that a model sees."""
    spots: tuple[Spot, ...] = ()
    """What engineers say of its scenery."""


def outlook(
    plan: Plan,
    width: int,
    height: int,
    masks: Iterable[Drawn] = (),
    verdicts: Iterable[SceneryVerdict] = (),
) -> Outlook:
    return Outlook(
        plan,
        tuple(area(zone.polygon, width, height) for zone in plan.zones),
        tuple(zone.id for zone in plan.zones[: tally.MOST_ZONES]),
        any(watched.row == len(plan.zones) for watched in plan.watched),
        tuple(area(mask.polygon, width, height) for mask in masks),
        scenery.spots(verdicts, width, height),
    )


def see(
    camera: Camera, event: Detections, outlook: Outlook
) -> tuple[Camera, list[Output], dict[str, int]]:
    """The camera after a frame that is later than its last, and what that frame proves.

    Kinds that fail are counted by name; their rules' watches stay as they were.

    Raises:
        BadMessage: ``wrong_type``, where the arrays cannot be boxes in a picture.
    """
    check(event)
    if outlook.masks:
        event = unmasked(event, outlook.masks)
    tracks = camera.tracks
    resized = (event.width, event.height) != (camera.width, camera.height)
    anew = resized or event.view != camera.view
    if anew:
        tracks = tracking.cleared(tracks)
    view = tracking.follow(tracks, event.time, event.boxes, event.classes, event.scores)
    within = inside(outlook.areas, view.tracks, event.width, event.height)
    if outlook.whole:
        within += b"\1" * len(view.match)
    learned, what, told = scenery.look(camera.scenery, view, event, outlook.spots, anew=anew)
    outputs = [Output(COUNTS, each, event.camera) for each in told]
    counting = camera.tally
    minute = event.time - event.time % MINUTE
    first = counting.minute != minute or counting.zones != outlook.tallied
    if first:
        outputs += tally.close(counting, event.camera, camera.origin)
        counting = tally.begin(minute, outlook.tallied)
    counting, view = tally.add(counting, view, within, first=first, scenery=what)
    seen = Scene(event, view, within, what)
    watches = dict(camera.watches)
    failed: dict[str, int] = {}
    for change in _judged(watches, camera.time, seen, outlook, failed=failed):
        outputs.append(output(renamed(change)))
    after = Camera(
        camera.announced,
        event.origin,
        event.width,
        event.height,
        view.tracks,
        counting,
        watches,
        camera.spoiled,
        event.frame,
        camera.fault,
        learned,
        event.time,
        camera.sight,
        event.view,
        (event.boxes, event.classes, event.scores),
    )
    return after, outputs, failed


def unmasked(event: Detections, masks: tuple[Area, ...]) -> Detections:
    """Without what stands in one of the masks, by its foot, as in zones."""
    boxes, classes, scores = event.arrays()
    if not len(boxes):
        return event
    moves = np.zeros((10, len(boxes)), np.float32)
    moves[tracking.BOX] = boxes.T
    masked = np.frombuffer(
        inside(masks, Tracks(motion=moves.tobytes()), event.width, event.height), bool
    )
    kept = ~masked.reshape(len(masks), -1).any(axis=0)
    if kept.all():
        return event
    return msgspec.structs.replace(
        event,
        boxes=boxes[kept].tobytes(),
        classes=classes[kept].tobytes(),
        scores=scores[kept].tobytes(),
    )


def again(camera: Camera, event: Detections) -> Camera:
    """The camera after a frame that is as the last one that a model looked at.

    Who was seen is still seen. Nothing is judged: before an incident begins the model looks, which
    it does within a second.
    """
    tracks = tracking.remain(camera.tracks, event.time, *camera.seen)
    return msgspec.structs.replace(camera, tracks=tracks, shown=event.frame)


def notice(watches: dict[str, Watch], plan: Plan, time: Micros) -> Iterator[Incident]:
    """Moves the watches (in place) past any picture: the camera is heard of."""
    for rule in plan.heard:
        watch = watches.pop(watch_key(rule.id, ""), None)
        if watch and watch.incident:
            yield conclude(watch.incident, time, time)


def check(event: Detections) -> None:
    """Raises BadMessage: ``wrong_type``, where the arrays cannot be boxes in a picture."""
    n = len(event.classes)
    if len(event.boxes) != 16 * n or len(event.scores) != 2 * n:
        raise BadMessage("wrong_type", "boxes, classes and scores differ in length")
    if event.width <= 0 or event.height <= 0:
        raise BadMessage("wrong_type", f"a picture of {event.width}x{event.height} pixels")
    if event.classes.translate(None, _KNOWN):  # whatever is left when the known are deleted
        raise BadMessage("wrong_type", "a class that is not in the vocabulary")
    if not _frame.in_order(event.boxes):
        raise BadMessage("wrong_type", "a box that ends before it begins")


def _judged(
    watches: dict[str, Watch],
    last: Micros,
    scene: Scene,
    outlook: Outlook,
    *,
    failed: dict[str, int],
) -> Iterator[Incident]:
    """Moves the watches (in place) past a frame; the incidents that begin or end with it."""
    plan = outlook.plan
    yield from notice(watches, plan, scene.time)
    for watched, kind in zip(plan.watched, plan.kinds, strict=True):
        before = watches.get(watched.key, IDLE)
        try:
            watch, change = _advance(kind, watched, before, scene, last)
        except (MemoryError, OSError):
            raise  # these are the machine's: elsewhere, or later, it would have gone well
        except Exception:
            # A kind that fails harms nothing else; the frame goes on for the other rules.
            log.exception("kind %s failed on %s", kind.id, watched.source.id)
            failed[f"failed {kind.id}"] = failed.get(f"failed {kind.id}", 0) + 1
            continue
        if change:
            yield change
        if watch is before:
            continue
        if watch == IDLE:
            watches.pop(watched.key, None)
        else:
            watches[watched.key] = watch


def _advance(
    kind: Kind,
    watched: Watched,
    watch: Watch,
    scene: Scene,
    last: Micros,
) -> tuple[Watch, Incident | None]:
    """One watch past a frame, and the incident that begins or ends; raises whatever a kind does."""
    time = scene.time
    if watch.incident and time - last > INTERRUPTED and time - last > scene.step:
        watch = msgspec.structs.replace(watch, last=time)
    if kind.judge_scene is None:
        raise TypeError(f"kind {kind.id} watches pictures and has no judge of them")
    if watch.memory is not None:
        # A copy of its own: what a judge has done to it before it failed must be undone.
        watch = msgspec.structs.replace(watch, memory=_stored(watch.memory))
    watch, lasts, finding = kind.judge_scene(watched, watch, scene)
    # A worker that starts again has what was stored: anything else would decide otherwise.
    if watch.memory is not None and _stored(watch.memory) != watch.memory:
        raise TypeError(f"kind {kind.id} remembers what is not read back as it is stored")
    if watch.incident and lasts:
        again = None
        if watch.incident.unknown_since is not None:
            again = regain(watch.incident, time)
        return msgspec.structs.replace(watch, last=time, incident=again or watch.incident), again
    clear = watched.spans["clear_seconds"]
    if watch.incident and lasts is None:
        return obscure(watch, time, clear)
    if watch.incident:
        return _release(kind, watched, watch, scene)
    if not finding:
        return watch, None
    incident = announce(
        kind.id,
        watched.rule,
        watched.source,
        zone=watched.zone.id,
        finding=finding,
        time=time,
        origin=scene.event.origin,
    )
    # What a kind has found must be of the form that its readers expect.
    _INCIDENTS.decode(msgspec.msgpack.encode(incident))
    return msgspec.structs.replace(watch, last=time, incident=incident), incident


def _release(
    kind: Kind, watched: Watched, watch: Watch, scene: Scene
) -> tuple[Watch, Incident | None]:
    """Ends what does not last any more, and says where that is because it is scenery."""
    after, over = release(watch, scene.time, watched.spans["clear_seconds"])
    if over is None or not scene.scenery or kind.judge_scene is None:
        return after, over
    is_so = scene.is_scenery(over.subject)
    if not over.subject:  # of many objects: it is so if they would be enough
        is_so = bool(kind.judge_scene(watched, watch, scene._replace(scenery=b""))[1])
    return after, msgspec.structs.replace(over, scenery=True) if is_so else over


def _stored(memory: Any) -> Any:
    """As it is read again."""
    return msgspec.msgpack.decode(msgspec.msgpack.encode(memory))
