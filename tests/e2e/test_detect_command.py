"""``cityops detect`` on real footage, and its file as MOTChallenge's tools read it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.labels import CLASSES
from services.commandline.drawn import Drawn
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


@pytest.mark.parametrize("end", ["mp4", "avi"])
def test_a_film_goes_on_where_the_size_of_pictures_changes(tmp_path: Path, end: str) -> None:
    film = tmp_path / f"drawn.{end}"
    nothing = np.zeros((0, 4), np.int32), [], np.zeros(0, np.uint8), np.zeros(0, np.uint16)
    drawn = Drawn(film, 10, None)
    for shape in ((48, 64, 3), (90, 60, 3), (17, 640, 3), (48, 64, 3)):
        drawn.take(np.full(shape, 100, np.uint8), *nothing)
    drawn.close()
    written = cv2.VideoCapture(str(film))
    pictures = [written.read()[1] for _ in range(4)]
    assert {picture.shape for picture in pictures} == {(48, 64, 3)}
    tall = pictures[1].mean(axis=(0, 2))
    assert tall[:28].min() > 80, "its shape is kept"
    assert tall[40:].max() < 20


def test_what_cannot_be_done_is_said_in_one_line(tmp_path: Path) -> None:
    text = tmp_path / "video.avi"
    text.write_text("no video")
    out = tmp_path / "out.txt"
    for words, message in (
        ((tmp_path / "none.avi", "--model", "street_detector", "-o", out), "there is no file"),
        ((text, "--model", "street_detector", "-o", out), "cannot be opened"),
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
        ((text, "--model", "nobody", "-o", tmp_path), "is a folder"),
        ((text, "--model", "nobody", "-o", tmp_path / "." / "video.avi"), "the video that is read"),
        ((text, "--model", "nobody", "-o", out, "--draw", out), "what -o names"),
    ):
        code, said = run(*words)
        assert code != 0
        assert message in " ".join(said.split())
    assert not out.exists()
    assert text.read_text() == "no video"


def test_what_is_no_file_is_written_to_and_stays_what_it_is(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    write(pipe, [Row(1, -1, 0, 0, 100, 100, 500, -1)])
    assert os.read(reader, 100).startswith(b"1,-1,")
    os.close(reader)
    assert pipe.is_fifo()


WRITES = """
from pathlib import Path
from services.commandline.motchallenge import Row, write
write(Path({!r}), [Row(1, -1, 0, 0, 100, 100, 500, -1)])
print("said")
"""


def test_where_standard_output_leads_to_a_file_that_gets_it_and_the_link_stays(
    tmp_path: Path,
) -> None:
    link, file = tmp_path / "stdout", tmp_path / "file"
    link.symlink_to("/proc/self/fd/1")
    with file.open("w") as output:
        subprocess.run([sys.executable, "-c", WRITES.format(str(link))], stdout=output, check=True)
    assert [line[:5] for line in file.read_text().splitlines()] == ["1,-1,", "said"]
    assert link.is_symlink()


def test_a_link_stays_one(tmp_path: Path) -> None:
    link, file = tmp_path / "link", tmp_path / "file"
    file.write_text("before")
    link.symlink_to(file)
    write(link, [Row(1, -1, 0, 0, 100, 100, 500, -1)])
    assert link.is_symlink()
    assert file.read_text().startswith("1,-1,")


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
