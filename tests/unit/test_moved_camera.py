"""A camera that is turned, from its pictures to the incident, and what becomes of its zones."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import cv2
import msgspec
import numpy as np
import pytest

from models.registry import Registry
from simulators.cameras import Renderer
from simulators.city import assets
from simulators.traffic import Vehicle
from streams.events import (
    SECOND,
    ControlChange,
    Detections,
    Event,
    FrameRef,
    Incident,
    Place,
    Rule,
    Source,
    Tick,
    Zone,
    new_frame,
)
from streams.runtime.offline import Offline, run
from streams.runtime.partition import Partition
from streams.stages.detect import Detect, Detectors
from streams.stages.interpret import Interpret
from streams.topics import DETECTIONS, FRAMES, INCIDENTS

START = 1_800_000_000 * SECOND
CAMERA = Source("cam", "camera", "Ngã tư", "Junction", "live", Place(20.86, 106.68), period=SECOND)
ZONE = Zone("zone", "cam", "Lòng đường", "Carriageway", ((0, 0), (1, 0), (1, 1), (0, 1)))
RULE = Rule("stands", "stopped_vehicle", "high")
CAR = Vehicle("car", "sedan", 22.0, -3.0, 3.14, 4.6, 1.8, 1.5, 0.0)

Turn = Callable[[int], float]
"""By how much of its width what the camera shows is shifted in that second."""


@cache
def jpeg(second: int, right: float, *, car: bool) -> bytes:
    renderer = _renderer()
    picture = renderer.render([CAR] if car else [], second % 7, 12.0)
    how = np.array([[1.0, 0.0, right * picture.shape[1]], [0.0, 1.0, 0.0]])
    shown = cv2.warpAffine(picture, how, picture.shape[1::-1], borderMode=cv2.BORDER_REFLECT)
    shown[:4, :4] = second % 250  # no two are the same
    return cv2.imencode(".jpg", shown)[1].tobytes()


@cache
def _renderer() -> Renderer:
    return Renderer(assets.read().cameras[0], 1)


def story(seconds: int, turn: Turn, accepted: int = 0, car: range = range(0)) -> Iterator[Any]:
    """(topic, event, key), a picture a second; ``accepted``: the second in which somebody does."""
    number = 0
    for change in (CAMERA, ZONE, RULE):
        number += 1
        yield "", ControlChange(number, START, change), ""
    for second in range(1, seconds):
        yield "", Tick(START + second * SECOND), ""
        if second == accepted:
            source = msgspec.structs.replace(CAMERA, view=1)
            yield "", ControlChange(number + 1, START + second * SECOND, source), ""
        time = START + second * SECOND + 1
        shown = jpeg(second, turn(second), car=second in car)
        yield FRAMES, new_frame("cam", time, second, "live", shown), "cam"
    yield "", Tick(START + seconds * SECOND), ""


def played(events: Iterator[tuple[str, Event, str]]) -> Offline:
    """By one partition."""
    return run([Detect(Detectors(Registry()), 1), Interpret(1)], events, 1)


@cache
def turned_away() -> Offline:
    """A camera that is turned for a while."""
    return played(story(140, turned))


def incidents(offline: Offline) -> list[tuple[str, str, float, float | None]]:
    """(kind, subject, start, end), seconds; the last revision of each."""
    last = {one.id: one for one in offline.events(INCIDENTS) if isinstance(one, Incident)}
    return [
        (one.kind, one.subject, _since(one.start), None if one.end is None else _since(one.end))
        for one in last.values()
    ]


def _since(time: int) -> float:
    return round((time - START) / SECOND, 1)


def turned(second: int) -> float:
    return 0.2 if 60 <= second < 110 else 0.0


def test_it_is_an_incident_that_shows_both_views_and_ends_when_it_is_turned_back() -> None:
    offline = turned_away()
    ((kind, subject, start, end),) = incidents(offline)
    assert kind == "camera_moved"
    assert subject in ("→ 20 %", "→ 18 %", "→ 19 %")
    assert 60 <= start <= 63
    assert end is not None
    assert 108 <= end <= 111
    (raised, *_) = (one for one in offline.events(INCIDENTS) if isinstance(one, Incident))
    now, before = raised.evidence
    frames = [one for one in offline.events(DETECTIONS) if isinstance(one, Detections)]
    shown = {one.frame: one for one in frames}
    assert shown[now.frame].verdict == "moved"
    assert now.zone[0] == pytest.approx((0.2, 0), abs=0.02)
    assert before.frame is not None
    assert 57 <= shown[before.frame].sequence <= 59, "the newest of the former view"


def test_what_only_glances_aside_raises_nothing() -> None:
    """Nor does what stands still: a car is all that is found there, in the next test."""
    glances = story(140, lambda second: 0.3 if second % 20 < 3 else 0.0)
    assert incidents(played(glances)) == []


def test_nothing_is_judged_by_zones_that_do_not_fit() -> None:
    car = range(75, 140)
    kinds = [kind for kind, *_ in incidents(played(story(140, lambda s: 0.2 * (s >= 60), car=car)))]
    assert kinds == ["camera_moved"]
    there = incidents(played(story(140, lambda _: 0.0, car=car)))
    assert [kind for kind, *_ in there] == ["stopped_vehicle"], "the car is found where it fits"


def test_an_accepted_view_is_judged_at_once() -> None:
    told = incidents(played(story(160, lambda s: 0.2 * (s >= 60), 100, range(75, 160))))
    (moved, stopped) = sorted(told)
    assert moved[0] == "camera_moved"
    assert moved[3] is not None
    assert stopped[0] == "stopped_vehicle"
    assert 100 <= stopped[2] <= 104


def test_any_number_of_partitions_and_restarts_say_the_same() -> None:
    def log(offline: Offline) -> list[Any]:
        found = [one for one in offline.events(INCIDENTS) if isinstance(one, Incident)]
        return [
            msgspec.structs.replace(
                one,
                evidence=tuple(
                    msgspec.structs.replace(each, frame=FrameRef(0, 0, each.frame.sha256))
                    for each in one.evidence
                    if each.frame
                ),
            )
            for one in found
        ]

    once = log(turned_away())
    assert once
    detect = Detect(Detectors(Registry()), 3)
    offline = Offline([detect, Interpret(3)], 3)
    for number, (topic, event, key) in enumerate(story(140, turned)):
        if topic:
            offline.publish(topic, event, key)
        else:
            offline.publish_everywhere(event)
        offline.drain()
        if number % 25 == 0:
            offline.runs = [
                Partition.decode(each.stage, each.number, 3, each.encode()) for each in offline.runs
            ]
    assert once == log(offline)
