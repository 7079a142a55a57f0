"""Real footage through Kafka, detect and the writer: the rows are those of the bare model."""

import time
from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
import pytest

from models.labels import CLASSES
from models.manifest import ModelError
from streams.database import connect
from streams.events import SECOND, ControlChange, Micros, Place, Source, Tick, new_frame
from streams.kafka.publisher import Publisher
from streams.models import registry
from streams.settings import Settings
from streams.settings import load as environment
from streams.topics import FRAMES
from tests.support.bare import bare_yolox
from tests.support.fleet import Fleet
from tests.support.nursery import Nursery

START: Micros = 1_800_000_000_000_000
EVERY, FRAMES_SENT = 25, 24
CAMERA, MODEL = "vtest", "yolox_nano@0.1.1rc0"


@pytest.fixture
def jpegs() -> list[bytes]:
    """Every 25th frame of vtest.avi."""
    path = environment().data_dir / "video" / "vtest.avi"
    if not path.is_file():
        pytest.skip(f"no {path}: CITYOPS_DATA_DIR names the folder that has it")
    capture = cv2.VideoCapture(str(path))
    found = []
    for number in range(EVERY * FRAMES_SENT):
        ok, image = capture.read()
        assert ok
        if number % EVERY == 0:
            found.append(cv2.imencode(".jpg", image)[1].tobytes())
    return found


def test_stored_detections_are_those_of_the_bare_model(
    settings: Settings, jpegs: list[bytes], tmp_path: Path, nursery: Nursery
) -> None:
    models = registry(environment())
    try:
        session = ort.InferenceSession(
            models.path(models.find(MODEL)), providers=["CPUExecutionProvider"]
        )
    except ModelError as error:
        pytest.skip(str(error))
    publisher = Publisher(settings, "test")
    camera = Source(CAMERA, "camera", CAMERA, CAMERA, "recorded", Place(20.86, 106.68), model=MODEL)
    publisher.publish_everywhere(FRAMES, Tick(START))
    publisher.publish_everywhere(FRAMES, ControlChange(1, START, camera))
    for number, jpeg in enumerate(jpegs, 1):
        frame = new_frame(CAMERA, START + number * SECOND, number, "recorded", jpeg)
        publisher.publish(FRAMES, frame, CAMERA)
    publisher.close()

    with (
        Fleet(settings, tmp_path, nursery) as fleet,
        connect(settings, "test", autocommit=True) as rows,
    ):
        data = str(environment().data_dir.absolute())
        fleet.environment["CITYOPS_DATA_DIR"] = data
        fleet.start("detect-1", "-m", "tests.support.part", "detect", "detect-1", "marks")
        fleet.start("writer", "-m", "tests.support.part", "writer", "writer", "marks")
        patience = time.monotonic() + 90
        count = 0
        while count < len(jpegs) and time.monotonic() < patience:
            time.sleep(0.2)
            (count,) = rows.execute("SELECT count(*) FROM frames").fetchone() or (0,)
        assert count == len(jpegs), fleet.tails()
        stored = rows.execute(
            "SELECT f.sequence, d.x0, d.y0, d.x1, d.y1, d.label, d.score, d.origin, d.model"
            " FROM frames f JOIN detections d USING (time, camera) ORDER BY f.sequence"
        ).fetchall()
    people = 0
    for number, jpeg in enumerate(jpegs, 1):
        image = cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR)
        bare = sorted(
            (*(value / 10 for value in box), CLASSES[kind], score / 1000)
            for *box, kind, score in bare_yolox(session, image)
        )
        landed = sorted(
            (*(round(v, 1) for v in row[1:5]), row[5], round(row[6], 3))
            for row in stored
            if row[0] == number
        )
        assert landed == bare
        people += sum(row[4] == "person" for row in bare)
    assert people > 2 * len(jpegs), "the footage is full of people"
    assert {row[7:] for row in stored} == {("recorded", MODEL)}
