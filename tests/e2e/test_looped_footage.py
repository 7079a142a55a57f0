"""Real people, looped for hours of event time, through interpret and the alerts' own rules."""

from collections import Counter
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest

from models.loader import load_detector
from models.manifest import ModelError
from services.alerts.alert import Alert, apply
from services.alerts.lifecycle import receive
from services.gateway.capture import to_jpeg
from services.gateway.footage import CAMERA, FILE, HEIGHT, RULES, WIDTH, order
from streams.cameras import pictures, scenery, tracking
from streams.events import (
    HOUR,
    MINUTE,
    SECOND,
    Detections,
    FrameRef,
    Incident,
    Place,
    Rule,
    Source,
    Zone,
)
from streams.models import for_footage, registry
from streams.settings import Settings
from tests.support.watchman import FRAME, START, Watchman

EVERY = 2
"""The footage has 10 frames/s, a camera is read at 5."""


@pytest.fixture(scope="module")
def film() -> list[Detections]:
    """What the best model there is sees in the footage once through, times from 0."""
    import cv2

    settings = Settings(data_dir=Path("../shared/data"))
    video = settings.data_dir / "video" / FILE
    if not video.is_file():
        pytest.skip(f"{FILE} is not there")
    try:
        detector = load_detector(registry(settings), for_footage(registry(settings)))
    except ModelError as error:
        pytest.skip(str(error))
    capture = cv2.VideoCapture(str(video))
    frames = []
    for number in range(int(capture.get(cv2.CAP_PROP_FRAME_COUNT))):
        assert capture.grab()
        if number % EVERY:
            continue
        found = detector.detect(pictures.decode(to_jpeg(capture.retrieve()[1])))
        frames.append(
            Detections(
                CAMERA,
                len(frames) * FRAME,
                len(frames),
                "recorded",
                FrameRef(0, len(frames), ""),
                768,
                576,
                detector.manifest.id,
                found.tenths().astype("<i4").tobytes(),
                found.classes.tobytes(),
                found.thousandths().astype("<u2").tobytes(),
            )
        )
    return frames


def watch(film: list[Detections], hours: float) -> Watchman:
    """The footage again and again."""
    return play(film, hours, *order(Path(FILE), film[0].model).zones, *RULES)


def play(film: list[Detections], hours: float, *drawn: Zone | Rule) -> Watchman:
    place = Place(20.86, 106.68)
    source = Source(CAMERA, "camera", "Khuôn viên", "Campus", "recorded", place, period=FRAME)
    man = Watchman(source, *drawn)
    for number in range(round(hours * HOUR / FRAME)):
        frame = film[number % len(film)]
        time = START + (number + 1) * FRAME
        if time % SECOND == 0:
            man.pass_until(time)
        man.send(msgspec.structs.replace(frame, time=time, frame=FrameRef(0, number, "")))
    return man


def alerts(incidents: list[Incident]) -> list[Alert]:
    """The rows that the alerts service keeps of them."""
    rows: dict[str, Alert] = {}
    latest: dict[tuple[str, str, str], str] = {}
    holder: dict[str, str] = {}
    for incident in incidents:
        place = incident.rule, incident.sources[0], incident.zone
        known = incident.revision - 1 if incident.revision else None
        row = rows.get(holder.get(incident.id, latest.get(place, "")))
        for transition in receive(row, incident, known):
            rows[transition.alert] = apply(rows.get(transition.alert), transition)
            holder[incident.id] = latest[place] = transition.alert
    return list(rows.values())


def test_people_on_the_road_and_on_the_lawn_raise_what_is_drawn(film: list[Detections]) -> None:
    man = watch(film, hours=5 / 60)
    assert man.partition.counts["dead_lettered"] == 0
    begun = [incident for incident in man.incidents if incident.revision == 0]
    assert {incident.kind for incident in begun} == {"crowd", "intrusion"}
    for incident in begun:
        (evidence,) = incident.evidence
        assert evidence.frame is not None
        shown = film[evidence.frame.offset % len(film)]
        detected = {tuple(box) for box in shown.arrays()[0].tolist()}
        assert {(box.x0, box.y0, box.x1, box.y1) for box in evidence.boxes} <= detected
        assert {box.label for box in evidence.boxes} == {"person"}
        assert len(evidence.boxes) >= (7 if incident.kind == "crowd" else 1)
    minutes = {count.time for count in man.counts}
    assert len(minutes) >= 4
    whole = [c for c in man.counts if c.zone == "" and c.label == "person" and c.time > START]
    assert all(8 <= count.tracks <= 40 for count in whole), "some 25 people a round of 80 s"
    assert all(5 <= count.peak <= 15 for count in whole)


def test_an_hour_of_the_same_people_is_a_handful_of_alerts(film: list[Detections]) -> None:
    rows = alerts(watch(film, hours=1).incidents)
    assert 2 <= len(rows) <= 4, "at most six ask an operator"
    assert sum(row.count for row in rows) > len(rows)


def test_what_never_moves_is_an_object_no_longer_than_it_takes_to_learn(
    film: list[Detections],
) -> None:
    """Parked cars, a sign and a bollard: they are in every round."""
    tracks, known = tracking.EMPTY, scenery.BARE
    began: dict[int, Any] = {}
    shown: Counter[int] = Counter()
    objects: Counter[int] = Counter()
    longest = 0
    for number in range(round(10 * MINUTE / FRAME)):
        event = msgspec.structs.replace(film[number % len(film)], time=START + number * FRAME)
        rows = event.boxes, event.classes, event.scores
        view = tracking.follow(tracks, event.time, *rows)
        found = scenery.look(known, view, event, (), anew=False)
        tracks, known = view.tracks, found.scenery
        boxes = np.rint(view.motion[tracking.BOX]).astype(int).T.tolist()
        what = found.what or bytes(len(boxes))
        for track, box, is_scenery, match in zip(
            view.facts[tracking.ID].tolist(), boxes, what, view.match.tolist(), strict=True
        ):
            if match < 0:
                continue
            if not scenery.alike(began.setdefault(track, box), box):
                shown[track] = -len(film) * 10  # it has moved
            shown[track] += 1
            is_old = shown[track] * FRAME > scenery.LEARNING + 2 * SECOND
            objects[track] = objects[track] + 1 if is_old and not is_scenery else 0
            longest = max(longest, objects[track])
    assert longest * FRAME <= scenery.LEFT, "for so long what was hidden may be seen elsewhere"
    assert sum(cell.learned for cell in known.cells.values()) >= 2


def test_nobody_intrudes_where_nobody_walks(film: list[Detections]) -> None:
    """Where cars, a sign and a bollard stand; a gathering of more than ever walk there is none."""
    corners = {
        "cars": ((640, 30), (768, 30), (768, 110), (640, 110)),
        "sign": ((390, 120), (480, 120), (480, 205), (390, 205)),
        "post": ((20, 100), (70, 100), (70, 150), (20, 150)),
    }
    zones = [
        Zone(name, CAMERA, name, name, tuple((x / WIDTH, y / HEIGHT) for x, y in polygon))
        for name, polygon in corners.items()
    ]
    whole = Zone("whole", CAMERA, "whole", "whole", ((0, 0), (1, 0), (1, 1), (0, 1)))
    nobody = Rule("nobody", "intrusion", "low", zones=tuple(corners))
    many = Rule("many", "crowd", "low", zones=("whole",), parameters={"count": 13.0})
    stands = Rule("stands", "stopped_vehicle", "low", zones=("cars",))
    man = play(film, 10 / 60, *zones, whole, nobody, many, stands)
    assert {one.rule for one in man.incidents} <= {"stands"}
    assert [one.revision for one in man.incidents] == [0], "parked cars stay what stands"
    for one in man.counts:
        if one.zone == "cars" and one.label != "person":
            assert one.time <= START + scenery.LEARNING + MINUTE


@pytest.mark.slow
def test_eight_hours_of_looped_footage_make_fewer_than_twenty_alerts(
    film: list[Detections],
) -> None:
    man = watch(film, hours=8)
    assert len(alerts(man.incidents)) < 20
    states: Any = man.partition.states[CAMERA]
    assert len(msgspec.msgpack.encode(states)) < 10_000, "the state does not grow"
    numbers = np.array([count.tracks for count in man.counts if count.label == "person"])
    assert numbers.max() < 60
