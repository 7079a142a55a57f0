"""A stack that is switched off over night: nothing it says afterwards counts as late or silent."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple

import cv2
import numpy as np
import pytest

from models.detector import Fitted, Found
from streams.events import (
    DAY,
    HOUR,
    LATE,
    MINUTE,
    SECOND,
    ControlChange,
    Detections,
    Event,
    Frame,
    Incident,
    Micros,
    Place,
    Readings,
    Rule,
    Scored,
    Source,
    Tick,
    Watermark,
    new_frame,
)
from streams.runtime.offline import Offline, run
from streams.stages.detect import Detect
from streams.stages.interpret import Interpret
from streams.stages.score import Score
from streams.stamps import StampClock
from streams.topics import DETECTIONS, FRAMES, INCIDENTS, READINGS, SCORED
from tests.support.loops import GATEWAY, PERIOD, START, SumScorer, loop, pack

PARTITIONS = 2
CAMERAS = ("cam-1", "cam-2", "cam-3")
LOOPS = ("a", "b")
RATE = 1
"""Pictures of a camera a second."""
FRAME_PERIOD = SECOND // RATE
BETWEEN = FRAME_PERIOD // 2
"""After a tick they come, as most pictures of a city do."""
CHANGES = (
    *(
        Source(name, "camera", name, name, "simulated", Place(20.8, 106.6), period=FRAME_PERIOD)
        for name in CAMERAS
    ),
    *(loop(name) for name in LOOPS),
    Rule("camera-quiet", "silence", "medium", CAMERAS),
    Rule("loop-quiet", "silence", "medium", LOOPS),
)
STREET = np.random.default_rng(0).integers(0, 255, (48, 64, 3))
JPEGS = [
    bytes(cv2.imencode(".jpg", np.where(np.arange(64)[:, None] < 8 * place, 90, STREET))[1])
    for place in range(3)
]
"""In turn: a camera whose picture is always the same, or every second one, has a fault, and so has
one that shows another street."""


class Blind:
    """A detector that sees nothing."""

    manifest = SimpleNamespace(id="blind@1")

    def fit(self, image: np.ndarray[Any, Any]) -> Fitted:
        return Fitted(np.empty(0, np.float32), image.shape[1], image.shape[0])

    def find(self, picture: Fitted) -> Found:
        return Found(np.empty((0, 4)), np.empty(0, np.uint8), np.empty(0))


class Clock:
    def __init__(self, shows: Micros) -> None:
        self.shows = shows

    def __call__(self) -> Micros:
        return self.shows


def shift(
    folder: Path,
    begin: Micros,
    seconds: int,
    cameras_from: int,
    silent: str = "",
    *,
    says: bool = False,
) -> Iterator[tuple[str, Event, str]]:
    """What the gateway and the sources publish from one start of the stack to its end.

    ``cameras_from``: seconds until the sources publish; ``silent``: one that never does;
    ``says``: whether the gateway says that time resumes, as earlier releases did not.
    """
    wall = Clock(begin)
    gateway = StampClock(folder / "gateway", wall, wall)
    city = StampClock(folder / "city", wall, wall)
    if begin == START:
        for sequence, change in enumerate(CHANGES, 1):
            yield "", ControlChange(sequence, begin, change), ""
    for step in range(seconds * RATE):
        wall.shows = begin + step * FRAME_PERIOD
        if step % RATE == 0:
            resumes = says and step < 2 * RATE
            yield "", Tick(gateway.now() // SECOND * SECOND, resumes), ""
        if step < cameras_from * RATE:
            continue
        for camera in CAMERAS:
            if camera != silent:
                wall.shows = begin + step * FRAME_PERIOD + BETWEEN
                time, sequence = city.stamp(camera)
                yield (
                    FRAMES,
                    new_frame(camera, time, sequence, "simulated", JPEGS[sequence % len(JPEGS)]),
                    camera,
                )
        wall.shows = begin + step * FRAME_PERIOD
        if wall.shows % PERIOD == 0:
            time, sequence = city.stamp(GATEWAY)
            rows = [(name, time, 720.0, 5.0, 40.0) for name in LOOPS]
            yield READINGS, pack(rows, sequence, time, GATEWAY), GATEWAY


def city(events: Iterator[tuple[str, Event, str]]) -> Offline:
    stages = [
        Detect(lambda _: Blind(), PARTITIONS),  # type: ignore[arg-type,return-value]
        Interpret(PARTITIONS),
        Score({SumScorer.id: SumScorer()}, PARTITIONS),
    ]
    return run(stages, events, PARTITIONS)


def nights(folder: Path, *, says: bool = True, **second: Any) -> Iterator[tuple[str, Event, str]]:
    yield from shift(folder, START, 90, cameras_from=2, says=says)
    second = {"says": says} | second
    yield from shift(folder, START + 90 * SECOND + 8 * HOUR, 90, **second)


def incidents(offline: Offline) -> list[Incident]:
    return [event for event in offline.events(INCIDENTS) if isinstance(event, Incident)]


@pytest.mark.parametrize("says", [True, False])
def test_after_eight_hours_down_nothing_is_late_and_nothing_silent(
    tmp_path: Path, says: bool
) -> None:
    # Sources start within seconds of the gateway, not before it.
    offline = city(nights(tmp_path, says=says, cameras_from=8))
    assert incidents(offline) == []
    assert offline.counts["dead_lettered"] == 0
    assert offline.counts["late"] == 0
    assert offline.counts["repeated"] == 0
    detections = [event for event in offline.events(DETECTIONS) if isinstance(event, Detections)]
    assert len(detections) == len(CAMERAS) * RATE * (88 + 82)
    assert not any(event.late for event in detections)
    scored = [event for event in offline.events(SCORED) if isinstance(event, Scored)]
    assert sum(len(event.flags) for event in scored) > 0
    assert not any(flag & LATE for event in scored for flag in event.flags)


class Jump(NamedTuple):
    """What is published while a clock is taken over."""

    by: Micros
    under_way: int
    """Seconds after the tick in which what was stamped before it still comes."""
    says: bool = True


def taken_over(jump: Jump) -> Iterator[tuple[str, Event, str]]:
    for sequence, change in enumerate(CHANGES, 1):
        yield "", ControlChange(sequence, START, change), ""
    for step in range(180 * RATE):
        time = START + step * FRAME_PERIOD
        ticked = time + jump.by if step >= 90 * RATE else time
        stamped = time + jump.by if step >= (90 + jump.under_way) * RATE else time
        if step % RATE == 0:
            resumes = step == 0 or (jump.says and step == 90 * RATE)
            yield "", Tick(ticked, resumes), ""
        for camera in CAMERAS:
            yield (
                FRAMES,
                new_frame(
                    camera, stamped + BETWEEN, step + 1, "simulated", JPEGS[step % len(JPEGS)]
                ),
                camera,
            )
        if time % PERIOD == 0:
            rows = [(name, stamped, 720.0, 5.0, 40.0) for name in LOOPS]
            yield READINGS, pack(rows, step + 1, stamped, GATEWAY), GATEWAY


@pytest.mark.parametrize(("by", "under_way"), [(5 * MINUTE, 0), (3 * HOUR, 3), (40 * DAY, 0)])
def test_a_clock_that_is_taken_over_makes_nothing_late_or_silent(
    by: Micros, under_way: int
) -> None:
    offline = city(taken_over(Jump(by, under_way)))
    assert incidents(offline) == []
    assert offline.counts["dead_lettered"] == 0
    assert offline.counts["late"] == 0
    detections = [event for event in offline.events(DETECTIONS) if isinstance(event, Detections)]
    assert len(detections) == len(CAMERAS) * RATE * 180
    assert not any(event.late for event in detections)


def test_a_clock_that_is_taken_over_and_not_announced_is_refused() -> None:
    offline = city(taken_over(Jump(3 * HOUR, 0, says=False)))
    # Every tick after it, in each partition of both topics, and all that is stamped with it.
    assert offline.counts["dead_lettered"] > 2 * PARTITIONS * 89


def test_what_comes_long_after_a_clock_was_taken_over_is_late() -> None:
    offline = city(taken_over(Jump(3 * HOUR, 20)))
    assert offline.counts["late"] > 0


def undone(under_way: int, silent: str = "") -> Iterator[tuple[str, Event, str]]:
    """A minute; two with a clock 40 days ahead that was taken over; two after it was put right.

    Args:
        under_way: seconds for which what was stamped before event time went back still comes.
        silent: a source that publishes in the first minute only.
    """
    for sequence, change in enumerate(CHANGES, 1):
        yield "", ControlChange(sequence, START, change), ""
    ahead, back = 60 * RATE, 180 * RATE
    for step in range(300 * RATE):
        time = START + step * FRAME_PERIOD
        ticked = time + 40 * DAY if ahead <= step < back else time
        stamped = time + 40 * DAY if ahead <= step < back + under_way * RATE else time
        if step % RATE == 0:
            wrong = (START + 40 * DAY, time + 40 * DAY) if step == back else ()
            yield "", Tick(ticked, step in (0, ahead, back), *wrong), ""
        for camera in CAMERAS:
            if camera != silent or step < ahead:
                yield (
                    FRAMES,
                    new_frame(
                        camera, stamped + BETWEEN, step + 1, "simulated", JPEGS[step % len(JPEGS)]
                    ),
                    camera,
                )
        if time % PERIOD == 0:
            rows = [(name, stamped, 720.0, 5.0, 40.0) for name in LOOPS if name != silent]
            yield READINGS, pack(rows, step + 1, stamped, GATEWAY), GATEWAY


@pytest.mark.parametrize("under_way", [0, 3])
def test_where_event_time_goes_back_nothing_is_lost_silent_or_wrongly_late(under_way: int) -> None:
    offline = city(undone(under_way))
    assert incidents(offline) == []
    assert offline.counts["dead_lettered"] == 0
    assert offline.counts["repeated"] == 0
    detections = [event for event in offline.events(DETECTIONS) if isinstance(event, Detections)]
    assert len(detections) == len(CAMERAS) * RATE * 300
    assert sum(event.late for event in detections) == len(CAMERAS) * RATE * under_way
    scored = [event for event in offline.events(SCORED) if isinstance(event, Scored)]
    rows = [(time, flag) for event in scored for time, flag in zip(
        np.frombuffer(event.times, "<i8").tolist(), event.flags, strict=True)]  # fmt: skip
    due = len(LOOPS) * 300 * SECOND // PERIOD
    assert due - len(LOOPS) <= len(rows) <= due  # the last wait for a tick
    # But for what was under way, and of that each reading is there and late.
    late = {time for time, flag in rows if flag & LATE}
    assert all(time > START + 40 * DAY + 179 * SECOND for time in late)
    assert bool(late) == bool(under_way)


@pytest.mark.parametrize("silent", ["cam-2", "b"])
def test_what_is_open_ends_before_event_time_goes_back(silent: str) -> None:
    offline = city(undone(0, silent))
    found = incidents(offline)
    opened = [incident for incident in found if incident.revision == 0]
    # Silent in both stretches of time, in each since somebody listened to it there.
    assert [incident.start > START + DAY for incident in opened] == [True, False]
    (ended,) = [incident for incident in found if incident.revision == 1]
    assert ended.id == opened[0].id
    assert ended.end is not None
    assert ended.end > START + 40 * DAY
    marks = [event for event in offline.events(INCIDENTS) if isinstance(event, Watermark)]
    assert {event.wrong_since for event in marks} == {0, START + 40 * DAY}


def test_a_camera_that_does_not_come_back_is_one_incident(tmp_path: Path) -> None:
    offline = city(nights(tmp_path, cameras_from=2, silent="cam-2"))
    (no_data,) = incidents(offline)
    assert (no_data.kind, no_data.sources) == ("no_data", ("cam-2",))
    returned = START + 90 * SECOND + 8 * HOUR
    assert no_data.start >= returned - SECOND


@pytest.mark.parametrize("back", [0, 10 * SECOND, 3 * HOUR])
def test_a_restart_with_a_clock_that_went_back_repeats_nothing(tmp_path: Path, back: int) -> None:
    def events() -> Iterator[tuple[str, Event, str]]:
        yield from shift(tmp_path, START, 30, cameras_from=0)
        wall = START + 30 * SECOND - back
        yield from shift(tmp_path, wall, 30, cameras_from=0)

    published = [event for _, event, _ in events() if isinstance(event, Tick | Frame | Readings)]
    for kind in (Tick, Frame, Readings):
        times = [event.time for event in published if isinstance(event, kind)]
        assert times == sorted(times)
