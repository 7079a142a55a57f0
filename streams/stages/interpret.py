"""Detections in; incidents and counts out: tracks, zones and the rules that watch them.

Per camera a pure function of that camera's detections, in order, and of the control events
between them. Frames that are late, or not later than the camera's last, change nothing; by those
whose picture is not good nothing is judged but the camera.
"""

import logging
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from streams import control
from streams.accounts.entries import NOTHING, Added, Entry, rebooked
from streams.cameras import sight, tally, tracking
from streams.control import EMPTY, KEY, Control, KnownSource
from streams.events import (
    MINUTE,
    Accounts,
    BadMessage,
    ControlChange,
    Detections,
    Fate,
    Incident,
    Micros,
    Source,
    Tick,
    Watermark,
)
from streams.feeds.registry import carries_frames, frame_lateness
from streams.feeds.shares import Share
from streams.hearing import NEVER
from streams.incidents.hold import LEAST_GAP
from streams.incidents.lapse import LEAST_UNHEARD
from streams.incidents.life import output
from streams.kinds.kind import Watches
from streams.kinds.registry import renamed
from streams.rules import faults
from streams.rules.agenda import ALWAYS, Agenda, missed_due, tally_due, unheard_due
from streams.rules.camera import Camera, Outlook, again, notice, outlook, see
from streams.rules.plan import of_kind, plan
from streams.rules.reach import reaches
from streams.rules.reconfigure import begin_anew, reconfigure, touched, withdraw
from streams.rules.unheard import go_unheard, miss, outlast
from streams.stage import EVERY_PARTITION, Output, Position, Result
from streams.topics import COUNTS, DETECTIONS, INCIDENTS, partition_of

log = logging.getLogger(__name__)
EMPTY_CAMERA = Camera()


class Interpret:
    """Args: ``partitions`` of every topic; a camera's absence is judged in its own only."""

    name = "interpret"
    reads = DETECTIONS
    state_type = Control | Camera
    blocking = False
    prepare = None
    accounts_to, stores = COUNTS, False

    def __init__(self, partitions: int) -> None:
        self.partitions = partitions
        tracking.load()
        # A pure cache: what is kept is recomputed where anything that decides it differs.
        self._outlooks: dict[str, tuple[Control, int, int, Outlook]] = {}
        self._agendas: dict[int, Agenda] = {}

    def step(self, state: Mapping[str, Any], event: Any, at: Position) -> Result:
        """Raises BadMessage: ``unknown_source``, ``wrong_type``."""
        known: Control = state.get(KEY, EMPTY)
        match event:
            case Detections():
                return self._see(state, known, event, at)
            case Tick():
                return self._tick(state, known, event, at)
            case ControlChange():
                return self._change(state, known, event, at)
            case Accounts():
                return Result()  # detect's, for those who store them
        raise BadMessage("wrong_type", f"{type(event).__name__} is not for interpret")

    def waiting(self, _: Mapping[str, Any]) -> int:
        return 0

    def _see(
        self, state: Mapping[str, Any], known: Control, event: Detections, at: Position
    ) -> Result:
        if event.camera not in known.sources:
            raise BadMessage("unknown_source", event.camera)
        camera: Camera = state.get(event.camera, EMPTY_CAMERA)
        if event.late or event.time < control.passed(known, frame_lateness()):
            return Result(counts={"late": 1}, accounts=_not_accepted(event, "not_judged"))
        if event.time <= camera.tracks.time or event.time <= camera.spoiled:
            return Result(counts={"repeated": 1}, accounts=_not_accepted(event, "repeated"))
        if event.verdict != "good":
            return self._spoil(camera, known, event, at)
        if event.as_of and event.as_of != camera.looked:
            # It was not taken here, as where this began after it: the model looks in a second.
            return self._pass(camera, known, event, at)
        missed: list[Output] = []
        if camera.time and event.time - camera.time > LEAST_UNHEARD:
            period = control.known(known, event.camera).period
            camera, changes = miss(camera, period, event.time, event.time)
            missed = [output(change) for change in changes]
        if camera.fault.kind:
            camera, over = faults.recover(camera, event.time)
            if over:
                missed.append(output(over))
        view = self._outlook(known, event)
        failed: dict[str, int] = {}
        last = camera.time
        if event.as_of:
            camera, changes = _notice(again(camera, event), view, event.time)
            outputs = [output(change) for change in changes]
        else:
            camera, outputs, failed = see(camera, event, view)
        if event.time - last > sight.NEAR and last >= _begun(camera, known) > 0:
            wider = sight.widened(camera.sight, last, event.time)
            camera = msgspec.structs.replace(camera, sight=wider)
        agenda = self._agendas.get(at.partition)
        if agenda and any(isinstance(out.event, Incident) for out in outputs):
            agenda.put(event.camera, ALWAYS)
        return Result({event.camera: camera}, (*missed, *outputs), {"accepted": 1, **failed})

    def _spoil(self, camera: Camera, known: Control, event: Detections, at: Position) -> Result:
        """A picture that nothing can be judged by."""
        if camera.sight.verdict != event.verdict:
            seen = msgspec.structs.replace(camera.sight, verdict=event.verdict)
            camera = msgspec.structs.replace(camera, sight=seen)
        camera, begun = faults.spoil(camera, event, control.known(known, event.camera))
        return self._pass(camera, known, event, at, begun)

    def _pass(
        self,
        camera: Camera,
        known: Control,
        event: Detections,
        at: Position,
        begun: Sequence[Incident] = (),
    ) -> Result:
        """A picture that says no more than that the camera is heard of, and what that begins."""
        camera = msgspec.structs.replace(camera, spoiled=event.time)
        camera, changes = _notice(camera, self._outlook(known, event), event.time)
        changes += begun
        agenda = self._agendas.get(at.partition)
        if agenda and changes:
            agenda.put(event.camera, ALWAYS)
        return Result(
            {event.camera: camera},
            tuple(output(change) for change in changes),
            {"not_judged": 1},
            accounts=_not_accepted(event, "not_judged"),
        )

    def _tick(self, state: Mapping[str, Any], known: Control, event: Tick, at: Position) -> Result:
        now = control.tick(known, event)
        if now is known:
            return Result()
        if control.went_back(known, now):
            return self._begin_anew(state, known, now, event, at)
        changes: dict[str, Any] = {KEY: now}
        outputs: list[Output] = []
        failed: Counter[str] = Counter()
        rules = of_kind(now, Watches.SOURCE)
        passed = control.passed(now, frame_lateness())
        agenda = self._agendas.get(at.partition)
        # Where nobody listened for long, that concerns every camera.
        if agenda is None or agenda.under is not known or now.tick - known.tick > LEAST_GAP:
            agenda = self._agendas[at.partition] = Agenda(self._ours(now, at))
            for name, camera, ended in withdraw(state, now):
                changes[name] = camera
                outputs += ended
        agenda.under = None  # until this step is done: it forgets whom it gives out
        for name in agenda.take(now.tick):
            source = control.known(now, name)
            camera = before = changes.get(name, state.get(name, Camera()))
            if camera.tally.minute and camera.tally.minute + MINUTE <= passed:
                outputs += tally.close(camera.tally, source.id, camera.origin)
                camera = msgspec.structs.replace(camera, tally=tally.EMPTY)
            camera, changed = _elapse(camera, source.period, known.tick or now.tick, now.tick)
            outputs += [output(change) for change in changed]
            applied = [found for found in rules if reaches(found[0], name, source.kind)]
            due = NEVER
            for rule, kind in applied:
                try:
                    after, incident = go_unheard(camera, source, rule, now)
                    due = min(due, unheard_due(after, source, rule, kind, now))
                except (MemoryError, OSError):
                    raise  # these are the machine's
                except Exception:
                    # Or a kind that fails would stop event time.
                    log.exception("kind %s failed on %s", kind.id, source.id)
                    failed[f"failed {kind.id}"] += 1
                    due = ALWAYS
                    continue
                camera = after
                if incident:
                    outputs.append(output(incident))
            if camera is not before:
                changes[source.id] = camera
            due = min(due, missed_due(camera, source.period, frame_lateness()))
            agenda.put(name, min(due, tally_due(camera, frame_lateness())))
        agenda.under = now
        told = Watermark(self.name, self.reads, at.partition, passed, now.tick)
        outputs.append(Output(INCIDENTS, told, partition=EVERY_PARTITION))
        if now.tick // sight.EVERY != known.tick // sight.EVERY:
            for name in self._ours(now, at):
                kept = changes.get(name, state.get(name))
                if isinstance(kept, Camera):
                    changes[name], said = _looked_at(kept, control.known(now, name), now)
                    outputs += said
        return Result(changes, tuple(outputs), failed)

    def _begin_anew(
        self, state: Mapping[str, Any], known: Control, now: Control, event: Tick, at: Position
    ) -> Result:
        """Event time goes back: what is open ends before, and every camera is as just announced."""
        changes: dict[str, Any] = {KEY: now}
        outputs: list[Output] = []
        for name in sorted(key for key, kept in state.items() if isinstance(kept, Camera)):
            changes[name], ended = begin_anew(name, state[name], known, now)
            outputs += ended
        self._agendas.pop(at.partition, None)
        passed = control.passed(now, frame_lateness())
        told = Watermark(self.name, self.reads, at.partition, passed, now.tick, event.wrong_since)
        outputs.append(Output(INCIDENTS, told, partition=EVERY_PARTITION))
        return Result(changes, tuple(outputs))

    def _change(
        self, state: Mapping[str, Any], known: Control, event: ControlChange, at: Position
    ) -> Result:
        now = control.change(known, event, Share(at.partition, self.partitions).pictures)
        if now is known:
            return Result()
        changes: dict[str, Any] = {KEY: now}
        outputs: list[Output] = []
        for camera in touched(state, known, event):
            changes[camera], emitted = reconfigure(camera, state[camera], known, now)
            outputs += emitted
        source = event.change
        if isinstance(source, Source) and self._is_ours(source, at) and source.id not in state:
            changes[source.id] = Camera(announced=now.tick)
        return Result(changes, tuple(outputs))

    def _is_ours(self, source: Source | KnownSource, at: Position) -> bool:
        """Whether the source is a camera of this partition."""
        ours = partition_of(source.id, self.partitions) == at.partition
        return ours and carries_frames(source.kind)

    def _ours(self, known: Control, at: Position) -> list[str]:
        """Ids of the cameras of this partition."""
        return [source.id for source in known.all_sources() if self._is_ours(source, at)]

    def _outlook(self, known: Control, event: Detections) -> Outlook:
        kept = self._outlooks.get(event.camera)
        if kept:
            under, width, height, view = kept
            same = (
                under.sources is known.sources
                and under.zones is known.zones
                and under.rules is known.rules
                and under.masks is known.masks
                and under.scenery is known.scenery
            )
            if same and (width, height) == (event.width, event.height):
                return view
        camera = control.known(known, event.camera)
        view = outlook(
            plan(known, camera),
            event.width,
            event.height,
            known.masks_of(event.camera),
            known.scenery_of(event.camera),
        )
        self._outlooks[event.camera] = known, event.width, event.height, view
        return view


def _elapse(
    camera: Camera, period: Micros, last: Micros, tick: Micros
) -> tuple[Camera, list[Incident]]:
    """The camera at a tick that follows ``last``, and what is unknown or over by then."""
    camera, over = outlast(camera, period, last, tick)
    camera, changed = miss(camera, period, tick - frame_lateness(), tick)
    camera, lost = faults.miss(camera, period, tick - frame_lateness(), tick)
    return camera, [*over, *changed, *([lost] if lost else [])]


def _notice(camera: Camera, view: Outlook, time: Micros) -> tuple[Camera, list[Incident]]:
    """The camera, heard of at that time, and what ends by that."""
    watches = dict(camera.watches)
    changes = [renamed(one) for one in notice(watches, view.plan, time)]
    return msgspec.structs.replace(camera, watches=watches), changes


def _begun(camera: Camera, known: Control) -> Micros:
    """Since when pictures of it could come; 0: not known."""
    return max(camera.announced, known.resumed_at)


def _looked_at(camera: Camera, source: KnownSource, now: Control) -> tuple[Camera, list[Output]]:
    """How near together its pictures are, and what is to be said of that."""
    if not (begun := _begun(camera, now)):
        return camera, []
    until = control.passed(now, frame_lateness())
    last, spacing = camera.time, tracking.spacing(camera.tracks)
    come = sight.Come(begun, last, spacing, camera.spoiled, source.period, until, now.tick)
    found = sight.look(camera.sight, come)
    outputs = []
    if sight.is_due(found, now.tick):
        said = sight.told(found, source.id, source.origin, now.tick)
        found = msgspec.structs.replace(found, told=now.tick)
        outputs.append(Output(COUNTS, said, source.id))
    return msgspec.structs.replace(camera, sight=found), outputs


def _not_accepted(event: Detections, fate: Fate) -> Added:
    """The stage before has said that it is accepted, or that it is late, which stands."""
    if event.late:
        return NOTHING
    return Added(rebooked(Entry(event.camera, event.time, fate), "accepted"))
