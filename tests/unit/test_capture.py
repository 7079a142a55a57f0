import struct
import zlib
from itertools import groupby
from pathlib import Path
from types import SimpleNamespace

import av
import cv2
import numpy as np
import pytest

from services.gateway.capture import Address, Capture, CaptureError, to_jpeg
from streams.cameras.pictures import decode
from streams.events import MAX_PICTURE_BYTES, MAX_PICTURE_PIXELS
from tests.support.films import Clock, film, joined
from tests.support.reach import EVERYWHERE


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
def test_only_a_file_is_a_recording_by_its_address(address: str, origin: str) -> None:
    assert Address(address).origin == origin


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("RTSP://a:B%40c@h/CH1?x=%20&Y=1", "rtsp://a:B%40c@h/CH1?x=%20&Y=1"),
        ("Http://[FE80::1]:80/máy", "http://[FE80::1]:80/m%C3%A1y"),
        ("/films/Máy quay.mp4", "/films/Máy quay.mp4"),
        ("2", "/dev/video2"),
    ],
)
def test_an_address_is_opened_as_the_library_reads_it(address: str, place: str) -> None:
    assert Address(address).place == place


def test_a_picture_larger_than_the_detector_takes_is_made_smaller() -> None:
    picture = np.full((3000, 6000, 3), (200, 20, 20), np.uint8)
    smaller = decode(to_jpeg(picture))
    height, width = smaller.shape[:2]
    assert 0.99 * MAX_PICTURE_PIXELS < height * width <= MAX_PICTURE_PIXELS
    assert abs(width / height - 2) < 0.001
    assert abs(int(smaller[5, 5, 0]) - 200) < 3


def test_a_picture_of_usual_size_keeps_its_size() -> None:
    assert decode(to_jpeg(np.zeros((576, 768, 3), np.uint8))).shape == (576, 768, 3)


@pytest.mark.parametrize(("noise", "whole"), [(25, True), (90, False)])
def test_a_noisy_picture_is_compressed_more_and_then_made_smaller(noise: int, whole: bool) -> None:
    random = np.random.default_rng(0)
    picture = np.clip(90 + random.normal(0, noise, (2160, 3840, 3)), 0, 255).astype(np.uint8)
    jpeg = to_jpeg(picture)
    assert len(jpeg) <= MAX_PICTURE_BYTES
    height, width = decode(jpeg).shape[:2]
    assert ((height, width) == (2160, 3840)) == whole
    assert abs(width / height - 16 / 9) < 0.01


@pytest.mark.parametrize(
    ("media_fps", "fps", "given"),
    [
        (25.0, 5.0, range(0, 20, 5)),
        (10.0, 5.0, range(0, 20, 2)),
        (5.0, 5.0, range(20)),
        (2.0, 5.0, range(20)),
        (7.0, 5.0, [0, 2, 3, 5, 6, 7, 9, 10, 12, 13, 14, 16, 17, 19]),
    ],
)
def test_a_file_gives_the_first_picture_of_each_interval_when_it_is_due(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    media_fps: float,
    fps: float,
    given: list[int],
) -> None:
    clock = Clock()
    monkeypatch.setattr("services.gateway.capture.time", SimpleNamespace(monotonic=clock.now))
    capture = Capture(str(film(tmp_path / "film.avi", 20, media_fps)), EVERYWHERE)
    found = [(round(float(p.mean()) / 10), clock.passed) for p in capture.pictures(fps, clock.wait)]
    capture.close()
    assert capture.origin == "recorded"
    assert [number for number, _ in found] == list(given)
    assert [due for _, due in found] == pytest.approx([n / media_fps for n in given])
    assert clock.passed == pytest.approx(20 / media_fps)  # the loop begins when the media ends


def test_a_file_goes_on_behind_what_it_gave_with_the_same_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    monkeypatch.setattr("services.gateway.capture.time", SimpleNamespace(monotonic=clock.now))
    path = str(film(tmp_path / "film.avi", 20, 7.0))
    whole = [p.tobytes() for p in _all(path, clock)]
    assert [p.tobytes() for p in _all(path, clock, after=10 / 7)] == whole[-6:]


def _all(path: str, clock: Clock, **given: float) -> list[np.ndarray]:
    capture = Capture(path, EVERYWHERE)
    try:
        return list(capture.pictures(5.0, clock.wait, **given))
    finally:
        capture.close()


def test_a_file_stops_when_told(tmp_path: Path) -> None:
    capture = Capture(str(film(tmp_path / "film.avi", 20, 10.0)), EVERYWHERE)
    given: list[np.ndarray] = []
    given.extend(capture.pictures(10.0, lambda _: capture.given > 0))
    capture.close()
    assert len(given) == 2


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_turned_or_mirrored_by_its_exif_is_upright(
    tmp_path: Path, orientation: int
) -> None:
    tag = b"Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x01\x12\x00\x03\x00\x00\x00\x01\x00"
    body = tag + bytes((orientation,)) + b"\x00\x00\x00\x00\x00\x00"
    drawn = np.zeros((48, 64, 3), np.uint8)
    drawn[:24], drawn[:, :16] = 255, 128
    plain = cv2.imencode(".jpg", drawn)[1].tobytes()
    turned = plain[:2] + b"\xff\xe1" + (len(body) + 2).to_bytes(2, "big") + body + plain[2:]
    (tmp_path / "turned.jpg").write_bytes(turned)
    [upright] = _all(str(tmp_path / "turned.jpg"), Clock())
    wanted = cv2.imread(str(tmp_path / "turned.jpg"))
    assert upright.shape == wanted.shape
    assert np.abs(upright.astype(int) - wanted).mean() < 2


def test_a_picture_that_is_too_large_is_said_to_be(tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        whole = kind + data
        return struct.pack(">I", len(data)) + whole + struct.pack(">I", zlib.crc32(whole))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", 8192, 8193, 8, 2, 0, 0, 0))
    rows = chunk(b"IDAT", zlib.compress(bytes(3 * 8192 + 1) * 8))
    (tmp_path / "large.png").write_bytes(b"\x89PNG\r\n\x1a\n" + head + rows + chunk(b"IEND", b""))
    with pytest.raises(CaptureError, match="8192x8193, larger than is decoded here"):
        Capture(str(tmp_path / "large.png"), EVERYWHERE)


def test_a_picture_larger_than_the_library_holds_is_said_to_be(tmp_path: Path) -> None:
    small = cv2.imencode(".jpg", np.zeros((96, 160, 3), np.uint8))[1].tobytes()
    size = small.index(b"\xff\xc0") + 5
    claims = small[:size] + struct.pack(">HH", 65500, 65400) + small[size + 4 :]
    (tmp_path / "large.jpg").write_bytes(claims)
    with pytest.raises(CaptureError, match="65400x65500, larger than is decoded here"):
        Capture(str(tmp_path / "large.jpg"), EVERYWHERE)


def test_what_cannot_be_decoded_is_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(CaptureError, match="no such file"):
        Capture(str(tmp_path / "film.avi"), EVERYWHERE)
    (tmp_path / "film.avi").write_text("not a film")
    with pytest.raises(CaptureError, match="it cannot be opened: it is nothing that cameras"):
        Capture(str(tmp_path / "film.avi"), EVERYWHERE)
    with pytest.raises(CaptureError, match="it cannot be opened") as caught:
        Capture("http://127.0.0.1:9/secret", EVERYWHERE)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("form", ["webm", "matroska"])
def test_a_file_that_does_not_say_how_long_it_is_ends_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    clock = Clock()
    monkeypatch.setattr("services.gateway.capture.time", SimpleNamespace(monotonic=clock.now))
    path = str(tmp_path / "film")
    with av.open(path, "w", format=form, options={"live": "1"}) as output:
        stream = output.add_stream("libvpx", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(20):
            grey = np.full((48, 64, 3), 10 * number, np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="bgr24")))
        output.mux(stream.encode())
    capture = Capture(path, EVERYWHERE)
    given = list(capture.pictures(5.0, clock.wait))
    capture.close()
    assert (capture.opened.seconds, capture.origin, len(given)) == (0, "recorded", 10)
    assert clock.passed == pytest.approx(2, abs=0.2)


def test_a_film_with_a_cover_is_the_film(tmp_path: Path) -> None:
    path = str(tmp_path / "film.mkv")
    with av.open(path, "w") as output:
        cover, stream = output.add_stream("mjpeg", rate=10), output.add_stream("libx264", rate=10)
        cover.width, cover.height, cover.pix_fmt = 160, 96, "yuvj420p"
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        drawn = av.VideoFrame.from_ndarray(np.zeros((96, 160, 3), np.uint8), format="bgr24")
        output.mux([*cover.encode(drawn), *cover.encode()])
        for _ in range(20):
            output.mux(stream.encode(drawn.reformat(64, 48)))
        output.mux(stream.encode())
    shapes = [picture.shape for picture in _all(path, Clock())]
    assert shapes == [(48, 64, 3)] * len(shapes)
    assert len(shapes) > 5


@pytest.mark.parametrize(
    "sizes",
    [
        ((320, 180), (160, 90)),
        ((320, 180), (240, 180)),
        ((180, 320), (320, 180), (180, 320)),
    ],
)
def test_a_stream_that_changes_its_size_goes_on_in_the_new_shape(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sizes: tuple[tuple[int, int], ...]
) -> None:
    clock = Clock()
    monkeypatch.setattr("services.gateway.capture.time", SimpleNamespace(monotonic=clock.now))
    capture = Capture(str(joined(tmp_path / "joined.ts", *sizes)), EVERYWHERE)
    shown = [decode(to_jpeg(picture)) for picture in capture.pictures(5, clock.wait)]
    capture.close()
    order = [size for size, _ in groupby((p.shape[1], p.shape[0]) for p in shown)]
    assert tuple(order) == sizes
    assert len(shown) >= 8 * len(sizes)  # where they are joined some may count as damaged
    for picture in shown:  # nothing is squeezed, nor left over from the size before
        height, width = picture.shape[:2]
        bright = picture[..., 1].astype(int)
        assert bright[height // 2, width // 2] > 150
        assert bright[height // 2, width // 8] < 110
        assert bright[height - 8, width // 2] < 110
