"""A loudspeaker station that takes CAP and acknowledges it, as its channel asks: ours, nobody's."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from services.notifier.cap import MEDIA_TYPE, NAMESPACE, SPOKEN
from tests.support.cap import Read
from tests.support.threaded import serve


class Station:
    """``said``: what it has spoken, in order."""

    def __init__(self) -> None:
        self.port = 0
        self.said: list[str] = []
        self.taken: list[Read] = []
        self.probes = 0
        self.status = 200
        self.kind = "Ack"
        self.refers = True
        self.answer: bytes | None = None
        """What it answers instead."""
        self.token = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/cap"

    def take(self, body: bytes) -> bytes:
        message = Read(body)
        if self.kind == "Ack" and self.status == 200:
            self.taken.append(message)
            names, values = (
                message.all("info/parameter/valueName"),
                message.all("info/parameter/value"),
            )
            self.said.append(dict(zip(names, values, strict=True))[SPOKEN])
        sent = message.one("sent")
        named = ",".join(message.one(name) for name in ("sender", "identifier", "sent"))
        return (
            f'<alert xmlns="{NAMESPACE}"><identifier>ack-{len(self.taken)}</identifier>'
            f"<sender>pa-001@example.vn</sender><sent>{sent}</sent><status>Actual</status>"
            f"<msgType>{self.kind}</msgType><scope>Private</scope>"
            f"<note>amplifier\n is off</note><addresses>cityops</addresses>"
            f"<references>{named if self.refers else 'a,b,c'}</references></alert>"
        ).encode()


@contextmanager
def station() -> Iterator[Station]:
    there = Station()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            there.token = self.headers.get("Authorization", "")
            body = there.take(self.rfile.read(int(self.headers.get("Content-Length", 0))))
            self._say(body if there.answer is None else there.answer)

        def do_GET(self) -> None:
            there.probes += 1
            self._say(b"")

        def _say(self, body: bytes) -> None:
            self.send_response(there.status)
            self.send_header("Content-Type", MEDIA_TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        there.port = server.server_port
        serve(server)
        yield there
        server.shutdown()
