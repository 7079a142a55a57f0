"""What an address of a picture or a stream answers is known by its bytes, however they come."""

import time
from collections.abc import Iterator
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler
from itertools import count, islice

import cv2
import numpy as np
import pytest

from services.gateway.decoder.body import named_as_picture
from services.gateway.decoder.opening import open_source
from services.gateway.decoder.source import Shot, SourceError, SourceFile
from services.gateway.decoder.wire import Place
from tests.support.cameras import Answer, multipart, web

NOISE = np.random.default_rng(5).integers(0, 255, (240, 320, 3), np.uint8)
LARGE = cv2.imencode(".jpg", NOISE)[1].tobytes()
"""More than a probe reads."""
PROGRESSIVE = cv2.imencode(".jpg", NOISE, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
PNG = cv2.imencode(".png", NOISE)[1].tobytes()
TWO = LARGE + cv2.imencode(".jpg", NOISE[:60, :80])[1].tobytes()
"""As MPO has them."""


def answer(body: bytes, how: str) -> Answer:
    """``how``: with its ``length``, ``chunked``, ``closed`` at its end, or that ``slow``."""

    def give(request: BaseHTTPRequestHandler) -> None:
        request.protocol_version = "HTTP/1.1" if how == "chunked" else "HTTP/1.0"
        request.send_response(200)
        request.send_header("Content-Type", "image/jpeg")
        if how == "length":
            request.send_header("Content-Length", str(len(body)))
        if how == "chunked":
            request.send_header("Transfer-Encoding", "chunked")
        request.end_headers()
        for at in range(0, len(body), 9000):
            part = body[at : at + 9000]
            request.wfile.write(b"%x\r\n%s\r\n" % (len(part), part) if how == "chunked" else part)
            time.sleep(0.005 if how == "slow" else 0)
        if how == "chunked":
            request.wfile.write(b"0\r\n\r\n")
        request.close_connection = True

    return give


def opened(address: str) -> tuple[str, str, tuple[int, int]]:
    """Nature, codec, and size of the first picture, which must be whole."""
    source = open_source(Place(address), nullcontext)
    try:
        [shot] = islice(source.shots(), 1)
    finally:
        source.close()
    assert isinstance(shot, Shot)
    assert not shot.damaged
    return source.opened.nature, source.opened.codec, (shot.frame.width, shot.frame.height)


ASKED = count()


def counted(request: BaseHTTPRequestHandler) -> None:
    next(ASKED)
    answer(LARGE, "length")(request)


BODIES = {"large": LARGE, "progressive": PROGRESSIVE, "two": TWO, "png": PNG}
HOW = ("length", "chunked", "closed", "slow")
NAMES = ("snap.jpg", "snap", "snap.mpo")


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    pages = {
        f"/{how}/{body}/{name}": answer(BODIES[body], how)
        for how in HOW
        for body in BODIES
        for name in (*NAMES, "get")
    }
    live = multipart(12, lambda _, whole: whole, pause=0.01)
    pages |= {
        "/live": live,
        "/live.jpg": live,
        "/counted.jpg": counted,
        "/half.jpg": answer(LARGE[: len(LARGE) // 2], "closed"),
        "/busy.jpg": answer(b"<html>busy</html>" * 100, "chunked"),
    }
    with web(pages) as found:
        yield found


@pytest.mark.parametrize("how", HOW)
@pytest.mark.parametrize("name", [*NAMES, "get?file=cam.JPEG"])
@pytest.mark.parametrize("body", ["large", "progressive", "two"])
def test_a_picture_is_one_to_be_polled_whatever_says_its_length(
    address: str, name: str, how: str, body: str
) -> None:
    assert len(BODIES[body]) > 44_000
    assert opened(f"{address}/{how}/{body}/{name}") == ("still", "mjpeg", (320, 240))


def test_a_picture_is_asked_for_once_and_once_more_to_see_whether_it_goes_on(address: str) -> None:
    before = next(ASKED)
    opened(f"{address}/counted.jpg")
    assert next(ASKED) - before == 3


@pytest.mark.parametrize("how", ["length", "chunked"])
def test_the_name_does_not_say_what_it_is(address: str, how: str) -> None:
    assert opened(f"{address}/{how}/png/snap.jpg") == ("still", "png", (320, 240))


def test_what_is_cut_off_is_damaged(address: str) -> None:
    source = SourceFile(Place(f"{address}/half.jpg"))
    found = list(source.shots())
    assert all(shot.damaged if isinstance(shot, Shot) else shot.lost for shot in found[:1])
    source.close()


@pytest.mark.parametrize("path", ["/live", "/live.jpg"])
def test_a_stream_without_timestamps_says_no_rate(address: str, path: str) -> None:
    source = SourceFile(Place(address + path))
    assert (source.opened.nature, source.opened.rate) == ("stream", 0.0)
    assert len(list(islice(source.shots(), 5))) == 5
    source.close()


def test_what_is_no_picture_names_no_address(address: str) -> None:
    with pytest.raises(SourceError, match="cannot be opened") as why:
        SourceFile(Place(f"{address}/busy.jpg"))
    assert "127.0.0.1" not in str(why.value)


def test_names_of_films_and_of_other_schemes_are_left_to_the_library() -> None:
    assert named_as_picture("HTTP://camera/a.Jpg")
    assert named_as_picture("https://camera/cgi?picture=a.png")
    for address in ("http://camera/film.mp4", "rtsp://camera/a.jpg", "http://camera/jpg"):
        assert not named_as_picture(address)
