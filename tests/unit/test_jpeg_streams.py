"""JPEGs one behind the other, in whatever a camera puts around them."""

import time
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from http.server import BaseHTTPRequestHandler
from itertools import count, islice

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.gateway.decoder.jpegs import MOST_BYTES, Jpegs
from services.gateway.decoder.opening import Source, again, open_source
from services.gateway.decoder.pictures import FEW, Pictures
from services.gateway.decoder.source import Shot, SourceError
from services.gateway.decoder.wire import Place
from tests.support.cameras import Answer, jpeg, page, web

PICTURES = [jpeg(number) for number in range(8)]
GREY = np.full((48, 64, 3), 90, np.uint8)
PROGRESSIVE = cv2.imencode(".jpg", GREY, [cv2.IMWRITE_JPEG_PROGRESSIVE, 1])[1].tobytes()
RESTARTS = cv2.imencode(".jpg", GREY, [cv2.IMWRITE_JPEG_RST_INTERVAL, 1])[1].tobytes()
PADDED = PICTURES[0][:2] + b"\xff\xff" + PICTURES[0][2:]
THUMBNAIL = (
    PICTURES[1][:2] + b"\xff\xe1\x00\x0a" + PICTURES[2][:3] + b"\xff\xd9abc" + PICTURES[1][2:]
)
"""With what looks like a picture among its headers."""
KINDS = (PICTURES[0], PROGRESSIVE, RESTARTS, PADDED, THUMBNAIL)


def cut(data: bytes, size: int) -> list[bytes]:
    jpegs = Jpegs()
    return [each for at in range(0, len(data), size) for each in jpegs.feed(data[at : at + size])]


@pytest.mark.parametrize("between", [b"", b"\r\n--b\r\nContent-Type: image/jpg\r\n\r\n", b"\xff\0"])
@pytest.mark.parametrize("size", [1, 1000, 10**6])
def test_each_ends_where_it_says_so(between: bytes, size: int) -> None:
    assert cut(b"".join(between + each for each in KINDS), size) == list(KINDS)


def test_one_that_is_broken_off_costs_itself_only() -> None:
    half = PICTURES[1][: len(PICTURES[1]) // 2]
    head = PICTURES[2][:30]
    found = cut(PICTURES[0] + half + b"\r\n--b\r\n\r\n" + head + PICTURES[3] + PICTURES[4], 777)
    assert found[0] == PICTURES[0]
    assert found[1].startswith(half)
    assert found[-1] == PICTURES[4]


@settings(deadline=None, max_examples=50)
@given(st.lists(st.sampled_from([b"\xff", b"\xd8", b"\xd9", b"\xda", b"\xe1", b"\0\4", b"ab"])))
def test_nonsense_ends_or_is_waited_for(parts: list[bytes]) -> None:
    jpegs = Jpegs()
    found = [each for part in parts for each in jpegs.feed(part)]
    assert all(each.startswith(b"\xff\xd8") for each in found)
    assert cut(b"".join(parts), 10**6) == found
    assert len(b"".join(found)) + len(jpegs.rest()) <= len(b"".join(parts))


def test_one_without_an_end_is_given_up() -> None:
    jpegs, begun = Jpegs(), PICTURES[0][:-2]
    assert not jpegs.feed(begun)
    [found] = jpegs.feed(bytes(MOST_BYTES))
    assert len(found) > MOST_BYTES
    assert jpegs.feed(PICTURES[1]) == [PICTURES[1]]


# --- what an address answers --------------------------------------------------------------------


SMALL = [cv2.imencode(".jpg", GREY[:8, :8] + number)[1].tobytes() for number in range(99)]
"""Several of them in what a probe reads."""


def stream(
    kind: str, before: bytes = b"", length: bool = False, pictures: Sequence[bytes] = PICTURES
) -> Answer:
    """One behind the other, each behind these bytes. ``length``: it says how long it is."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        parts = [before.replace(b"%d", b"%d" % len(each)) + each + b"\r\n" for each in pictures]
        request.send_response(200)
        request.send_header("Content-Type", kind)
        if length:
            request.send_header("Content-Length", str(sum(map(len, parts))))
        request.end_headers()
        for part in parts:
            request.wfile.write(part)
            request.wfile.flush()
            time.sleep(0.04 / len(parts))
        request.close_connection = True

    return answer


def sparse(request: BaseHTTPRequestHandler) -> None:
    """Of two pictures two seconds apart nobody has to wait for a third."""
    request.send_response(200)
    request.end_headers()
    for number in range(2):
        time.sleep(1.6 * number)
        request.wfile.write(PICTURES[number])
        request.wfile.flush()
    request.close_connection = True


ASKED = count()


def asked() -> bytes:
    next(ASKED)
    return PICTURES[0]


MULTIPART = "multipart/x-mixed-replace; boundary="
PART = b"--b\r\nContent-Type: image/jpeg\r\n"
STREAMS = {
    "/motion": stream("video/x-motion-jpeg"),
    "/endless": stream("image/jpeg"),
    "/small": stream("image/jpeg", pictures=SMALL),
    "/nothing.mjpg": stream(""),
    "/named.jpg": stream("image/jpeg"),
    "/image-jpg": stream(MULTIPART + "b", b"--b\r\nContent-Type: image/jpg\r\n\r\n"),
    "/parameter": stream(MULTIPART + "b", b"--b\r\nContent-Type: image/jpeg; a=b\r\n\r\n"),
    "/no-type": stream(MULTIPART + "b", b"--b\r\nContent-Length: %d\r\n\r\n"),
    "/no-headers": stream(MULTIPART + "b", b"--b\r\n\r\n"),
    "/preamble": stream(MULTIPART + "b", b"a preamble\r\n--b\r\nContent-Type: image/jpeg\r\n\r\n"),
    "/octets": stream(MULTIPART + "b", b"--b\r\nContent-Type: application/octet-stream\r\n\r\n"),
    "/quoted": stream(MULTIPART + '"b"', b"--b\r\nContent-Type: image/jpeg\r\n\r\n"),
    "/dashes": stream(MULTIPART + "--b", b"--b\r\nContent-Type: image/jpeg\r\n\r\n"),
    "/short": stream(MULTIPART + "b", PART + b"Content-Length: 99\r\n\r\n"),
    "/long": stream(MULTIPART + "b", PART + b"Content-Length: 99999999\r\n\r\n"),
    "/no-number": stream(MULTIPART + "b", PART + b"Content-Length: x\r\n\r\n"),
    "/text": stream(
        MULTIPART + "b",
        b"--b\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\nhi\r\n" + PART + b"\r\n",
    ),
    "/line-feeds": stream(MULTIPART + "b", b"--b\nContent-Type: image/jpeg\n\n"),
}


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    pages: dict[str, Answer] = {
        **STREAMS,
        "/sparse": sparse,
        "/hung-up": stream("image/jpeg", pictures=SMALL[:1]),
        "/film": stream("video/x-motion-jpeg", length=True),
        "/still": page(asked, "image/jpeg"),
        "/html": page(lambda: b"<html>busy</html>" * 100, "text/html"),
    }
    with web(pages) as found:
        yield found


def opened(address: str) -> Source:
    return open_source(Place(address), nullcontext)


def shown(source: Source, most: int = 99) -> list[Shot]:
    found: list[Shot] = []
    try:
        found.extend(each for each in islice(source.shots(), most) if isinstance(each, Shot))
    except SourceError:
        pass  # that it broke off is no matter here
    finally:
        source.close()
    return found


@pytest.mark.parametrize("path", STREAMS)
def test_what_goes_on_is_a_stream(address: str, path: str) -> None:
    source = opened(address + path)
    assert (source.opened.nature, source.opened.codec) == ("stream", "mjpeg")
    found = shown(source)
    assert len(found) >= len(PICTURES) - FEW - 1, "but those that showed what it is"
    assert not any(shot.damaged for shot in found)


def test_a_small_picture_whose_server_hangs_up_is_a_still(address: str) -> None:
    assert len(SMALL[0]) < 1000
    source = opened(f"{address}/hung-up")
    assert (source.opened.nature, len(shown(source))) == ("still", 1)


def test_one_that_is_rare_is_a_stream_as_soon_as_it_goes_on(address: str) -> None:
    source = opened(f"{address}/sparse")
    assert (source.opened.nature, len(shown(source))) == ("stream", 1)


def test_many_with_a_length_are_a_recording(address: str) -> None:
    source = opened(f"{address}/film")
    assert source.opened.nature == "file"
    assert len(shown(source)) == len(PICTURES)


def test_a_still_is_asked_for_once_each_time(address: str) -> None:
    source = opened(f"{address}/still")
    assert (source.opened.nature, len(shown(source))) == ("still", 1)
    before = next(ASKED)
    for _ in range(3):
        source = again(source, Place(f"{address}/still"))
        assert isinstance(source, Pictures)
        assert len(shown(source)) == 1
    assert next(ASKED) == before + 4


@pytest.mark.parametrize("path", ["/absent", "/html"])
def test_control_what_has_no_picture_is_refused(address: str, path: str) -> None:
    with pytest.raises(SourceError, match="cannot be opened"):
        opened(address + path)
