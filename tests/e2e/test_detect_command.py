"""``cityops detect`` on real footage, and its file as MOTChallenge's tools read it."""

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.labels import CLASSES
from services.commandline.motchallenge import Follower, Row, write
from streams.settings import Settings
from tests.support.commandline import cityops
from tests.support.watchman import Thing, at, detections

FRAMES = 40


@pytest.fixture
def clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The first seconds of the footage of pedestrians."""
    folder = Path("../shared/data").resolve()
    video = folder / "video" / "vtest.avi"
    if not video.is_file() or not (folder / "models" / "yolox_nano").is_dir():
        pytest.skip("the footage or its model is not there")
    monkeypatch.setenv("CITYOPS_DATA_DIR", str(folder))
    capture = cv2.VideoCapture(str(video))
    path = tmp_path / "clip.avi"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 10, (768, 576))
    for _ in range(FRAMES):
        writer.write(capture.read()[1])
    writer.release()
    return path


def run(*words: object) -> tuple[int, str]:
    result = cityops("detect", *words)
    return result.exit_code, result.output


def test_people_are_followed_in_a_video(clip: Path, tmp_path: Path) -> None:
    file = tmp_path / "tracks.txt"
    code, said = run(clip, "--model", "yolox_nano", "--tracks", "-o", file, "--classes", "person")
    assert code == 0, said
    rows = np.loadtxt(file, delimiter=",")
    assert rows.shape[1] == 10
    frames, ids, confidence = rows[:, 0], rows[:, 1], rows[:, 6]
    assert (frames.min(), frames.max()) == (1, FRAMES)
    assert (np.diff(frames) >= 0).all()
    assert (rows[:, 7:] == -1).all()
    assert ((confidence > 0) & (confidence <= 1)).all()
    assert (rows[:, 4:6] > 0).all()
    assert len(np.unique(rows[:, :2], axis=0)) == len(rows), "an id is once in a frame"
    _, lengths = np.unique(ids, return_counts=True)
    assert (lengths >= FRAMES - 5).sum() >= 3, "several people are there all the time"
    assert sorted(np.unique(ids)) == list(range(1, len(lengths) + 1))


def test_without_tracks_every_box_of_the_model_is_there(clip: Path, tmp_path: Path) -> None:
    from models.loader import load_detector
    from streams.models import registry

    file = tmp_path / "boxes.txt"
    code, said = run(clip, "--model", "yolox_nano", "-o", file, "--json")
    assert code == 0, said
    rows = np.loadtxt(file, delimiter=",")
    assert (rows[:, 1] == -1).all()
    detector = load_detector(registry(Settings(data_dir=Path("../shared/data"))), "yolox_nano")
    found = detector.detect(cv2.VideoCapture(str(clip)).read()[1])
    first = rows[rows[:, 0] == 1]
    assert np.allclose(first[:, 2:4], found.boxes[:, :2])
    assert np.allclose(first[:, 6], found.scores)
    assert np.array_equal(first[:, 7], found.classes + 1), "the class, counted from 1"
    names = json.loads(said)["classes"]
    assert names["1"] == "person"
    assert {str(int(number)) for number in rows[:, 7]} <= names.keys()


@pytest.mark.parametrize("end", ["mp4", "avi"])
def test_a_film_shows_what_was_found(clip: Path, tmp_path: Path, end: str) -> None:
    film = tmp_path / f"drawn.{end}"
    code, said = run(clip, "--model", "yolox_nano", "-o", tmp_path / "o.txt", "--draw", film)
    assert code == 0, said
    before, after = cv2.VideoCapture(str(clip)), cv2.VideoCapture(str(film))
    assert after.get(cv2.CAP_PROP_FRAME_COUNT) == FRAMES
    assert after.get(cv2.CAP_PROP_FPS) == 10
    box = np.loadtxt(tmp_path / "o.txt", delimiter=",")[0, 2:6]
    edge = (int(box[1] + box[3] / 2), int(box[0]))
    plain, drawn = before.read()[1], after.read()[1]
    assert plain.shape == drawn.shape
    assert np.abs(plain[edge].astype(int) - drawn[edge]).max() > 40
    code, said = run(clip, "--model", "yolox_nano", "-o", tmp_path / "o.txt", "--draw", "a.gif")
    assert code != 0
    assert "ends in .avi or .mp4" in " ".join(said.split())


def test_what_cannot_be_done_is_said_in_one_line(tmp_path: Path) -> None:
    text = tmp_path / "video.avi"
    text.write_text("no video")
    out = tmp_path / "out.txt"
    for words, message in (
        ((tmp_path / "none.avi", "--model", "street_detector", "-o", out), "there is no file"),
        ((text, "--model", "street_detector", "-o", out), "cannot read"),
        ((text, "--model", "nobody", "-o", out), "no model"),
        ((text, "--model", "nobody", "-o", tmp_path / "no" / "out.txt"), "no folder"),
        ((text, "--model", "yolox_nano", "-o", out, "--classes", "cat"), "no class 'cat'"),
        ((text, "--model", "face-detection-0204", "-o", out, "--classes", "car"), "face, plate"),
        ((text, "--model", "face-detection-0204", "-o", out, "--tracks"), "not followed"),
        (
            (text, "--model", "nobody", "-o", out, "--draw", tmp_path / "no" / "a.mp4"),
            "no folder",
        ),
        ((text, "--model", "loop_anomaly", "-o", out), "not of detection"),
    ):
        code, said = run(*words)
        assert code != 0
        assert message in " ".join(said.split())
    assert not out.exists()


def take(follower: Follower, frame: int, *things: Thing) -> None:
    follower.take(frame, *detections(1, things).arrays())


def test_a_tracks_first_boxes_count_once_it_is_confirmed(tmp_path: Path) -> None:
    follower = Follower(fps=10, tracked=True)
    for frame in range(1, 6):
        noise = [at("person", 500, 300)] if frame == 2 else []
        take(follower, frame, at("car", 100 + frame, 100), *noise)
    assert [(row.frame, row.id) for row in follower.rows] == [(n, 1) for n in range(1, 6)]


def test_a_row_is_written_as_the_tools_read_it(tmp_path: Path) -> None:
    file = tmp_path / "rows.txt"
    write(file, [Row(1, 7, 105, 200, 305, 601, 987)])
    assert file.read_text() == "1,7,10.5,20.0,20.0,40.1,0.987,-1,-1,-1\n"
    write(file, [Row(1, 7, 105, 200, 305, 601, 987, CLASSES.index("car"))])
    assert file.read_text() == "1,7,10.5,20.0,20.0,40.1,0.987,3,-1,-1\n"
