from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from services.gateway.capture import Address, Capture, CaptureError, to_jpeg
from streams.cameras.pictures import decode
from streams.events import MAX_PICTURE_PIXELS


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("/videos/gate.avi", "recorded"),
        ("rtsp://10.0.0.5/1", "live"),
        ("HTTP://10.0.0.5/stream.mjpg", "live"),
        ("0", "live"),
        ("/dev/video2", "live"),
    ],
)
def test_only_a_file_is_a_recording(address: str, origin: str) -> None:
    assert Address(address).origin == origin


def test_a_picture_larger_than_the_detector_takes_is_made_smaller() -> None:
    picture = np.full((3000, 6000, 3), (200, 20, 20), np.uint8)
    smaller = decode(to_jpeg(picture))
    height, width = smaller.shape[:2]
    assert 0.99 * MAX_PICTURE_PIXELS < height * width <= MAX_PICTURE_PIXELS
    assert abs(width / height - 2) < 0.001
    assert abs(int(smaller[5, 5, 0]) - 200) < 3


def test_a_picture_of_usual_size_keeps_its_size() -> None:
    assert decode(to_jpeg(np.zeros((576, 768, 3), np.uint8))).shape == (576, 768, 3)


def film(path: Path, pictures: int, fps: float) -> str:
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), fps, (64, 48))
    for number in range(pictures):
        writer.write(np.full((48, 64, 3), 10 * number, np.uint8))
    writer.release()
    return str(path)


@pytest.mark.parametrize(
    ("media_fps", "fps", "every"), [(25.0, 5.0, 5), (10.0, 5.0, 2), (5.0, 5.0, 1), (2.0, 5.0, 1)]
)
def test_a_file_gives_every_kth_picture_when_it_is_due(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, media_fps: float, fps: float, every: int
) -> None:
    capture = Capture(film(tmp_path / "film.avi", 20, media_fps))
    now = 1000.0

    def wait(seconds: float) -> bool:
        nonlocal now
        now += seconds
        return False

    monkeypatch.setattr("services.gateway.capture.time", SimpleNamespace(monotonic=lambda: now))
    given = [(round(float(p.mean()) / 10), now - 1000) for p in capture.pictures(fps, wait)]
    capture.close()
    assert [number for number, _ in given] == list(range(0, 20, every))
    assert [due for _, due in given] == pytest.approx([n / media_fps for n, _ in given])
    assert now - 1000 == pytest.approx(20 / media_fps)  # the loop begins when the media ends


def test_a_file_stops_when_told(tmp_path: Path) -> None:
    capture = Capture(film(tmp_path / "film.avi", 20, 10.0))
    answers = iter([False, False, True])
    assert len(list(capture.pictures(10.0, lambda _: next(answers)))) == 2
    capture.close()


def test_what_opencv_cannot_read_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="no such file"):
        Capture(str(tmp_path / "film.avi"))
    (tmp_path / "film.avi").write_text("not a film")
    with pytest.raises(CaptureError, match="OpenCV cannot open it"):
        Capture(str(tmp_path / "film.avi"))
