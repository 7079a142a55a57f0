"""What a change of sources, zones or rules does to the cameras it touches.

Kinds and feeds come and go between two starts of a worker, which no change says: that is noticed at
the first tick.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

from streams.cameras import sight, tally
from streams.cameras.scenery import forgets
from streams.cameras.tracking import cleared, standing_since
from streams.control import Control, KnownZone
from streams.events import (
    ActiveModel,
    ControlChange,
    Mask,
    Micros,
    Removed,
    Rule,
    SceneryVerdict,
    Source,
    Topology,
    Zone,
)
from streams.feeds.registry import carries_frames
from streams.incidents.lapse import unheard_limit
from streams.incidents.life import conclude, expire, output
from streams.incidents.watch import IDLE, Watch
from streams.kinds.kind import Watches
from streams.kinds.registry import is_watching, renamed
from streams.rules.camera import SOUND, Camera
from streams.rules.plan import plan, split_key, watch_key
from streams.rules.unheard import sees
from streams.stage import Output
from streams.topics import COUNTS


def touched(state: Mapping[str, Any], known: Control, event: ControlChange) -> list[str]:
    """Ids, in order, of the cameras with a state that the change may concern."""
    match event.change:
        case Source(id=id) | Removed("source", id):
            found = {id}
        case Zone() as zone:
            found = {zone.source} | _place_of(known, zone.id)
        case Removed("zone", id):
            found = _place_of(known, id)
        case Rule(id=id) | Removed("rule", id):
            found = _watched_by(state, id)
        case ActiveModel() | Mask() | SceneryVerdict() | Removed() | Topology():
            found = set()  # what they say holds from the next picture on
    return sorted(key for key in found if isinstance(state.get(key), Camera))


def reconfigure(
    id: str, camera: Camera, known: Control, now: Control
) -> tuple[Camera, list[Output]]:
    """The camera under ``now``; incidents of what has changed or gone end at once.

    Before their end the watch proves nothing: a vehicle that still stands, a camera that still
    says nothing, proves another incident after it, never the one that has ended again under its id.
    What is no longer watched for may come back, so that stays too while anything is as it was
    before it. Where it rests, all that is open of it is over.
    """
    time = max(now.tick, camera.heard)
    kept, source = _watches(now, id), known.source(id)
    period = source.period if source else 0
    if kept is None:
        outputs = _ended(camera, set(camera.watches), time, period)
        outputs += tally.close(camera.tally, id, camera.origin)
        if camera.fault.incident:
            outputs.append(output(conclude(camera.fault.incident, camera.fault.last, time)))
        outputs += _forgotten(id, camera, time)
        if camera.sight.since:
            outputs.append(Output(COUNTS, sight.removed(id, camera.origin, time), id))
        return Camera(tracks=cleared(camera.tracks), spoiled=camera.spoiled), outputs
    before = _watches(known, id)
    if before is None:
        return msgspec.structs.replace(camera, announced=now.tick), []
    if _rests(now, id):
        return _laid_to_rest(camera, time)
    if _rests(known, id):  # what it was to say meanwhile is nothing
        camera = msgspec.structs.replace(camera, announced=now.tick)
    changed = {key for key in camera.watches if before.get(key) != kept.get(key)}
    eldest = _eldest(camera)
    watches: dict[str, Watch] = {}
    for key, old in camera.watches.items():
        watch = _over(old, time) if key in changed else old
        if watch != IDLE and (key in kept or watch.not_before > eldest):
            watches[key] = watch
    ended = _ended(camera, changed, time, period)
    return msgspec.structs.replace(camera, watches=watches), ended


def begin_anew(
    id: str, camera: Camera, known: Control, now: Control
) -> tuple[Camera, list[Output]]:
    """The camera where event time goes back from ``known`` to ``now``: as if just announced.

    What is open ends with the stretch of time in which it was proven, as where nobody watches.
    """
    time, source = max(known.tick, camera.heard), known.source(id)
    outputs = _ended(camera, set(camera.watches), time, source.period if source else 0)
    outputs += tally.close(camera.tally, id, camera.origin)
    if camera.fault.incident:
        outputs.append(output(conclude(camera.fault.incident, camera.fault.last, time)))
    outputs += _forgotten(id, camera, time)
    tracks = msgspec.structs.replace(cleared(camera.tracks), time=0)
    return Camera(announced=now.tick, tracks=tracks), outputs


def withdraw(state: Mapping[str, Any], now: Control) -> Iterator[tuple[str, Camera, list[Output]]]:
    """At the first tick: cameras, in order of ids, of which something is watched that none judges.

    That is so where the kind or the feed is gone from the installation, or the rule from ``now``.
    What was open of it ends, as by a change.
    """
    for name in sorted(key for key, known in state.items() if isinstance(known, Camera)):
        camera: Camera = state[name]
        time = max(now.tick, camera.time)
        if not _is_camera(now, name):
            if camera.watches or camera.tally != tally.EMPTY or camera.fault != SOUND:
                bare, outputs = reconfigure(name, camera, now, now)
                yield name, msgspec.structs.replace(bare, announced=time), outputs
        elif left := {key for key, watch in camera.watches.items() if _is_left(now, key, watch)}:
            watches = {
                key: _over(watch, time) if key in left else watch
                for key, watch in camera.watches.items()
            }
            watches = {key: watch for key, watch in watches.items() if watch != IDLE}
            after = msgspec.structs.replace(camera, watches=watches)
            source = now.source(name)
            yield name, after, _ended(camera, left, time, source.period if source else 0)


def _laid_to_rest(camera: Camera, time: Micros) -> tuple[Camera, list[Output]]:
    """Nothing is to come of it: what its pictures have proven ended with the last that did."""
    over = []
    for _, watch in sorted(camera.watches.items()):
        if watch.incident and sees(watch):
            over.append(expire(watch.incident, watch.last, time))
        elif watch.incident:
            over.append(conclude(watch.incident, time, time))
    if camera.fault.incident:
        over.append(expire(camera.fault.incident, camera.fault.last, time))
    watches = {key: _over(watch, time) for key, watch in camera.watches.items()}
    watches = {key: watch for key, watch in watches.items() if watch != IDLE}
    after = msgspec.structs.replace(camera, watches=watches, fault=SOUND)
    return after, [output(renamed(one)) for one in over]


def _rests(control: Control, id: str) -> bool:
    source = control.source(id)
    return source is not None and source.rests


def _is_left(control: Control, key: str, watch: Watch) -> bool:
    """Whether it remembers more than its end, and no rule that can be judged watches it."""
    rule_id, zone = split_key(key)
    rule = control.rules.get(rule_id)
    drawn, undrawn = (Watches.ZONE, Watches.LINE), (Watches.PICTURE, Watches.SOURCE)
    judged = rule is not None and is_watching(rule.kind, *(drawn if zone else undrawn))
    return not judged and watch != _over(watch, watch.not_before)


def _over(watch: Watch, time: Micros) -> Watch:
    """What stays of it once nothing of it is open."""
    return Watch(not_before=time if watch.incident else watch.not_before)


def _eldest(camera: Camera) -> Micros:
    """Since when anything in its picture, or that nothing is heard of it, has been as it is."""
    return int(standing_since(camera.tracks).min(initial=camera.time))


def _ended(camera: Camera, keys: set[str], time: Micros, period: Micros) -> list[Output]:
    """Or as of its last proof, of what pictures have proven that do not come any more."""
    outputs = []
    for watch in (camera.watches[key] for key in sorted(keys)):
        if watch.incident is None:
            continue
        if sees(watch) and time - camera.time > unheard_limit(period):
            over = expire(watch.incident, watch.last, time)
        else:
            over = conclude(watch.incident, time, time)
        outputs.append(output(renamed(over)))
    return outputs


def _forgotten(id: str, camera: Camera, time: Micros) -> list[Output]:
    if not any(cell.learned for cell in camera.scenery.cells.values()):
        return []
    return [Output(COUNTS, forgets(id, camera.origin, time), id)]


def _watches(control: Control, id: str) -> dict[str, tuple[Rule, KnownZone | None]] | None:
    """What is watched for by key; None where ``id`` is no camera."""
    camera = control.source(id)
    if camera is None or not carries_frames(camera.kind):
        return None
    planned = plan(control, camera)
    watches: dict[str, tuple[Rule, KnownZone | None]] = {
        watched.key: (watched.rule, watched.zone) for watched in planned.watched
    }
    return watches | {watch_key(rule.id, ""): (rule, None) for rule in planned.heard}


def _is_camera(control: Control, id: str) -> bool:
    return carries_frames(control.kind(id))


def _place_of(known: Control, zone: str) -> set[str]:
    return {known.zones[zone].source} if zone in known.zones else set()


def _watched_by(state: Mapping[str, Any], rule: str) -> set[str]:
    return {
        key
        for key, camera in state.items()
        if isinstance(camera, Camera)
        and any(split_key(watch)[0] == rule for watch in camera.watches)
    }
