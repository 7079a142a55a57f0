"""How long a camera whose source or decoder fails waits, by how long it went well before."""

import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.gateway import cameras
from services.gateway.backoff import PAUSES, STEADY_SECONDS, Backoff
from services.gateway.decoder import wire
from tests.support.films import film
from tests.support.outside import Start, starting
from tests.support.waiting import eventually

OPENED = b'["stream", "avi", "mjpeg", 4, 4, 10, 0]'
SMALL = wire.PICTURE_HEAD.pack(0.0, 4, 4, False, 0, 12)
DIES = (
    wire.HEAD.pack(wire.OPENED, len(OPENED)) + OPENED
    + wire.HEAD.pack(wire.PICTURE, len(SMALL)) + SMALL
)  # fmt: skip


@pytest.fixture
def start() -> Iterator[Start]:
    with starting() as start:
        yield start


def pauses(lasted: list[float], *, lost: bool) -> list[float]:
    backoff = Backoff()
    return [backoff.pause(each, lost=lost) for each in lasted]


def test_a_source_that_gives_nothing_is_opened_ever_more_rarely() -> None:
    assert pauses([0.0] * 7, lost=False) == [*PAUSES, PAUSES[-1], PAUSES[-1]]


def test_a_source_that_ends_soon_each_time_is_opened_more_rarely_but_not_rarely() -> None:
    assert pauses([0.1] * 5, lost=False) == [1.0, 2.0, 5.0, 5.0, 5.0]


def test_a_source_that_gave_pictures_for_long_is_opened_after_the_first_pause() -> None:
    assert pauses([0.1, 0.1, STEADY_SECONDS, 0.1], lost=False) == [1.0, 2.0, 1.0, 2.0]


def test_a_decoder_that_dies_soon_each_time_is_started_ever_more_rarely() -> None:
    assert pauses([0.1] * 6, lost=True) == [0.0, *PAUSES]


def test_one_that_went_well_is_started_again_at_once() -> None:
    assert pauses([0.1, 0.1, STEADY_SECONDS, 0.1], lost=True) == [0.0, 1.0, 0.0, 1.0]


@pytest.fixture
def video(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Whoever decodes it dies after a picture."""
    program = f"import sys, time; sys.stdout.buffer.write({DIES!r})"
    monkeypatch.setattr("services.gateway.decoder.start.PROGRAM", [sys.executable, "-c", program])
    return film(tmp_path / "film.avi", 20, 10.0)


def test_a_camera_whose_decoder_dies_after_each_picture_says_so(start: Start, video: Path) -> None:
    camera, outside = start("dies", str(video))
    eventually(lambda: "every 2 s" in camera.state)
    assert camera.state.startswith("its decoder died")
    assert camera.frames == len(outside.frames) == 3


def test_control_one_that_counts_as_steady_is_started_over_and_over(
    start: Start, video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.gateway.backoff.STEADY_SECONDS", 0.0)
    camera, _ = start("dies", str(video))
    eventually(lambda: camera.frames > 5)
    assert "at once" in camera.state or camera.state == "running"


def test_a_film_of_one_picture_that_is_repeated_starts_few_decoders(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    class Stop(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout or 0.0)
            return super().wait(timeout)

    monkeypatch.setattr(cameras.threading, "Event", Stop)
    monkeypatch.setattr(cameras, "REPEAT_SECONDS", 60.0)  # longer than any machine takes to play it
    camera, _ = start("one", str(film(tmp_path / "one.avi", 1, 25.0)), loop=True)
    eventually(lambda: camera.frames == 1 and max(waited) > 20)
