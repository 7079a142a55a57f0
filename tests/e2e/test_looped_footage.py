"""Real people, looped for hours of event time, through interpret and the alerts' own rules."""

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
from services.gateway.footage import CAMERA, FILE, RULES, order
from streams.cameras import pictures
from streams.events import HOUR, SECOND, Detections, FrameRef, Incident, Place, Source
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
    ordered = order(Path(FILE), film[0].model)
    place = Place(20.86, 106.68)
    source = Source(CAMERA, "camera", "Khuôn viên", "Campus", "recorded", place, period=FRAME)
    man = Watchman(source, *ordered.zones, *RULES)
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
    assert 2 <= len(rows) <= 4
    assert sum(row.count for row in rows) > len(rows)


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
