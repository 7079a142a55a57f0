"""Frames to detections: one frame, one model version, no memory but which frame was the last, since
when frames have been the same, what the last shows that a model looked at, and what the camera
looks at."""

from collections.abc import Callable, Iterator, Mapping
from threading import Lock
from typing import Any, Final, NamedTuple

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.detector import Detector, Fitted, Found
from models.loader import load_detector
from models.manifest import ModelError
from models.registry import ModelMissingError, Registry
from models.thresholds import BEGIN
from streams import control
from streams.accounts.entries import Added, Entry
from streams.cameras import gate, pictures
from streams.cameras.gate import Looked
from streams.cameras.verdicts import Look, Stillness, judged, look, still
from streams.cameras.view import View, begin_anew, is_covered, tour, watch
from streams.control import EMPTY, KEY, Control, KnownSource
from streams.events import (
    BadMessage,
    ControlChange,
    Detections,
    Fate,
    Frame,
    FrameRef,
    Micros,
    Tick,
)
from streams.feeds.registry import carries_frames, frame_lateness
from streams.feeds.shares import Share
from streams.models import registry
from streams.settings import Settings
from streams.stage import SAME_PARTITION, Hearing, Output, Position, Result
from streams.topics import DETECTIONS, FRAMES

DEFAULT_MODEL = "street_detector"
"""For cameras that name no model while none is active for the task: our own, by its one version."""
TASK = "detection"
MISSING: Final = "model_missing"
REFUSED: Final = "model_refused"
NO_MODEL = (MISSING, REFUSED)
"""Reasons of dead letters."""
NOTHING = Found(np.zeros((0, 4)), np.zeros(0, np.uint8), np.zeros(0))
"""What a picture shows that nobody can judge."""


class LastFrame(msgspec.Struct, frozen=True, tag="camera"):
    """What is remembered of a camera."""

    last: Micros
    """Time of its newest frame."""
    heard: Micros = 0
    """The last tick when that arrived; 0: an earlier release took it."""
    stillness: Stillness = Stillness()
    looked: Looked = gate.NEVER
    view: View = View()


class Prepared(NamedTuple):
    """A frame whose picture is decoded, and fitted to the network where that may have to see it."""

    frame: Frame
    detector: Detector
    image: NDArray[np.uint8]
    """BGR [height, width, 3]."""
    seen: Look
    picture: Fitted | None


class Detectors:
    """Detectors by ``name@version``, each loaded once, when first asked for.

    What is loaded never changes, so a step that uses it stays a function of its arguments. A model
    that is not there is looked for again, since it may have been fetched meanwhile; one that is
    refused stays refused.
    """

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._loaded: dict[str, Detector | ModelError] = {}
        self._lock = Lock()

    def __call__(self, id: str) -> Detector:
        """Raises BadMessage with a reason of ``NO_MODEL``."""
        with self._lock:
            found = self._loaded.get(id)
            if found is None:
                try:
                    found = load_detector(self._registry, id)
                except ModelMissingError as error:
                    raise BadMessage(MISSING, str(error)) from None
                except ModelError as error:
                    found = error
                self._loaded[id] = found
        if isinstance(found, ModelError):
            raise BadMessage(REFUSED, str(found))
        return found


class Detect:
    """See ``streams.stage.Stage``.

    Args:
        detectors: by ``name@version``; raises BadMessage with a reason of ``NO_MODEL``.
        partitions: of every topic: of each partition's cameras only is anything remembered.

    State: ``Control`` under KEY, ``LastFrame`` under a camera's id.
    """

    name = "detect"
    reads = FRAMES
    state_type = Control | LastFrame
    blocking = True
    accounts_to, stores = DETECTIONS, True

    def __init__(self, detectors: Callable[[str], Detector], partitions: int) -> None:
        self._detectors = detectors
        self._partitions = partitions

    @classmethod
    def from_settings(cls, settings: Settings) -> "Detect":
        return cls(Detectors(registry(settings)), settings.partitions)

    def prepare(self, state: Mapping[str, Any], event: Any) -> Any:
        """Raises BadMessage where that cannot be; ``step`` then says what is wrong."""
        if not isinstance(event, Frame):
            return event
        known: Control = state.get(KEY, EMPTY)
        prepared = self._prepare(known, control.known(known, event.camera), event)
        camera: LastFrame | None = state.get(event.camera)
        # Only a guess: what the state says by then decides.
        shown = _shown(prepared, known)
        if prepared.seen.verdict != "good" or (camera and gate.is_as(camera.looked, shown)):
            return prepared
        return prepared._replace(picture=prepared.detector.fit(prepared.image))

    def step(self, state: Mapping[str, Any], event: Any, at: Position) -> Result:
        known: Control = state.get(KEY, EMPTY)
        match event:
            case Tick():
                now = control.tick(known, event)
                result = _forward(known, now, event)
                if not control.went_back(known, now):
                    return result
                cameras = {
                    name: LastFrame(0, view=begin_anew(kept.view))
                    for name, kept in sorted(state.items())
                    if isinstance(kept, LastFrame)
                }
                return result._replace(changes={**result.changes, **cameras})
            case ControlChange():
                keep = Share(at.partition, self._partitions).decoding
                return _forward(known, control.change(known, event, keep), event)
            case Frame():
                return self._frame(known, state.get(event.camera), event, None, at)
            case Prepared(frame):
                return self._frame(known, state.get(frame.camera), frame, event, at)
        raise BadMessage("wrong_type", f"{type(event).__name__} in {at.topic}")

    def hearing(self, state: Mapping[str, Any]) -> Iterator[Hearing]:
        cameras = {
            name: frame
            for name, frame in sorted(state.items())
            if isinstance(frame, LastFrame) and frame.heard
        }
        heard = np.array([frame.heard for frame in cameras.values()], np.int64)
        last = np.array([frame.last for frame in cameras.values()], np.int64)
        yield Hearing(tuple(cameras), heard, heard - last)

    def waiting(self, _: Mapping[str, Any]) -> int:
        return 0

    def _prepare(self, known: Control, source: KnownSource, frame: Frame) -> Prepared:
        image = pictures.decode(frame.jpeg)
        detector = self._detectors(_model(known, source))
        return Prepared(frame, detector, image, look(image), None)

    def _frame(
        self,
        known: Control,
        camera: LastFrame | None,
        frame: Frame,
        prepared: Prepared | None,
        at: Position,
    ) -> Result:
        Share(at.partition, self._partitions).insist("camera", frame.camera)
        source = control.known(known, frame.camera)
        if not carries_frames(source.kind):
            raise BadMessage("unknown_source", f"{source.id} is a {source.kind}, not a camera")
        control.judge_time(known, frame.time)
        if camera and frame.time <= camera.last:
            entry = Entry(frame.camera, frame.time, "repeated")
            return Result(counts={"repeated": 1}, accounts=Added((entry,), received=1))
        prepared = prepared or self._prepare(known, source, frame)
        detector, before = prepared.detector, camera or LastFrame(0)
        undone = control.is_undone(known, frame.time)
        late = undone or frame.time < control.passed(known, frame_lateness())
        fate: Fate = "late" if late else "accepted"
        stillness = still(before.stillness, prepared.seen, frame.time)
        verdict = judged(prepared.seen, stillness, frame.time)
        ref = FrameRef(at.partition, at.offset, frame.sha256)
        view, looked, as_of, found = before.view, before.looked, 0, NOTHING
        if verdict == "good" and not late and source.tours:
            view = tour(view, prepared.seen.outline, frame.time)
        elif verdict == "good" and not late:
            view = watch(view, prepared.seen.outline, frame.time, ref, source.view)
            if view.moved or view.doubts:  # an intruder takes less time than the proof
                verdict = "moved"
            elif is_covered(view, prepared.seen.outline, prepared.seen.light):
                verdict = "covered"
        if verdict == "good":
            shown = _shown(prepared, known)
            if source.gated and not late and gate.is_as(looked, shown):
                as_of = looked.time
            else:
                found = detector.find(prepared.picture or detector.fit(prepared.image))
                if not late:
                    looked = gate.after_look(looked, _with(shown, found))
        seen = Detections(
            camera=frame.camera,
            time=frame.time,
            sequence=frame.sequence,
            origin=frame.origin,
            frame=ref,
            width=prepared.image.shape[1],
            height=prepared.image.shape[0],
            model=detector.manifest.id,
            boxes=found.tenths().astype("<i4").tobytes(),
            classes=found.classes.tobytes(),
            scores=found.thousandths().astype("<u2").tobytes(),
            late=late,
            verdict=verdict,
            as_of=as_of,
            moved=view.moved if verdict == "moved" else None,
            view=view.turns,
        )
        now = LastFrame(frame.time, known.tick, stillness, looked, view)
        return Result(
            changes={} if undone else {frame.camera: now},
            outputs=(Output(DETECTIONS, seen, key=frame.camera),),
            counts={fate: 1, "gated": 1} if as_of else {fate: 1},
            accounts=Added((Entry(frame.camera, frame.time, fate),), received=1, sent=1),
        )


def _shown(prepared: Prepared, known: Control) -> Looked:
    """The picture as if it were looked at, without what that finds."""
    height, width = prepared.image.shape[:2]
    return Looked(
        prepared.frame.time,
        known.sequence,
        prepared.detector.manifest.id,
        width,
        height,
        prepared.seen.cells,
    )


def _with(shown: Looked, found: Found) -> Looked:
    """With what a model is sure of: weaker boxes, which come and go, only continue tracks."""
    sure = found.thousandths() >= BEGIN
    boxes, classes = found.tenths()[sure], found.classes[sure]
    return msgspec.structs.replace(
        shown, boxes=boxes.astype("<i4").tobytes(), classes=classes.tobytes()
    )


def _forward(before: Control, after: Control, event: Tick | ControlChange) -> Result:
    """What changed nothing is not passed on, so that repeats end here."""
    if after is before:
        return Result()
    return Result({KEY: after}, (Output(DETECTIONS, event, partition=SAME_PARTITION),))


def _model(known: Control, source: KnownSource) -> str:
    return source.model or known.models.get(TASK) or DEFAULT_MODEL
