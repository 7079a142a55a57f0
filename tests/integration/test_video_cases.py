"""Films that went wrong once, each with what it must come to; skipped where they are not there."""

import hashlib
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest

from services.gateway.capture import Capture, to_jpeg
from streams.cameras import pictures
from streams.events import MAX_PICTURE_BYTES
from tests.support.films import Clock
from tests.support.reach import EVERYWHERE

CASES = Path("../shared/cases/video")
pytestmark = pytest.mark.skipif(not CASES.is_dir(), reason=f"no {CASES}")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("services.gateway.capture.time", SimpleNamespace(monotonic=clock.now))
    return clock


def played(path: Path, clock: Clock, fps: float = 5.0) -> tuple[list[float], list[bytes], Capture]:
    """When each picture came, each as it is published, and the closed capture."""
    capture = Capture(str(path), EVERYWHERE)
    times, jpegs = [], []
    for picture in capture.pictures(fps, clock.wait):
        times.append(round(clock.passed, 3))
        jpegs.append(to_jpeg(picture))
    capture.close()
    return times, jpegs, capture


def test_a_raw_file_lasts_as_long_as_it_says(clock: Clock) -> None:
    times, _, capture = played(CASES / "raw.h264", clock)
    assert len(times) == 100
    assert times == pytest.approx([number / 5 for number in range(100)])
    assert clock.passed == pytest.approx(20)
    assert capture.origin == "recorded"


def test_a_variable_rate_is_kept(clock: Clock) -> None:
    times, _, _ = played(CASES / "vfr-false.mp4", clock)
    assert times[:3] == [0, 10, 20]
    assert times[-3:] == [34, 44, 54]
    assert len([at for at in times if 26 <= at <= 32]) <= 31


def test_of_seven_a_second_five_are_taken(clock: Clock) -> None:
    times, _, _ = played(CASES / "fps7.mp4", clock)
    assert 48 <= len(times) <= 50
    assert clock.passed == pytest.approx(10)


def test_what_a_loss_leaves_behind_is_not_shown(clock: Clock) -> None:
    times, _, capture = played(CASES / "ghost.mp4", clock)
    assert max(times) <= 9
    assert capture.damaged > 100
    assert clock.passed == pytest.approx(50, abs=0.1)


def test_a_film_without_losses_is_shown_whole(clock: Clock) -> None:
    times, _, capture = played(CASES / "ghost-clean.mp4", clock)
    assert len(times) == 250
    assert not capture.damaged


@pytest.mark.parametrize("name", ["base.mp4", "edge.mp4", "frozen.mp4", "stands60s.mp4"])
def test_the_same_pictures_come_in_every_run(clock: Clock, name: str) -> None:
    runs = [hashlib.sha256(b"".join(played(CASES / name, clock)[1])).hexdigest() for _ in range(2)]
    assert runs[0] == runs[1]


def test_av1_is_decoded(clock: Clock) -> None:
    times, _, capture = played(CASES / "av1.mp4", clock)
    assert capture.opened.codec == "av1"
    assert len(times) == 25


@pytest.mark.parametrize(
    "name", ["base", "trail-crlf", "trail-nul", "exif6", "progressive", "restart", "mpo", "cmyk"]
)
def test_a_still_is_one_picture(clock: Clock, name: str) -> None:
    times, [jpeg], _ = played(CASES / "jpeg" / f"{name}.jpg", clock)
    assert times == [0]
    assert pictures.decode(jpeg).shape in ((360, 640, 3), (640, 360, 3), (720, 1280, 3))


def test_night_in_4k_fits(tmp_path: Path, clock: Clock) -> None:
    random = np.random.default_rng(0)
    film = cv2.VideoWriter(
        str(tmp_path / "noise.avi"), cv2.VideoWriter.fourcc(*"MJPG"), 2, (3840, 2160)
    )
    for _ in range(2):
        noise = 60 + random.normal(0, 25, (2160, 3840, 3))
        film.write(np.clip(noise, 0, 255).astype(np.uint8))
    film.release()
    _, jpegs, _ = played(tmp_path / "noise.avi", clock)
    assert len(jpegs) == 2
    for jpeg in jpegs:
        assert len(jpeg) <= MAX_PICTURE_BYTES
        assert pictures.decode(jpeg).shape[2] == 3


def test_a_still_whose_header_has_no_height_gives_nothing(clock: Clock) -> None:
    assert not played(CASES / "jpeg/dnl.jpg", clock)[0]
