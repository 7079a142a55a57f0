"""Network cameras: an HTTP server of pictures and films, and an RTSP server of one film."""

import base64
import re
import socket
import socketserver
import ssl
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fractions import Fraction
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import av
import cv2
import numpy as np

from tests.support.certificates import secure
from tests.support.threaded import serve

Answer = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def web(
    pages: dict[str, Answer], host: str = "127.0.0.1", by: ssl.SSLContext | None = None
) -> Iterator[str]:
    """Its address; path to what answers there. ``by``: its certificate, for TLS."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            try:
                pages[self.path.partition("?")[0]](self)
            except (OSError, KeyError):
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer((host, 0), Handler)
    server.daemon_threads = True
    if by:
        secure(server, by)
    serve(server)
    try:
        yield f"http{'s' if by else ''}://{host}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def jpeg(number: int) -> bytes:
    """Something with structure, so that half of it is missed; the mean is a grey of 10 n."""
    random = np.random.default_rng(number)
    noise = random.integers(-20, 20, (96, 160, 3)) + min(10 * number, 220) + 20
    return cv2.imencode(".jpg", noise.clip(0, 255).astype(np.uint8))[1].tobytes()


def page(body: Callable[[], bytes], kind: str) -> Answer:
    """With its length."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        data = body()
        request.send_response(200)
        request.send_header("Content-Type", kind)
        request.send_header("Content-Length", str(len(data)))
        request.end_headers()
        request.wfile.write(data)

    return answer


def multipart(pictures: int, change: Callable[[int, bytes], bytes], pause: float = 0.1) -> Answer:
    """MJPEG as cameras send it: so many pictures, each as ``change`` makes it; then it ends."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", "multipart/x-mixed-replace; boundary=b")
        request.end_headers()
        for number in range(pictures):
            data = change(number, jpeg(number))
            head = b"--b\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n" % len(data)
            request.wfile.write(head + data + b"\r\n")
            request.wfile.flush()
            time.sleep(pause)
        request.close_connection = True

    return answer


def h264(pictures: int, every: int = 10) -> list[list[bytes]]:
    """Per picture its NAL units; picture n is a grey of 10 n, each ``every``-th a key picture."""
    context = av.CodecContext.create("libx264", "w")
    context.width, context.height, context.pix_fmt = 64, 48, "yuv420p"
    context.framerate, context.time_base = 10, Fraction(1, 10)
    context.options = {"preset": "ultrafast", "tune": "zerolatency", "g": str(every), "bf": "0"}
    found = []
    for number in range(pictures):
        grey = np.full((48, 64, 3), min(10 * number, 250), np.uint8)
        frame = av.VideoFrame.from_ndarray(grey, format="bgr24").reformat(format="yuv420p")
        frame.pts = number
        found += [bytes(packet) for packet in context.encode(frame)]
    found += [bytes(packet) for packet in context.encode(None)]
    return [[n for n in re.split(rb"\x00\x00\x00?\x01", data) if n] for data in found]


class Rtsp(socketserver.ThreadingTCPServer):
    """Plays a film to each who asks, over the connection itself (RFC 2326, RFC 6184).

    Args:
        seconds: what it says of the film's length; 0: it is live, and says none.
        stops: pictures after which it breaks off.
        by: its certificate, for TLS.
    """

    allow_reuse_address = daemon_threads = True

    def __init__(
        self,
        film: list[list[bytes]],
        seconds: float = 0,
        stops: int = 10**9,
        by: ssl.SSLContext | None = None,
    ) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self._scheme = "rtsps" if by else "rtsp"
        if by:
            secure(self, by)
        self.film, self.seconds, self.stops = film, seconds, stops
        self.asked = self.connected = 0
        """How often it was played, and somebody came."""
        serve(self)

    @property
    def address(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self.server_address[1]}/film"

    def handle_error(self, *_: object) -> None:
        pass


class _Session(socketserver.StreamRequestHandler):
    server: Rtsp

    def handle(self) -> None:
        self.server.connected += 1
        while line := self.rfile.readline():
            method = line.split()[0].decode()
            number = b"1"
            while head := self.rfile.readline().strip():
                if head.lower().startswith(b"cseq:"):
                    number = head.split(b":")[1].strip()
            body, more = b"", b""
            if method == "DESCRIBE":
                body, more = self._description(), b"Content-Type: application/sdp\r\n"
            elif method == "SETUP":
                more = b"Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\nSession: 1\r\n"
            elif method == "OPTIONS":
                more = b"Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n"
            self.wfile.write(
                b"RTSP/1.0 200 OK\r\nCSeq: " + number + b"\r\n" + more
                + b"Content-Length: %d\r\n\r\n" % len(body) + body
            )  # fmt: skip
            if method == "PLAY":
                self.server.asked += 1
                self._play()
                return

    def _description(self) -> bytes:
        first = self.server.film[0]
        sets = [base64.b64encode(nal).decode() for nal in first if nal[0] & 31 in (7, 8)]
        lasts = f"a=range:npt=0-{self.server.seconds:.3f}\r\n" if self.server.seconds else ""
        return (
            "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=film\r\nt=0 0\r\n" + lasts
            + "m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\n"
            + f"a=fmtp:96 packetization-mode=1;sprop-parameter-sets={','.join(sets)}\r\n"
        ).encode()  # fmt: skip

    def _play(self) -> None:
        sequence = 0
        for number, picture in enumerate(self.server.film[: self.server.stops]):
            for index, nal in enumerate(picture):
                last = index == len(picture) - 1
                stamp = (number * 9000) & 0xFFFFFFFF
                head = struct.pack(">BBHII", 0x80, 96 | (last << 7), sequence & 0xFFFF, stamp, 7)
                packet = head + nal
                self.wfile.write(b"$\x00" + struct.pack(">H", len(packet)) + packet)
                sequence += 1
            self.wfile.flush()
            time.sleep(0.1)
        self.connection.shutdown(socket.SHUT_RDWR)
