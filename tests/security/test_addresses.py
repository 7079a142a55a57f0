"""Where an address may lead, tried on real servers; each with the control that it leads there else.

The victim is a server on 127.0.0.1, which is not open; 127.0.0.2, which is, is another's.
"""

import io
import os
import socket
import socketserver
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from services.gateway.capture import Capture, CaptureError
from services.gateway.decoder.door import NO_HOST, Door, meant
from services.gateway.reach import NotThereError, Reach
from streams.networks import networks
from streams.settings import SettingError, Settings, load
from tests.support.cameras import Rtsp, h264, page, web
from tests.support.desk import open_desk
from tests.support.films import film
from tests.support.reach import EVERYWHERE
from tests.support.threaded import serve

OTHERS = "127.0.0.2"
GUARDED = Reach((Path("/nowhere"),), (f"{OTHERS}/32",))


def recording(form: str = "mpegts") -> bytes:
    """A second of grey."""
    file = io.BytesIO()
    with av.open(file, "w", format=form) as output:
        stream = output.add_stream("libx264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for _ in range(10):
            grey = np.full((48, 64, 3), 99, np.uint8)
            output.mux(stream.encode(av.VideoFrame.from_ndarray(grey, format="bgr24")))
        output.mux(stream.encode())
    return file.getvalue()


def answers(data: bytes, kind: str = "video/mp2t") -> Any:
    return page(lambda: data, kind)


def leading(place: Callable[[], str], status: int = 302) -> Any:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(status)
        request.send_header("Location", place())
        request.send_header("Content-Length", "0")
        request.end_headers()

    return answer


class Victim:
    """What must not be asked."""

    def __init__(self) -> None:
        self.address, self.asked = "", 0
        self._film = recording()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.asked += 1
        answers(self._film)(request)

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])


@pytest.fixture
def victim() -> Iterator[Victim]:
    found = Victim()
    with web({"/film.ts": found.answer, "/": found.answer}) as found.address:
        yield found


@pytest.fixture
def other(victim: Victim) -> Iterator[str]:
    def inside() -> str:
        return f"{victim.address}/film.ts"

    def listed(place: Callable[[], str]) -> Any:
        head = "#EXTM3U\n#EXT-X-VERSION:3\n#EXT-X-TARGETDURATION:1\n#EXT-X-MEDIA-SEQUENCE:0\n"
        tail = "\n#EXT-X-ENDLIST\n"
        kind = "application/vnd.apple.mpegurl"

        def body() -> bytes:
            return f"{head}#EXTINF:1.0,\n{place()}{tail}".encode()

        return page(body, kind)

    def choice() -> bytes:
        return f"#EXTM3U\n#EXT-X-STREAM-INF:BANDWIDTH=1\n{own}/list.m3u8\n".encode()

    pages = {
        "/film.ts": answers(recording()),
        "/film.mp4": answers(recording("mp4"), "video/mp4"),
        "/moved": leading(inside, 301),
        "/found": leading(inside),
        "/found.ts": leading(inside),
        "/kept": leading(inside, 307),
        "/twice": leading(lambda: f"{own}/found.ts"),
        "/near": leading(lambda: f"{own}/film.ts"),
        "/list.m3u8": listed(inside),
        "/moved.m3u8": listed(lambda: f"{own}/found.ts"),
        "/own.m3u8": listed(lambda: f"{own}/film.ts"),
        "/choice.m3u8": page(choice, "application/vnd.apple.mpegurl"),
    }
    with web(pages, OTHERS) as own:
        yield own


def opened(address: str, reach: Reach) -> str:
    """Its container's form; or why it was not opened."""
    try:
        capture = Capture(address, reach)
    except CaptureError as error:
        return str(error)
    capture.close()
    return capture.opened.container


# --- hosts -------------------------------------------------------------------------------------

WRITTEN = [
    "127.0.0.1",
    "2130706433",
    "0x7f000001",
    "0177.0.0.1",
    "127.1",
    "0x7f.1",
    "localhost",
    "LOCALHOST",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    f"{OTHERS}@127.0.0.1",
    f"{OTHERS}:80@127.0.0.1",
]
ONLY_REFUSED = ["0.0.0.0", "0", "[::]", "[::1]", "[::127.0.0.1]", "localhost.", "[64:ff9b::7f00:1]"]
"""What not every machine takes for itself."""


@pytest.mark.parametrize("host", WRITTEN)
def test_a_host_that_is_not_open_is_not_asked_however_it_is_written(
    victim: Victim, host: str
) -> None:
    address = f"http://{host}:{victim.port}/film.ts"
    assert NO_HOST in opened(address, GUARDED)
    assert not victim.asked
    assert opened(address, EVERYWHERE) == "mpegts", "the control"
    assert victim.asked


@pytest.mark.parametrize("host", ONLY_REFUSED)
@pytest.mark.parametrize("scheme", ["http", "rtsp", "rtmp"])
def test_nor_one_that_only_some_machines_take_for_themselves(
    victim: Victim, host: str, scheme: str
) -> None:
    assert NO_HOST in opened(f"{scheme}://{host}:{victim.port}/film.ts", GUARDED)
    assert not victim.asked


def test_what_is_open_is_opened(other: str) -> None:
    for path, form in (("film.ts", "mpegts"), ("film.mp4", "mov"), ("near", "mpegts")):
        assert form in opened(f"{other}/{path}", GUARDED)
    assert opened(f"{other}/own.m3u8", GUARDED) == "hls"


@pytest.mark.parametrize(
    "path", ["moved", "found", "kept", "twice", "list.m3u8", "moved.m3u8", "choice.m3u8"]
)
def test_no_redirect_and_no_playlist_leads_where_it_is_not_open(
    victim: Victim, other: str, path: str
) -> None:
    assert "it cannot be opened" in opened(f"{other}/{path}", GUARDED)
    assert not victim.asked
    assert opened(f"{other}/{path}", EVERYWHERE) in ("mpegts", "hls"), "the control"
    assert victim.asked


class _Moving(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        while line := self.rfile.readline():
            if b"CSeq" in line:
                number = line.split(b":")[1].strip()
            if line == b"\r\n":
                place: str = self.server.place  # type: ignore[attr-defined]
                self.wfile.write(
                    b"RTSP/1.0 302 Moved\r\nCSeq: " + number + b"\r\n"
                    b"Location: " + place.encode() + b"\r\n\r\n"
                )  # fmt: skip


def test_a_camera_that_sends_elsewhere_is_not_followed() -> None:
    """RTSP has redirects of its own."""
    inside = Rtsp(h264(15))
    with socketserver.ThreadingTCPServer((OTHERS, 0), _Moving) as moving:
        moving.place = inside.address  # type: ignore[attr-defined]
        serve(moving)
        address = f"rtsp://{OTHERS}:{moving.server_address[1]}/1"
        assert "it cannot be opened" in opened(address, GUARDED)
        before = inside.connected
        assert opened(address, EVERYWHERE) == "rtsp", "the control"
        assert (before, inside.connected > 0) == (0, True)
        moving.shutdown()
    inside.shutdown()
    inside.server_close()


class _Asking(socketserver.StreamRequestHandler):
    """A camera that wants a password, and keeps what it is given."""

    def handle(self) -> None:
        while line := self.rfile.readline():
            if line.startswith(b"CSeq"):
                number = line.split(b":")[1].strip()
            if line.startswith(b"Authorization"):
                self.server.given.append(line)  # type: ignore[attr-defined]
            if line == b"\r\n":
                self.wfile.write(
                    b"RTSP/1.0 401 Unauthorized\r\nCSeq: " + number + b"\r\n"
                    b'WWW-Authenticate: Basic realm="camera"\r\n\r\n'
                )  # fmt: skip


@pytest.mark.parametrize("by", ["camera", "thief"])
def test_a_password_goes_to_the_host_that_was_named(by: str) -> None:
    """FFmpeg takes it along where RTSP sends it elsewhere."""
    with (
        socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Asking) as asking,
        socketserver.ThreadingTCPServer((OTHERS, 0), _Moving) as moving,
    ):
        asking.given = []  # type: ignore[attr-defined]
        asks = f"127.0.0.1:{asking.server_address[1]}"
        moving.place = f"rtsp://{asks}/1"  # type: ignore[attr-defined]
        for server in (asking, moving):
            serve(server)
        named = asks if by == "camera" else f"{OTHERS}:{moving.server_address[1]}"
        said = opened(f"rtsp://admin:S3cret@{named}/1", EVERYWHERE)
        given: list[bytes] = asking.given  # type: ignore[attr-defined]
        asking.shutdown()
        moving.shutdown()
    assert "cannot be opened" in said
    assert bool(given) == (by == "camera"), "the control is given it"


REBINDS = f"""
import ctypes, sys
import av
from services.gateway.decoder import door
_library = ctypes.CDLL(None)
answers = [b"{OTHERS}", b"127.0.0.1"]
def resolve(name, service, hints, found):
    answer = answers.pop(0) if len(answers) > 1 else answers[0]
    return _library.getaddrinfo(answer, service, hints, found)
kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p,
                        ctypes.c_void_p)
_library.getaddrinfo.argtypes = kind._argtypes_
resolve = kind(resolve)
for place, _ in door._slots(("getaddrinfo",))["getaddrinfo"]:
    door._write(place, ctypes.cast(resolve, ctypes.c_void_p).value, False)
from services.gateway.decoder import __main__ as program
program.main()
"""
"""A decoder to whom the name server tells another address the second time."""


@pytest.mark.parametrize(("reach", "reached"), [(GUARDED, False), (EVERYWHERE, True)])
def test_a_name_that_changes_its_address_gains_nothing(
    victim: Victim, monkeypatch: pytest.MonkeyPatch, reach: Reach, reached: bool
) -> None:
    monkeypatch.setattr("services.gateway.decoder.start.PROGRAM", [sys.executable, "-c", REBINDS])
    first = victim.port
    with socketserver.ThreadingTCPServer((OTHERS, first), _Leading) as server:
        serve(server)
        said = opened(f"http://camera.example:{first}/film.ts", reach)
        server.shutdown()
    assert (said == "mpegts", victim.asked > 0) == (reached, reached)


class _Leading(socketserver.StreamRequestHandler):
    """Once asked, it sends to the same name again: what it told is checked, and another found."""

    def handle(self) -> None:
        place = f"http://camera.example:{self.server.server_address[1]}/film.ts"
        self.wfile.write(
            f"HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n".encode()
        )


def test_what_is_not_open_and_what_is_not_there_are_answered_alike(victim: Victim) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        closed = gone.getsockname()[1]
    asked = [
        opened(f"http://{host}/film.ts", GUARDED)
        for host in (
            f"localhost:{victim.port}", f"localhost:{closed}", "no-such-camera.invalid",
            f"{OTHERS}:{closed}",
        )
    ]  # fmt: skip
    assert set(asked) == {f"it cannot be opened: {NO_HOST}"}


# --- protocols ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    [
        "file:///etc/passwd", "pipe:0", "pipe://0", "data:text/plain,x", "concat:/etc/passwd",
        "subfile,,start,0,end,9,,:/etc/passwd", "crypto:/etc/passwd", "fd:0", "unix:/run/x",
        "udp://127.0.0.2:5000", "udp://@:5000", "rtp://127.0.0.2:5000", "srt://127.0.0.2:5000",
        "tcp://127.0.0.2:5000?listen", "gopher://127.0.0.2/", "ftp://127.0.0.2/", "tls://127.0.0.2/",
        "async:http://127.0.0.2/", "cache:http://127.0.0.2/", "httpproxy://127.0.0.2/x",
        "/dev/video/../../etc/passwd", "/dev/video0/../mem", "@/etc/passwd", "-",
    ],
)  # fmt: skip
def test_no_other_protocol_is_opened(address: str) -> None:
    said = opened(address, GUARDED)
    assert "no scheme" in said or "no such file" in said


LISTENS = """
import sys, threading, time
import av
from services.gateway.decoder.door import Door, guard
if sys.argv[2] == "guarded":
    guard(Door(["127.0.0.2/32"], [], []))
try:
    av.open(sys.argv[1], timeout=(2, 2))
except Exception as error:
    print(type(error).__name__)
"""


@pytest.mark.parametrize("scheme", ["tcp", "udp", "rtp"])
def test_nothing_listens(scheme: str) -> None:
    """Below the whitelists: if one of them ever lets such an address pass."""
    address = f"{scheme}://{OTHERS}:29417" + ("?listen=1&listen_timeout=500" * (scheme == "tcp"))
    said = {
        how: subprocess.run(
            [sys.executable, "-c", LISTENS, address, how],
            capture_output=True, text=True, timeout=60, check=False,
        ).stdout.strip()
        for how in ("guarded", "not")
    }  # fmt: skip
    assert said["guarded"] == "PermissionError"
    assert said["not"] in ("TimeoutError", "ExitError", "OSError"), "the control listened"


@pytest.mark.parametrize("kind", ["concat", "sdp", "mpd"])
def test_lists_of_other_addresses_are_not_read(victim: Victim, kind: str) -> None:
    inside = f"{victim.address}/film.ts"
    text = {
        "concat": f"ffconcat version 1.0\nfile {inside}\n",
        "sdp": "v=0\no=- 1 1 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\n"
        f"m=video {victim.port} RTP/AVP 96\na=rtpmap:96 H264/90000\n",
        "mpd": f"<?xml version='1.0'?><MPD><BaseURL>{inside}</BaseURL></MPD>",
    }[kind]
    with web({f"/x.{kind}": answers(text.encode(), "text/plain")}, OTHERS) as own:
        assert "it cannot be opened" in opened(f"{own}/x.{kind}", EVERYWHERE)
    assert not victim.asked


# --- files -------------------------------------------------------------------------------------


@pytest.fixture
def media(tmp_path: Path) -> Path:
    """With a film in it, and one outside."""
    folder = tmp_path / "media"
    folder.mkdir()
    film(folder / "in.avi", 5, 10.0)
    film(tmp_path / "out.avi", 5, 10.0)
    (folder / "near.avi").symlink_to("in.avi")
    (folder / "link.avi").symlink_to(tmp_path / "out.avi")
    (folder / "up").symlink_to(tmp_path)
    (folder / "round").symlink_to("round")
    os.mkfifo(folder / "pipe.avi")
    return folder


def test_files_are_read_from_their_folders_only(media: Path) -> None:
    reach = Reach((media,))
    for name in ("in.avi", "near.avi"):
        assert opened(str(media / name), reach) == "avi"
    outside = ["link.avi", "up/out.avi", "../out.avi", "pipe.avi", "round", "up/none", "none.avi",
               "../none.avi", ".", "in.avi/x", "/etc/passwd", "/proc/self/environ"]  # fmt: skip
    said = {opened(str(media / name), reach) for name in outside}
    assert len(said) == 1, said
    assert "there is no such file where cameras' files may be" in said.pop()
    for name in ("link.avi", "up/out.avi", "../out.avi"):
        assert opened(str(media / name), EVERYWHERE) == "avi", "the control"


def test_a_link_that_changes_after_it_was_checked_gains_nothing(
    media: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, swapped = os.open, []

    def swap(path: Any, *more: Any) -> int:
        if str(path).endswith("near.avi"):
            (media / "near.avi").unlink()
            (media / "near.avi").symlink_to(media.parent / "out.avi")
            swapped.append(path)
        return real(path, *more)

    monkeypatch.setattr(os, "open", swap)
    with pytest.raises(NotThereError):
        Reach((media,)).open_file(str(media / "near.avi"))
    assert swapped


def test_the_command_line_reads_the_file_that_was_named(media: Path) -> None:
    assert opened(str(media / "link.avi"), Reach.only(media / "link.avi")) == "avi"


# --- the service -------------------------------------------------------------------------------

CAMERAS = [
    ("/etc/passwd", False), ("/etc/none", False), ("/root/.ssh/id_rsa", False),
    ("media/../../x.avi", False), ("file:///etc/passwd", False), ("http://127.0.0.1/x", False),
    ("http://[::1]/x", False), ("http://169.254.169.254/latest/meta-data", False),
    ("http://[fe80::1]/x", False), ("http://[::ffff:169.254.169.254]/x", False),
    ("http://203.0.113.7/x", False), ("rtsp://0.0.0.0/x", False), ("rtsp://224.0.0.1/x", False),
    ("udp://10.0.0.5:5000", False), ("rtsp://10.0.0.5/1", True), ("rtsp://[fd00::5]/1", True),
    ("rtsp://camera.example/1", True),
]  # fmt: skip
"""Whether they may be added by default."""


def test_the_service_refuses_what_will_not_be_opened_and_says_nothing_of_what_there_is(
    database_server: str, template_database: str, tmp_path: Path
) -> None:
    with open_desk(database_server, template_database, tmp_path / "state") as desk:
        client = desk.machine()
        details: dict[str, set[str]] = {}
        for number, (address, right) in enumerate(CAMERAS):
            body = {"id": f"c{number}", "address": address, "model": "street_detector@1.0.0"}
            answer = client.post("/api/cameras", json=body)
            assert (answer.status_code == 201) == right, (address, answer.text)
            kind = address.partition("://")[0] if "://" in address else "file"
            details.setdefault(kind, set()).add(answer.json().get("detail", ""))
    assert len(details["file"]) == 2, "one for files, one for the scheme of that name"
    assert len(details["http"]) == 1


# --- what is open, without servers -------------------------------------------------------------


@pytest.mark.parametrize(
    ("setting", "address", "is_open"),
    [
        ("private", "10.1.2.3", True),
        ("private", "172.31.255.255", True),
        ("private", "172.32.0.1", False),
        ("private", "192.168.1.1", True),
        ("private", "fd12::1", True),
        ("private", "::ffff:10.1.2.3", True),
        ("private", "::ffff:8.8.8.8", False),
        ("private", "100.64.0.1", False),
        ("private", "8.8.8.8", False),
        ("private", "2001:db8::1", False),
        ("private", "127.0.0.1", False),
        ("private", "169.254.169.254", False),
        ("private", "64:ff9b::a9fe:a9fe", False),
        ("private", "2002:7f00:1::", False),
        ("", "10.1.2.3", False),
        ("public", "8.8.8.8", True),
        ("public", "127.0.0.1", False),
        ("public", "::1", False),
        ("public", "169.254.169.254", False),
        ("public", "fe80::1", False),
        ("public", "0.0.0.0", False),
        ("public", "255.255.255.255", False),
        ("public", "239.1.1.1", False),
        ("public", "ff02::1", False),
        ("0.0.0.0/0,::/0", "127.0.0.1", False),
        ("loopback", "127.0.0.1", True),
        ("loopback", "::1", True),
        ("loopback", "10.1.2.3", False),
        ("127.0.0.1", "127.0.0.1", True),
        ("127.0.0.1", "127.0.0.2", False),
        ("link-local", "169.254.3.4", True),
        ("169.254.3.4", "169.254.3.4", True),
        ("169.254.3.4", "169.254.169.254", False),
        ("private, 203.0.113.0/24", "203.0.113.9", True),
    ],
)
def test_networks_are_open_as_the_setting_says(setting: str, address: str, is_open: bool) -> None:
    door = Door([*networks(setting)], [], [])
    assert door.is_open(ip_address(address), 554) == is_open


def test_this_machine_is_open_by_itself_or_as_loopback_only() -> None:
    own = ip_address("10.0.0.2")
    for setting, is_open in (("private", False), ("private,loopback", True), ("10.0.0.2", True)):
        assert Door([*networks(setting)], [str(own)], []).is_open(own, 80) == is_open
    assert Door([*networks("private")], [], []).is_open(own, 80), "the control"


def test_our_own_servers_are_no_cameras() -> None:
    reach = Reach.of(
        Settings(
            kafka_bootstrap="10.0.0.3:9092,[fd00::3]:9092",
            database_url="postgresql://u@10.0.0.4:5432/d",
            camera_networks="private,loopback",
        )
    )
    refused = ("10.0.0.3:9092", "[fd00::3]:9092", "10.0.0.4:5432", "127.0.0.1:8080")
    assert all(reach.fault(f"http://{each}/") for each in refused)
    assert not any(reach.fault(f"http://{each}/") for each in ("10.0.0.3:80", "127.0.0.1:554"))


@pytest.mark.parametrize(
    "text", ["::ffff:1.2.3.4", "64:ff9b::102:304", "2002:102:304::1", "::1.2.3.4"]
)
def test_an_address_of_ipv4_within_one_of_ipv6_is_that(text: str) -> None:
    assert meant(ip_address(text)) == ip_address("1.2.3.4")


@pytest.mark.parametrize(
    "given", [{"CAMERA_NETWORKS": "10.0.0.0/33"}, {"CAMERA_NETWORKS": "everywhere"},
              {"CAMERA_FOLDERS": "films"}],
)  # fmt: skip
def test_a_setting_that_cannot_be_is_refused(given: dict[str, str]) -> None:
    with pytest.raises(SettingError, match="CAMERA_"):
        load({f"CITYOPS_{name}": value for name, value in given.items()})
