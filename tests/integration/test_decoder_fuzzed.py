"""Damaged files of every container, and decoders killed at random: nobody else notices."""

import io
import os
import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest

from services.gateway.capture import Capture, CaptureError, to_jpeg
from tests.support.cameras import jpeg
from tests.support.films import Clock, film
from tests.support.outside import Start, starting
from tests.support.reach import EVERYWHERE
from tests.support.waiting import Doze, eventually

FORMS = {
    "mp4": "libx264",
    "matroska": "libx264",
    "avi": "mpeg4",
    "webm": "libvpx",
    "mpegts": "libx264",
    "flv": "libx264",
    "h264": "libx264",
    "hevc": "libx265",
    "mjpeg": "mjpeg",
    "mpjpeg": "mjpeg",
    "gif": "gif",
    "image": "",
}
VARIANTS = 4
LONGEST_SECONDS = 120.0
"""That one file may take of a machine on which much else runs; otherwise it takes less than one."""


@pytest.fixture
def start() -> Iterator[Start]:
    with starting() as start:
        yield start


def content(form: str) -> bytes:
    if form == "image":
        return jpeg(1)
    file = io.BytesIO()
    noise = np.random.default_rng(1)
    with av.open(file, "w", format=form) as output:
        stream = output.add_stream(FORMS[form], rate=10)
        stream.width, stream.height = 160, 96
        stream.pix_fmt = {"mjpeg": "yuvj420p", "gif": "rgb8"}.get(FORMS[form], "yuv420p")
        if FORMS[form] == "libx265":
            stream.options = {"x265-params": "log-level=none"}
        for _ in range(20):
            picture = noise.integers(0, 255, (96, 160, 3), dtype=np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="bgr24")))
        output.mux(stream.encode())
    return file.getvalue()


def damaged(whole: bytes, seed: int) -> bytes:
    """Bytes changed, a piece taken out, or the end cut off; the first is among the headers."""
    chance, data = random.Random(seed), bytearray(whole)
    for _ in range(chance.choice((1, 10, 100))):
        data[chance.randrange(len(data))] = chance.randrange(256)
    data[chance.randrange(min(200, len(data)))] = chance.randrange(256)
    if seed % 2:
        at = chance.randrange(len(data))
        del data[at : at + chance.randrange(1, 500)]
    if seed % 4 == 2:
        del data[chance.randrange(len(data)) :]
    return bytes(data)


@pytest.mark.parametrize("form", FORMS)
def test_a_damaged_file_is_an_error_or_pictures(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr("services.gateway.capture.time", SimpleNamespace(monotonic=clock.now))
    whole = content(form)
    assert pictures_of(tmp_path, whole, clock)
    for seed in range(VARIANTS):
        pictures_of(tmp_path, damaged(whole, seed), clock)


def test_a_title_that_is_no_utf8_is_no_reason_to_refuse_a_film(tmp_path: Path) -> None:
    whole = content("matroska").replace(b"Lavf", b"\xff\xfe\xe9f")
    assert pictures_of(tmp_path, whole, Clock())


def pictures_of(folder: Path, data: bytes, clock: Clock) -> int:
    path = folder / "film"
    path.write_bytes(data)
    began, given = time.monotonic(), 0
    try:
        capture = Capture(str(path), EVERYWHERE)
    except CaptureError:
        return 0
    try:
        for picture in capture.pictures(5.0, clock.wait):
            assert len(to_jpeg(picture))
            given += 1
    except CaptureError:
        pass
    finally:
        capture.close()
    assert time.monotonic() - began < LONGEST_SECONDS
    return given


def test_decoders_killed_at_random_harm_only_their_own_cameras(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # They are all right, however soon they are killed again.
    monkeypatch.setattr("services.gateway.backoff.STEADY_SECONDS", 0.0)
    chance = random.Random(7)
    path = str(film(tmp_path / "film.avi", 20, 10.0))
    _, unharmed = start("unharmed", path, loop=True, fps=10.0)
    cameras = [start(f"camera-{n}", path, loop=True, fps=10.0)[0] for n in range(3)]
    with Doze() as doze:
        for _ in range(8):
            hit = chance.choice(cameras)
            eventually(lambda hit=hit: hit.state == "running" and hit.pid)
            seen = {camera: camera.frames for camera in cameras}
            lost = hit.pid
            if lost:
                os.kill(lost, chance.choice((signal.SIGKILL, signal.SIGSTOP, signal.SIGSEGV)))
            eventually(lambda seen=seen: all(c.frames > seen[c] + 1 for c in cameras))
    gaps = [b.time - a.time for a, b in zip(unharmed.frames, unharmed.frames[1:], strict=False)]
    assert max(gaps) < 3_000_000 + 2_000_000 * doze.overslept, doze.overslept
    assert not unharmed.failures
