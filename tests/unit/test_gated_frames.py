"""Frames in which nothing has changed: no model looks, and who was seen is still there."""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import cv2
import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from models.detector import Fitted, Found
from models.manifest import Manifest
from models.registry import Registry
from streams.cameras import tracking
from streams.cameras.gate import LONGEST, LOOKS
from streams.cameras.tracking import HITS, SEEN
from streams.control import KEY
from streams.events import (
    SECOND,
    ActiveModel,
    Change,
    ControlChange,
    Detections,
    Event,
    Frame,
    Incident,
    Micros,
    Place,
    Rule,
    Source,
    Tick,
    Zone,
    encode,
    new_frame,
)
from streams.runtime.offline import Offline
from streams.runtime.partition import Partition
from streams.stages.detect import Detect
from streams.stages.interpret import Interpret
from streams.topics import DETECTIONS, FRAMES, INCIDENTS
from tests.support.watchman import FRAME, START, WHOLE, Thing, Watchman, at, rule, zone
from tests.support.watchman import camera as watched
from tests.support.watchman import detections as seen

SIDE, WIDTH, HEIGHT = 24, 320, 180
CAMERA = Source(
    "cam", "camera", "Máy quay", "Camera", "simulated", Place(20.8, 106.6), period=FRAME
)
DWELL = {"dwell_seconds": 3.0, "clear_seconds": 3.0}
CHANGES: tuple[Change, ...] = (
    CAMERA,
    Zone("zone", "cam", "Vùng", "Zone", WHOLE),
    Rule("stops", "stopped_vehicle", "low", parameters=DWELL),
    Rule("comes", "intrusion", "low", classes=("car",), parameters=DWELL),
)


@cache
def manifest() -> Manifest:
    return Registry().find("street_detector")


class Bright:
    """A detector that sees a car in every bright square, and counts how often it looks."""

    def __init__(self, name: str = "bright") -> None:
        self.manifest = msgspec.structs.replace(manifest(), name=name)
        self.fitted = self.looked = 0

    def fit(self, image: NDArray[np.uint8]) -> Fitted:
        self.fitted += 1
        return Fitted(image[None, :, :, 1].astype(np.float32), image.shape[1], image.shape[0])

    def find(self, picture: Fitted) -> Found:
        self.looked += 1
        light = (picture.blobs[0] > 180).astype(np.uint8)
        _, _, stats, _ = cv2.connectedComponentsWithStats(light)
        boxes = [(x, y, x + w, y + h) for x, y, w, h, area in stats[1:] if area > SIDE**2 // 2]
        shape = np.array(boxes, np.float64).reshape(-1, 4)
        return Found(shape, np.full(len(boxes), 2, np.uint8), np.full(len(boxes), 0.9))


@cache
def road(size: tuple[int, int]) -> NDArray[np.uint8]:
    rough = np.random.default_rng(5).integers(40, 110, (size[1] // 12, size[0] // 16, 3), np.uint8)
    return np.asarray(cv2.resize(rough, size), np.uint8)


@cache
def picture(
    number: int, *places: float, size: tuple[int, int] = (WIDTH, HEIGHT), noise: float = 3.0
) -> bytes:
    """Picture ``number`` of a road, with cars at these distances from its left."""
    made = road(size).astype(np.float64)
    for x in places:
        made[90 : 90 + SIDE, round(x) : round(x) + SIDE] = 220
    made += np.random.default_rng(number % 10).normal(0, noise, made.shape)
    return cv2.imencode(".jpg", np.clip(made, 0, 255).astype(np.uint8))[1].tobytes()


class Eye:
    """A partition of detect, with the detectors that it has asked for."""

    def __init__(self, *changes: Change, prepares: bool = False) -> None:
        self.models: dict[str, Bright] = {}
        self.stage = Detect(self.model, 1)  # type: ignore[arg-type]
        self.partition = Partition(self.stage, 0, 1)
        self.prepares = prepares
        self.number = 0
        for change in changes or CHANGES:
            self.configure(change)
        self.send(Tick(START))

    def model(self, id: str) -> Bright:
        if id not in self.models:
            self.models[id] = Bright(id.partition("@")[0])
        return self.models[id]

    @property
    def looked(self) -> int:
        return sum(model.looked for model in self.models.values())

    def configure(self, change: Change) -> None:
        sequence = getattr(self.partition.states.get(KEY), "sequence", 0) + 1
        self.send(ControlChange(sequence, START, change))

    def send(self, event: Event) -> list[Any]:
        offset = self.partition.next_offset
        given: Any = event
        if self.prepares and isinstance(event, Frame):
            given = self.stage.prepare(self.partition.states, event)
        outcome = self.partition.take(offset, given, None, lambda: encode(event))
        self.partition.apply(offset, None, outcome)
        return [out.event for out in outcome.outputs]

    def see(self, jpeg: bytes, after: Micros = FRAME, *, late: Micros = 0) -> Detections:
        """The next frame, ``after`` the last."""
        self.number += 1
        self.time = getattr(self, "time", START) + after
        (event,) = self.send(new_frame("cam", self.time - late, self.number, "simulated", jpeg))
        assert isinstance(event, Detections)
        return event

    def restart(self) -> None:
        self.partition = Partition.decode(self.stage, 0, 1, self.partition.encode())


def test_a_still_road_is_looked_at_once_in_a_while_and_frames_say_as_of_which() -> None:
    eye = Eye()
    frames = [eye.see(picture(number)) for number in range(20)]
    looked = [number for number, frame in enumerate(frames) if not frame.as_of]
    assert looked == [*range(LOOKS), LOOKS + 4, LOOKS + 9, LOOKS + 14]
    assert eye.looked == len(looked)
    assert eye.partition.counts == {"accepted": 20, "gated": 20 - len(looked)}
    for number, frame in enumerate(frames):
        last = frames[max(each for each in looked if each <= number)]
        assert frame.as_of == (0 if frame is last else last.time)
        assert frame.time - last.time < LONGEST
        assert (frame.boxes, frame.classes, frame.scores, frame.verdict) == (b"", b"", b"", "good")
        assert (frame.model, frame.width, frame.height) == (last.model, WIDTH, HEIGHT)


@pytest.mark.parametrize("fps", [1, 2, 5, 25])
def test_at_any_rate_no_second_goes_by_without_a_look(fps: int) -> None:
    eye = Eye()
    frames = [eye.see(picture(number), SECOND // fps) for number in range(4 * fps)]
    looks = [frame.time for frame in frames if not frame.as_of]
    assert max(np.diff(looks), default=0) <= LONGEST
    if fps > 1:
        assert len(looks) < len(frames)


def test_a_car_that_stands_is_not_looked_at_either_and_one_that_moves_always_is() -> None:
    eye = Eye()
    for number in range(10):
        eye.see(picture(number, 100))
    assert eye.partition.counts["gated"] > 0
    still = eye.partition.counts["gated"]
    for number in range(10):
        assert not eye.see(picture(number, 100 + 4 * (number + 1))).as_of
    assert eye.partition.counts["gated"] == still


def test_what_has_come_is_looked_at_until_it_is_an_object() -> None:
    eye = Eye()
    for number in range(10):
        eye.see(picture(number))
    shown = [eye.see(picture(number, 100)) for number in range(6)]
    assert [bool(frame.as_of) for frame in shown] == [False] * LOOKS + [True] * (6 - LOOKS)


def _settled(eye: Eye) -> None:
    while not eye.see(picture(eye.number)).as_of:
        assert eye.number < 30


@pytest.mark.parametrize(
    "change",
    [
        ActiveModel("detection", "other@1"),
        Zone("zone", "cam", "Vùng", "Zone", WHOLE[:3]),
        Rule("stops", "stopped_vehicle", "low"),
        msgspec.structs.replace(CAMERA, period=SECOND),
    ],
    ids=lambda change: type(change).__name__,
)
def test_whatever_is_configured_asks_for_a_look(change: Change) -> None:
    eye = Eye()
    _settled(eye)
    eye.configure(change)
    assert not eye.see(picture(50)).as_of
    _settled(eye)


def test_so_do_another_size_and_a_clock_that_goes_back() -> None:
    eye = Eye()
    _settled(eye)
    assert not eye.see(picture(50, size=(WIDTH * 2, HEIGHT * 2))).as_of
    _settled(eye)
    eye.send(Tick(eye.time))
    eye.send(Tick(eye.time - 60 * SECOND, wrong_since=eye.time - 50 * SECOND, wrong_until=eye.time))
    eye.time -= 60 * SECOND
    assert not eye.see(picture(51)).as_of


def test_a_late_frame_is_looked_at_and_no_frame_is_as_it() -> None:
    eye = Eye()
    eye.send(Tick(START + 100 * SECOND))
    for number in range(8):
        late = eye.see(picture(number))
        assert (late.late, late.as_of) == (True, 0)
    eye.time = START + 100 * SECOND
    shown = [eye.see(picture(number)) for number in range(6)]
    assert [bool(frame.as_of) for frame in shown] == [False] * LOOKS + [True] * (6 - LOOKS)


def test_it_can_be_switched_off() -> None:
    eye = Eye(msgspec.structs.replace(CAMERA, gated=False))
    assert not any(eye.see(picture(number)).as_of for number in range(10))
    assert eye.looked == 10


def test_a_bad_picture_is_not_as_a_good_one() -> None:
    eye = Eye()
    _settled(eye)
    black = cv2.imencode(".jpg", np.zeros((HEIGHT, WIDTH, 3), np.uint8))[1].tobytes()
    dark = eye.see(black)
    assert (dark.verdict, dark.as_of) == ("dark", 0)


def test_what_a_model_sees_in_some_pictures_only_is_never_repeated() -> None:
    """As a false box that noise makes: the next look finds another picture of it."""
    eye = Eye()
    flickers = [picture(number, *([100] if number % 2 else [])) for number in range(12)]
    assert not any(eye.see(jpeg).as_of for jpeg in flickers)


Film = list[tuple[tuple[float, ...], float]]
FILMS = st.lists(
    st.tuples(
        st.sampled_from([(), (40.0,), (100.0,), (100.0, 200.0)]), st.sampled_from([0.0, 3.0])
    ),
    min_size=1,
    max_size=4,
)


def pictures(film: Film) -> Iterator[bytes]:
    """Two seconds of each scene, in which its cars move by so much a frame."""
    for scene, (places, speed) in enumerate(film):
        for step in range(10):
            yield picture(10 * scene + step, *(x + speed * step for x in places))


@settings(deadline=None, max_examples=5)
@given(FILMS, st.data())
def test_a_worker_that_is_killed_and_what_was_prepared_decide_nothing(
    film: Film, data: st.DataObject
) -> None:
    whole, killed, prepared = Eye(), Eye(), Eye(prepares=True)
    for jpeg in pictures(film):
        if data.draw(st.booleans()):
            killed.restart()
        event = whole.see(jpeg)
        assert killed.see(jpeg) == event
        assert prepared.see(jpeg) == event
    assert whole.looked == killed.looked == prepared.looked
    assert sum(m.fitted for m in prepared.models.values()) <= prepared.looked


def test_what_was_prepared_under_an_older_or_newer_state_decides_nothing() -> None:
    eye, other = Eye(), Eye()
    older = dict(eye.partition.states)
    for number in range(10):
        eye.see(picture(number))
        other.see(picture(number))
    frame = new_frame("cam", eye.time + FRAME, 11, "simulated", picture(11))
    newer = dict(eye.partition.states)
    at = eye.partition.next_offset
    told = [
        eye.partition.take(at, given, None, lambda: encode(frame)).outputs
        for given in (frame, *(eye.stage.prepare(state, frame) for state in (older, newer)))
    ]
    assert told[0] == told[1] == told[2]


def incidents(film: Film, *, gated: bool) -> tuple[list[Incident], Offline]:
    shown = ((number * FRAME, jpeg) for number, jpeg in enumerate(pictures(film), 1))
    return incidents_of(shown, FRAME, gated=gated)


def incidents_of(
    shown: Iterable[tuple[Micros, bytes]], period: Micros, *, gated: bool
) -> tuple[list[Incident], Offline]:
    """``shown``: pictures, each with its time since the start."""
    eye = Eye()
    offline = Offline([eye.stage, Interpret(1)], 1)
    camera = msgspec.structs.replace(CAMERA, gated=gated, period=period)
    for sequence, change in enumerate((camera, *CHANGES[1:]), 1):
        offline.publish_everywhere(ControlChange(sequence, START, change))
    offline.publish_everywhere(Tick(START))
    ticked = 0
    for number, (since, jpeg) in enumerate(shown, 1):
        offline.publish(FRAMES, new_frame("cam", START + since, number, "simulated", jpeg), "cam")
        for second in range(ticked + 1, since // SECOND + 1):
            offline.publish_everywhere(Tick(START + second * SECOND))
        ticked = since // SECOND
    offline.drain()
    found = [event for event in offline.events(INCIDENTS) if isinstance(event, Incident)]
    begun = [one for one in found if one.revision == 0]
    return sorted(begun, key=lambda one: (one.kind, one.start, one.subject)), offline


DAYS: list[Film] = [
    [((), 0), ((100,), 0), ((100,), 0), ((100,), 0), ((100,), 3), ((), 0), ((40, 200), 0)],
    [((40,), 3), ((100, 200), 0), ((100, 200), 0), ((100, 200), 0), ((100,), 0), ((100,), 0)],
    [((100, 200), 3), ((), 0), ((), 0), ((200,), 0), ((200,), 0), ((40, 200), 0), ((40,), 0)],
]


@pytest.mark.parametrize("film", DAYS)
def test_it_finds_what_the_ungated_run_finds(film: Film) -> None:
    (all_seen, ungated), (found, gated) = (incidents(film, gated=on) for on in (False, True))
    assert len(found) == len(all_seen) >= 2
    for one, other in zip(all_seen, found, strict=True):
        assert (one.kind, one.zone, one.subject) == (other.kind, other.zone, other.subject)
        assert abs(one.start - other.start) <= SECOND
        assert 0 <= other.decided_at - one.decided_at <= SECOND
        assert len(other.evidence[0].boxes) == len(one.evidence[0].boxes)
    assert ungated.counts["gated"] == 0
    assert gated.counts["gated"] > 10
    as_of = {event.time: event.as_of for event in gated.events(DETECTIONS) if _is_seen(event)}
    assert not any(as_of[one.evidence[0].time] for one in found), "a model looked at the proof"


SCENES: list[tuple[tuple[float, ...], float, float]] = [
    ((), 0, 4), ((100,), 0, 5), ((100,), 20, 2), ((), 0, 1), ((40, 200), 0, 5),
]  # fmt: skip
"""Cars, pixels that they move by in a second, and for how many seconds: more, with fewer than
three pictures a second."""


def at_rate(fps: float, apart: float, lost: float) -> list[tuple[Micros, bytes]]:
    """Pictures so many a second, of which each is up to that part of an interval early or late, and
    that share of which never comes."""
    random, slow = np.random.default_rng(7), max(1.0, 3 / fps)
    shown, begins = [], 1.0
    for places, speed, seconds in SCENES:
        for number in range(round(seconds * slow * fps)):
            at = number / fps
            car = picture(number % 5, *(round(x + speed * at / slow) for x in places))
            if random.random() >= lost:
                late = random.uniform(-apart, apart) / fps
                shown.append((round((begins + at + late) * SECOND), car))
        begins += seconds * slow
    return shown


@pytest.mark.parametrize(
    ("fps", "apart", "lost"),
    [
        *((fps, 0.0, 0.0) for fps in (0.2, 0.3, 0.6, 1, 2, 12.5, 30)),
        *((fps, 0.4, 0.2) for fps in (0.2, 0.3, 0.6, 1, 2, 7)),
    ],
)
def test_it_finds_the_same_at_any_rate(fps: float, apart: float, lost: float) -> None:
    shown, period = at_rate(fps, apart, lost), round(SECOND / fps)
    (all_seen, _), (found, gated) = (incidents_of(shown, period, gated=on) for on in (False, True))
    assert {"stopped_vehicle"} <= {one.kind for one in all_seen}
    assert [(one.kind, one.zone, one.subject) for one in found] == [
        (one.kind, one.zone, one.subject) for one in all_seen
    ]
    for one, other in zip(all_seen, found, strict=True):
        assert abs(one.start - other.start) <= SECOND
    if fps > 1:
        assert gated.counts["gated"] > len(shown) // 5
    elif not lost:
        assert gated.counts["gated"] == 0, "pictures are further apart than the longest gap"


def _is_seen(event: Event) -> bool:
    return isinstance(event, Detections)


# --- what interpret makes of them ---------------------------------------------------------------


def street(*rules: Any) -> Watchman:
    return Watchman(watched(), zone(), *(rules or (rule("stopped_vehicle"),)))


def repeat(man: Watchman, frames: int, as_of: Micros | None = None) -> None:
    last = man.partition.states["cam"].looked if as_of is None else as_of
    for _ in range(frames):
        man.see(as_of=last)


def tracks(man: Watchman) -> tracking.Tracks:
    found: tracking.Tracks = man.partition.states["cam"].tracks
    return found


def matrix(part: bytes, rows: int, kind: type) -> NDArray[Any]:
    return np.frombuffer(part, kind).reshape(rows, -1)


def test_who_was_seen_is_seen_and_that_is_no_further_detection() -> None:
    man = street()
    man.see(at("car", 300, 200))
    before = tracks(man)
    repeat(man, 4)
    after = tracks(man)
    assert matrix(after.times, 3, np.int64)[SEEN].tolist() == [man.time]
    assert matrix(after.facts, 5, np.int32)[HITS].tolist() == [1], "a false box stays one"
    assert (after.motion, after.facts) == (before.motion, before.facts)
    assert man.partition.counts["accepted"] == 5


def test_who_was_missed_is_missed_as_by_any_frame() -> None:
    man, other = street(), street()
    for each in (man, other):
        for step in range(8):
            each.see(at("car", 100 + 20 * step, 200), at("car", 500, 300))
        each.see(at("car", 500, 300))
    repeat(man, 4)
    for _ in range(4):
        other.see(at("car", 500, 300))
    boxes = [matrix(tracks(each).motion, 10, np.float32)[:4] for each in (man, other)]
    assert boxes[0] == pytest.approx(boxes[1])
    times = [matrix(tracks(each).times, 3, np.int64)[SEEN].tolist() for each in (man, other)]
    assert times[0] == times[1]
    repeat(man, 15)
    assert len(matrix(tracks(man).facts, 5, np.int32)[0]) == 1, "and in the end forgotten"


def test_nothing_begins_before_a_model_has_looked() -> None:
    man = street(rule("stopped_vehicle", parameters={"dwell_seconds": 5.0}))
    for _ in range(20):
        man.see(at("car", 300, 200))
    repeat(man, 40)
    assert man.incidents == []
    man.see(at("car", 300, 200))
    (found,) = man.incidents
    assert found.start == START + FRAME
    assert found.evidence[0].time == man.time


def test_what_is_open_lasts_through_them() -> None:
    man = street()
    for _ in range(110):
        man.see(at("car", 300, 200))
    for _ in range(60):
        repeat(man, 4)
        man.see(at("car", 300, 200))
    assert [one.revision for one in man.incidents] == [0]


@pytest.mark.parametrize("last", ["none", "another", "before a removal"])
def test_a_frame_that_is_as_one_that_is_not_known_here_is_not_judged(last: str) -> None:
    man = street(rule("stopped_vehicle"), rule("no_data"))
    if last != "none":
        for _ in range(5):
            man.see(at("car", 300, 200))
    known = man.time
    if last == "before a removal":
        man.configure(msgspec.structs.replace(watched(), kind="loop"))
        man.configure(watched())
    before = man.partition.states.get("cam")
    as_of = known if last == "before a removal" else known - FRAME
    repeat(man, 3, as_of)
    assert man.partition.counts["not_judged"] == 3
    after = man.partition.states["cam"]
    assert after.tracks == before.tracks
    assert after.heard == man.time, "but the camera is heard of"
    man.see(at("car", 300, 200))
    repeat(man, 1)
    assert man.partition.counts["not_judged"] == 3


def test_the_stored_state_goes_on_the_same() -> None:
    man, other = street(), street()
    for step in range(60):
        for each in (man, other):
            if step % 5 == 0:
                each.see(at("car", 300, 200), at("person", 100 + step, 100))
                last = each.time
            else:
                each.see(as_of=last)
        other.restart()
    assert man.said == other.said
    assert man.partition.encode() == other.partition.encode()


THINGS = st.lists(
    st.sampled_from([at("car", 100, 100), at("car", 300, 200), at("person", 500, 300)]),
    unique=True,
    max_size=3,
)


@settings(deadline=None, max_examples=30)
@given(st.lists(st.tuples(THINGS, st.integers(0, 4)), max_size=12))
def test_repeats_confirm_nobody(shown: list[tuple[list[Thing], int]]) -> None:
    man, looks = street(), street()
    for things, repeats in shown:
        man.see(*things)
        looks.see(*things)
        repeat(man, repeats)
        for _ in range(repeats):
            looks.time += FRAME
    hits = matrix(tracks(man).facts, 5, np.int32)[HITS] if shown else np.zeros(0)
    assert hits.max(initial=0) <= len(shown)
    assert np.isfinite(matrix(tracks(man).motion, 10, np.float32)).all() if shown else True


def test_control_a_message_says_it_only_where_it_is_so() -> None:
    assert seen(START).as_of == 0
    assert seen(START, as_of=START - FRAME).as_of == START - FRAME
