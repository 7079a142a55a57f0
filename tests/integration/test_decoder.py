"""A decoder is a process that may do little, and whose death, hanging or lies harm nobody."""

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import psutil
import pytest

from services.gateway.capture import Capture, CaptureError, DecoderGoneError
from services.gateway.decoder import wire
from services.gateway.decoder.process import Decoder, DecoderError, DecoderLostError
from streams.events import MAX_PICTURE_PIXELS, SECOND, Frame
from tests.support.films import Clock, film
from tests.support.outside import Start, starting
from tests.support.reach import EVERYWHERE
from tests.support.waiting import Doze, crowding, eventually

CLOSED: dict[str, Any] = {"networks": [], "own": [], "closed": []}
COSTS_SECONDS = 5.0
"""What the loss of its decoder may cost a camera."""


def file(path: Path) -> wire.Place:
    return wire.Place("", os.open(path, os.O_RDONLY))


@pytest.fixture
def video(tmp_path: Path) -> Path:
    return film(tmp_path / "film.avi", 20, 10.0)


@pytest.fixture
def start() -> Iterator[Start]:
    with starting() as start:
        yield start


@pytest.fixture
def capture(video: Path) -> Iterator[Capture]:
    opened = Capture(str(video), EVERYWHERE)
    yield opened
    opened.close()


def test_it_sees_no_settings_and_no_address_among_the_processes(
    video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CITYOPS_DATABASE_URL", "postgresql://u:secret@h/d")
    opened = Capture(str(video), EVERYWHERE)
    seen = psutil.Process(opened.pid)
    assert set(seen.environ()) == {"PYTHONPATH", "LANG", "MALLOC_ARENA_MAX"}
    assert not any("film" in word for word in seen.cmdline())
    opened.close()
    assert not seen.is_running()


def test_it_may_do_little(capture: Capture) -> None:
    status = Path(f"/proc/{capture.pid}/status").read_text()
    assert "NoNewPrivs:\t1" in status
    limits = Path(f"/proc/{capture.pid}/limits").read_text()
    assert "Max file size             0                    0" in limits
    assert "Max address space         2147483648" in limits
    if os.geteuid() == 0:
        user = psutil.Process(capture.pid).uids()
        assert user.real == user.effective == user.saved != 0
        assert "CapEff:\t0000000000000000" in status
        assert "Groups:\t \n" in status


def test_it_ends_with_whoever_started_it(video: Path) -> None:
    program = (
        "import sys; from services.gateway.capture import Capture;"
        "from tests.support.reach import EVERYWHERE;"
        f"c = Capture({str(video)!r}, EVERYWHERE); print(c.pid, flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as gateway:
        assert gateway.stdout
        decoder = psutil.Process(int(gateway.stdout.readline()))
        gateway.kill()
    eventually(lambda: not decoder.is_running() or decoder.status() == psutil.STATUS_ZOMBIE)


def test_a_huge_picture_is_made_smaller_before_it_is_handed_over(tmp_path: Path) -> None:
    huge = np.full((3000, 6000, 3), (200, 20, 20), np.uint8)
    cv2.imwrite(str(tmp_path / "huge.jpg"), huge)
    opened = Capture(str(tmp_path / "huge.jpg"), EVERYWHERE)
    [smaller] = opened.pictures(5.0, Clock().wait)
    opened.close()
    height, width = smaller.shape[:2]
    assert 0.99 * wire.MAX_PIXELS < height * width <= wire.MAX_PIXELS
    assert abs(width / height - 2) < 0.001
    assert wire.MAX_PIXELS == MAX_PICTURE_PIXELS


@pytest.mark.skipif(os.geteuid() != 0, reason="only root starts them as somebody else")
def test_two_of_them_are_different_users(video: Path) -> None:
    one, other = Capture(str(video), EVERYWHERE), Capture(str(video), EVERYWHERE)
    users = {psutil.Process(each.pid).uids().real for each in (one, other)}
    one.close()
    other.close()
    assert len(users) == 2


def test_a_film_that_only_we_may_read_is_read(video: Path) -> None:
    video.chmod(stat.S_IRUSR)
    video.parent.chmod(stat.S_IRWXU)
    opened = Capture(str(video), EVERYWHERE)
    assert len(list(opened.pictures(10.0, Clock().wait))) == 20
    opened.close()


def test_a_playlist_opens_no_other_file(video: Path, tmp_path: Path) -> None:
    for text in (f"ffconcat version 1.0\nfile {video}\n", f"#EXTM3U\n#EXTINF:2,\n{video}\n"):
        listed = tmp_path / "list.m3u8"
        listed.write_text(text)
        with pytest.raises(CaptureError):
            Capture(str(listed), EVERYWHERE)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV])
def test_one_that_is_lost_is_noticed_soon(capture: Capture, number: int) -> None:
    pictures = capture.pictures(10.0, lambda _: False)
    next(pictures)
    os.kill(capture.pid, number)
    began = time.monotonic()
    with pytest.raises(DecoderGoneError):
        for _ in pictures:
            pass
    assert time.monotonic() - began < COSTS_SECONDS * crowding()


def test_one_that_hangs_in_a_picture_is_noticed_though_its_other_thread_lives(
    video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.gateway.decoder.start.PROGRAM", [sys.executable, "-c", HANGS])
    decoder = Decoder(file(video), CLOSED)
    began = time.monotonic()
    with pytest.raises(DecoderLostError, match="hung"):
        decoder.opened()
    assert time.monotonic() - began < COSTS_SECONDS * crowding()
    decoder.close()


def test_one_that_is_stopped_before_it_says_anything_is_noticed_as_soon(video: Path) -> None:
    decoder = Decoder(file(video), CLOSED)
    os.kill(decoder.pid, signal.SIGSTOP)
    began = time.monotonic()
    with pytest.raises(DecoderLostError, match="hung"):
        decoder.opened()
    assert time.monotonic() - began < COSTS_SECONDS
    decoder.close()


HANGS = """
import time
from services.gateway.decoder import __main__ as program
from services.gateway.decoder import opening
opening.SourceFile = lambda *_: time.sleep(60)
program.WAIT_SECONDS = 0.5
program.main()
"""

HUGE = wire.HEAD.pack(wire.PICTURE, 2**31)
FEW = wire.PICTURE_HEAD.pack(0.0, 640, 480, False, 0, 1919)
LONG = wire.PICTURE_HEAD.pack(0.0, 640, 480, False, 0, 2**31)
EMPTY = wire.PICTURE_HEAD.pack(0.0, 0, 0, False, 0, 0)
NAN = wire.PICTURE_HEAD.pack(float("nan"), 1, 1, False, 0, 3)


@pytest.mark.parametrize(
    "said",
    [
        b"hello, this is no decoder",
        HUGE,
        wire.HEAD.pack(wire.PICTURE, len(FEW)) + FEW,
        wire.HEAD.pack(wire.PICTURE, len(LONG)) + LONG,
        wire.HEAD.pack(wire.PICTURE, len(EMPTY)) + EMPTY,
        wire.HEAD.pack(wire.PICTURE, len(NAN)) + NAN,
        wire.HEAD.pack(wire.PICTURE, 1) + b"x",
        wire.HEAD.pack(wire.OPENED, 2) + b"{}",
        wire.HEAD.pack(wire.ENDED, 2) + b"{}",
        wire.HEAD.pack(b"X", 0),
    ],
)
@pytest.mark.parametrize("opening", [True, False])
def test_what_makes_no_sense_is_not_believed(
    said: bytes, opening: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = f"import sys,time; sys.stdout.buffer.write({said!r}); sys.stdout.flush()"
    monkeypatch.setattr("services.gateway.decoder.start.PROGRAM", [sys.executable, "-c", program])
    (tmp_path / "x").touch()
    decoder = Decoder(file(tmp_path / "x"), CLOSED)
    with pytest.raises(DecoderLostError):
        decoder.opened() if opening else decoder.next(lambda: False)
    decoder.close()


def flooding(monkeypatch: pytest.MonkeyPatch, nature: str, kind: bytes, body: bytes) -> None:
    """Decoders say what they have opened, and then this without an end."""
    opened = f'["{nature}", "avi", "mjpeg", 4, 4, 10, 5]'.encode()
    first, more = wire.HEAD.pack(wire.OPENED, len(opened)) + opened, wire.HEAD.pack(kind, len(body))
    program = f"import sys; out = sys.stdout.buffer; out.write({first!r})"
    program += f"\nwhile True: out.write({(more + body) * 100!r})"
    monkeypatch.setattr("services.gateway.decoder.start.PROGRAM", [sys.executable, "-c", program])


def test_one_that_floods_with_beats_is_given_up(
    video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flooding(monkeypatch, "stream", wire.BEAT, wire.DAMAGED.pack(0))
    decoder = Decoder(file(video), CLOSED)
    decoder.opened()
    with pytest.raises(DecoderLostError):
        decoder.next(lambda: False)
    decoder.close()


SMALL = wire.PICTURE_HEAD.pack(0.0, 4, 4, False, 0, 12)


def test_a_recording_that_gives_more_than_are_due_is_given_up(
    video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flooding(monkeypatch, "file", wire.PICTURE, SMALL)
    capture = Capture(str(video), EVERYWHERE)
    pictures = capture.pictures(10.0, lambda _: False)
    for _ in range(3):
        next(pictures)
    with pytest.raises(DecoderGoneError):
        next(pictures)
    capture.close()


def test_a_stream_that_gives_more_than_are_due_is_asked_no_oftener(
    video: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flooding(monkeypatch, "stream", wire.PICTURE, SMALL)
    capture, waited = Capture(str(video), EVERYWHERE), list[float]()

    def wait(seconds: float) -> bool:
        waited.append(seconds)
        return len(waited) > 100

    taken = len(list(capture.pictures(10.0, wait)))
    capture.close()
    assert sum(0.04 < seconds <= 0.05 for seconds in waited) >= taken - 2 > 10


def test_a_reason_is_short_and_printable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said = b"\x1b[2J" + b"no" * 1000
    message = wire.HEAD.pack(wire.FAILED, len(said)) + said
    program = f"import sys; sys.stdout.buffer.write({message!r})"
    monkeypatch.setattr("services.gateway.decoder.start.PROGRAM", [sys.executable, "-c", program])
    (tmp_path / "x").touch()
    decoder = Decoder(file(tmp_path / "x"), CLOSED)
    with pytest.raises(DecoderError) as caught:
        decoder.opened()
    decoder.close()
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) <= 200


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
def test_a_lost_decoder_costs_its_camera_seconds_and_another_nothing(
    start: Start, tmp_path: Path, number: int
) -> None:
    long = film(tmp_path / "long.avi", 25, 1.0)
    loops = film(tmp_path / "loops.avi", 20, 10.0)
    hit, hits = start("hit", str(long))
    _, others = start("other", str(loops), loop=True, fps=10.0)
    eventually(lambda: len(hits.frames) > 1 and len(others.frames) > 5)
    lost = hit.pid
    assert lost
    os.kill(lost, number)
    began, seen = time.monotonic(), len(hits.frames)
    with Doze() as doze:
        eventually(lambda: len(hits.frames) > seen + 1)
    # Its next picture is a second later.
    assert time.monotonic() - began < COSTS_SECONDS * crowding() + 1 + doze.overslept
    greys = [round(float(_picture(frame).mean()) / 10) for frame in hits.frames]
    assert greys == list(range(len(greys)))  # it went on where it was
    gaps = [b.time - a.time for a, b in zip(others.frames, others.frames[1:], strict=False)]
    assert max(gaps) < 1_500_000 * crowding() + doze.overslept * SECOND
    assert not hits.failures
    assert not others.failures


def _picture(frame: Frame) -> np.ndarray:
    return cv2.imdecode(np.frombuffer(frame.jpeg, np.uint8), cv2.IMREAD_GRAYSCALE)
