"""What a network address leads to, and what a camera makes of it."""

import io
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from itertools import count, pairwise

import av
import cv2
import numpy as np
import pytest

from services.gateway.capture import Capture, CaptureError
from streams.cameras.pictures import decode
from tests.support.cameras import Answer, Rtsp, h264, jpeg, multipart, page, web
from tests.support.outside import Start, starting
from tests.support.reach import EVERYWHERE
from tests.support.waiting import crowding, eventually

NUMBERS = count(1)
FPS = 5.0


@pytest.fixture
def start() -> Iterator[Start]:
    with starting() as start:
        yield start


def film(form: str) -> bytes:
    """20 pictures at 10 a second; picture n is a grey of 10 n."""
    file = io.BytesIO()
    with av.open(file, "w", format=form) as output:
        stream = output.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(20):
            grey = np.full((48, 64, 3), 10 * number, np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="bgr24")))
        output.mux(stream.encode())
    return file.getvalue()


PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:2\n#EXTINF:2,\nfilm.ts\n"


def half(number: int, whole: bytes) -> bytes:
    return whole[: len(whole) // 2] if number == 20 else whole


def tall() -> bytes:
    return cv2.imencode(".jpg", np.full((120, 90, 3), 99, np.uint8))[1].tobytes()


def page_without_length(body: Callable[[], bytes]) -> Answer:
    """The connection ends with it, as it may in HTTP/1.0, without a word that it would."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.end_headers()
        request.wfile.write(body())
        request.close_connection = True

    return answer


def page_without_end(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Type", "multipart/x-mixed-replace; boundary=b")
    request.end_headers()
    time.sleep(30)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    pages = {
        "/live": multipart(40, lambda _, whole: whole, pause=0.05),
        "/trunc": multipart(24, half, pause=0.05),
        "/trailing": multipart(12, lambda _, whole: whole + b"\r\n\x00\x00"),
        "/still": page(lambda: jpeg(next(NUMBERS)), "image/jpeg"),
        "/still-crlf": page(lambda: jpeg(next(NUMBERS)) + b"\r\n", "image/jpeg"),
        "/still-half": page(lambda: jpeg(next(NUMBERS))[:1500], "image/jpeg"),
        "/sizes": multipart(12, lambda number, whole: whole if number < 6 else tall()),
        "/film.mp4": page(lambda: film("mp4"), "video/mp4"),
        "/hangs-up.mp4": page_without_length(lambda: film("mp4")),
        "/film.ts": page(lambda: film("mpegts"), "video/mp2t"),
        "/live.m3u8": page(lambda: PLAYLIST, "application/vnd.apple.mpegurl"),
        "/ended.m3u8": page(
            lambda: PLAYLIST + b"#EXT-X-ENDLIST\n", "application/vnd.apple.mpegurl"
        ),
        "/busy": page(lambda: b"<html>busy</html>", "text/html"),
        "/silent": page_without_end,
    }
    with web(pages) as found:
        yield found


def taken(address: str, seconds: float, fps: float = FPS) -> tuple[Capture, list[float], str]:
    """The closed capture, what is on its pictures, and why they ended."""
    capture = Capture(address, EVERYWHERE)
    until = time.monotonic() + seconds

    def wait(pause: float) -> bool:
        time.sleep(pause)
        return time.monotonic() > until

    found: list[float] = []
    why = ""
    try:
        found.extend(float(picture.mean()) for picture in capture.pictures(fps, wait))
    except CaptureError as error:
        why = str(error)
    capture.close()
    return capture, found, why


def test_pictures_without_timestamps_are_taken_as_they_come(address: str) -> None:
    capture, found, why = taken(f"{address}/live", 10)
    assert (capture.origin, capture.opened.nature) == ("live", "stream")
    lasted = capture.given  # about 2 s; longer where the machine is busy, and so is what comes
    assert 1 < lasted < 10
    assert 0.6 * lasted * FPS < len(found) <= lasted * FPS + 1.01, "of twenty a second"
    assert why  # it is reopened


def test_half_a_picture_is_left_out(address: str) -> None:
    capture, found, _ = taken(f"{address}/trunc", 10, fps=30)
    assert capture.damaged == 1
    assert len(found) >= 20
    assert min(b - a for a, b in pairwise(found)) > -3  # the grey of a missing half is darker


@pytest.mark.parametrize("path", ["/trailing", "/still-crlf"])
def test_bytes_after_the_end_of_a_picture_are_no_damage(address: str, path: str) -> None:
    capture, found, _ = taken(address + path, 1.5)
    assert len(found) >= 4
    assert not capture.damaged


def test_the_address_of_a_picture_is_polled(address: str) -> None:
    capture, found, why = taken(f"{address}/still", 2)
    assert (capture.origin, capture.opened.nature) == ("live", "still")
    assert 5 <= len(found) <= 20, "at its own pace, not as fast as the server answers"
    assert not why
    assert len(set(found)) == len(found)


def test_halves_of_a_picture_are_counted(address: str) -> None:
    capture, found, _ = taken(f"{address}/still-half", 1.5)
    assert not found
    assert capture.damaged >= 2


def test_a_camera_whose_pictures_are_all_damaged_says_so(address: str, start: Start) -> None:
    camera, outside = start("half", f"{address}/still-half")
    eventually(lambda: camera.state == "its pictures arrive damaged")
    assert not outside.frames
    assert camera.damaged


def test_pictures_keep_their_shape_when_their_size_changes(address: str, start: Start) -> None:
    _, outside = start("sizes", f"{address}/sizes", fps=10.0)
    eventually(lambda: len(outside.frames) >= 10)
    shapes = [decode(frame.jpeg).shape for frame in outside.frames]
    assert {(96, 160, 3), (120, 90, 3)} == set(shapes)


@pytest.mark.parametrize("path", ["/film.mp4", "/film.ts", "/hangs-up.mp4"])
def test_a_film_on_a_server_is_a_recording_that_ends(address: str, path: str) -> None:
    began = time.monotonic()
    capture, found, why = taken(address + path, 10)
    assert (capture.origin, capture.opened.nature) == ("recorded", "file")
    assert [round(grey / 20) for grey in found] == list(range(10))
    assert not why
    assert time.monotonic() - began > 2


def test_a_playlist_is_a_stream_until_it_says_its_end(address: str) -> None:
    """Two seconds come at once, and are shown in two seconds."""
    capture, found, _ = taken(f"{address}/live.m3u8", 1.2)
    assert (capture.origin, capture.opened.nature) == ("live", "stream")
    assert 3 <= len(found) <= 7
    assert capture.given < 1.5
    capture, found, _ = taken(f"{address}/ended.m3u8", 0.5)
    assert (capture.origin, capture.opened.nature) == ("recorded", "file")


def test_what_is_no_camera_says_so_in_time_and_without_its_address(address: str) -> None:
    for path in ("/busy", "/none", "/silent"):
        began = time.monotonic()
        with pytest.raises(CaptureError) as caught:
            Capture(f"{address}{path}?token=secret", EVERYWHERE)
        assert "secret" not in str(caught.value)
        assert time.monotonic() - began < 12 * crowding()


def test_a_live_stream_opens_soon_and_is_reopened_when_it_ends(start: Start) -> None:
    server = Rtsp(h264(15))
    _, outside = start("live", server.address, fps=10.0)
    eventually(lambda: server.asked >= 2 and len(outside.frames) > 12, 30)
    assert {frame.origin for frame in outside.frames} == {"live"}
    server.shutdown()
    server.server_close()


def test_a_recording_that_a_server_plays_is_never_live_and_ends(start: Start) -> None:
    server = Rtsp(h264(20), seconds=2.0)
    camera, outside = start("vod", server.address)
    eventually(lambda: camera.state == "ended")
    assert len(outside.frames) == 10
    assert {frame.origin for frame in outside.frames} == {"recorded"}
    assert server.asked == 1
    server.shutdown()
    server.server_close()


def test_a_recording_whose_server_breaks_off_is_opened_again(start: Start) -> None:
    server = Rtsp(h264(20), seconds=9.0, stops=12)
    camera, outside = start("vod", server.address)
    eventually(lambda: server.asked >= 2 and len(outside.frames) > 8, 30)
    assert {frame.origin for frame in outside.frames} == {"recorded"}
    server.shutdown()
    server.server_close()
    eventually(lambda: "tried again" in camera.state)
