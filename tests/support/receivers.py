"""Servers that messages really go to: mail and webhooks, each on a port of its own."""

import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec
from aiosmtpd.controller import Controller

from deploy.local import ports
from tests.support.threaded import serve

SECRET = "whsec_" + "QUFB" * 8
"""Of webhooks in tests: 24 bytes."""


class Post:
    """What came to a webhook."""

    def __init__(self, path: str, headers: dict[str, str], body: bytes) -> None:
        self.path, self.headers, self.body = path, headers, body
        self.key = headers.get("webhook-id", "")

    @property
    def event(self) -> dict[str, Any]:
        found: dict[str, Any] = msgspec.json.decode(self.body)
        return found

    @property
    def alerts(self) -> list[str]:
        return [one["alert"] for one in self.event["data"]["alerts"]]


class Hook:
    """A webhook's receiver.

    ``taken``: what it has done, each key once where it honours keys; ``posts``: all that came.
    """

    def __init__(self, *, honours: bool = True) -> None:
        self.posts: list[Post] = []
        self.taken: list[Post] = []
        self.statuses: list[int] = []
        """What it answers next; then 204."""
        self.retry_after = ""
        """What it asks for where it does not take a message."""
        self.location = ""
        self.meanwhile: Callable[[Post], None] = lambda _: None
        """Called before it answers."""
        self._honours, self._lock = honours, threading.Lock()
        self._keys: Counter[str] = Counter()
        self.port = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?token=s3cret"

    def take(self, post: Post) -> int:
        with self._lock:
            self.posts.append(post)
            status = self.statuses.pop(0) if self.statuses else 204
            if 200 <= status < 300:
                self._keys[post.key] += 1
                if not self._honours or self._keys[post.key] == 1:
                    self.taken.append(post)
        self.meanwhile(post)
        return status


@contextmanager
def hook(*, honours: bool = True) -> Iterator[Hook]:
    there = Hook(honours=honours)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)
            if len(body) < length:  # whoever sent it was killed
                return
            status = there.take(Post(self.path, dict(self.headers.items()), body))
            self.send_response(status)
            if there.retry_after and status >= 400:
                self.send_header("Retry-After", there.retry_after)
            if there.location:
                self.send_header("Location", there.location)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_GET = do_POST  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: object) -> None:
            """Whoever was killed reads no answer."""

    with Server(("127.0.0.1", 0), Handler) as server:
        there.port = server.server_port
        serve(server)
        yield there
        server.shutdown()


class Mailbox:
    """A mail server's; ``refused``: recipients of which it knows nothing."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.refused: set[str] = set()
        self.busy = False
        self.hangs_up = False
        """When it is told good-bye, without a word."""
        self.port = 0

    async def handle_RCPT(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        if address in self.refused:
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802
        self, _server: Any, _session: Any, envelope: Any
    ) -> str:
        if self.busy:
            return "451 try again later"
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients += envelope.rcpt_tos
        return "250 OK"

    async def handle_QUIT(  # noqa: N802
        self, server: Any, _session: Any, _envelope: Any
    ) -> str:
        if self.hangs_up:
            server.transport.abort()
        return "221 Bye"


@contextmanager
def mailbox() -> Iterator[Mailbox]:
    there = Mailbox()
    there.port = ports.free()
    controller = Controller(there, hostname="127.0.0.1", port=there.port)
    controller.start()
    try:
        yield there
    finally:
        controller.stop()


class Drip:
    """A server that says something a byte at a time."""

    def __init__(self, said: bytes) -> None:
        self._said = said
        self.whole = threading.Event()
        """It has said all of it."""
        self.over = threading.Event()
        """It has, or whoever it spoke to has gone."""
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        threading.Thread(target=self._speak, daemon=True).start()

    def _speak(self) -> None:
        line, _ = self._server.accept()
        with line, self._server:
            try:
                for each in self._said:
                    line.sendall(bytes([each]))
                    time.sleep(0.01)
                self.whole.set()
            except OSError:
                pass
            finally:
                self.over.set()
