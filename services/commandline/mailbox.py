"""A mail server on this machine that takes messages for some people, and shows them to a command.

As much of SMTP (RFC 5321) as one sender needs that speaks in the clear and signs in as nobody; what
comes for anybody else is refused, and nothing is passed on.
"""

import socketserver
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import NamedTuple, cast

LONGEST_LINE = 2000
"""Bytes; RFC 5321 has 1000."""
LARGEST = 1 << 20
"""Bytes of a message."""
PATIENCE_S = 30.0
"""For the next line."""
MOST_LINES = 200
"""Of commands in a connection."""


class Mail(NamedTuple):
    """What has come."""

    key: str
    """Its idempotency key: one that comes again is the same."""
    recipient: str
    subject: str
    text: str


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, recipients: Collection[str], take: Callable[[Mail], None]):
        super().__init__(("127.0.0.1", port), _Session)
        self.recipients, self._take = recipients, take
        self._lock, self._seen = threading.Lock(), set[tuple[str, str]]()

    def take(self, mail: Mail) -> None:
        """Each once."""
        with self._lock:
            if (mail.key, mail.recipient) in self._seen:
                return
            self._seen.add((mail.key, mail.recipient))
        self._take(mail)

    def handle_error(self, *_: object) -> None:
        """Whoever hangs up has hung up; they send it again."""


class _Session(socketserver.StreamRequestHandler):
    timeout = PATIENCE_S

    def handle(self) -> None:
        server = cast(_Server, self.server)
        recipients: list[str] = []
        self._say("220 cityops.demo ESMTP")
        for _ in range(MOST_LINES):
            line = self._line()
            if line is None:
                return
            verb, _, rest = line.partition(" ")
            match verb.upper():
                case "EHLO" | "HELO":
                    self._say("250 cityops.demo")
                case "MAIL":
                    recipients = []
                    self._say("250 OK")
                case "RCPT":
                    to = rest.partition("<")[2].partition(">")[0]
                    if to in server.recipients:
                        recipients.append(to)
                        self._say("250 OK")
                    else:
                        self._say("550 nobody of this rehearsal")
                case "DATA" if recipients:
                    self._say("354 go on")
                    body = self._body()
                    if body is None:
                        return
                    for to in recipients:
                        server.take(read(body, to))
                    recipients = []
                    self._say("250 OK")
                case "RSET" | "NOOP":
                    recipients = []
                    self._say("250 OK")
                case "QUIT":
                    self._say("221 bye")
                    return
                case _:
                    self._say("503 not now")

    def _say(self, said: str) -> None:
        self.wfile.write(f"{said}\r\n".encode())

    def _line(self) -> str | None:
        """None: they have hung up, or say too much."""
        line = self.rfile.readline(LONGEST_LINE)
        return line.decode("ascii", "replace").strip() if line.endswith(b"\n") else None

    def _body(self) -> bytes | None:
        """To the line that is a dot; None: it is none."""
        found = bytearray()
        while len(found) <= LARGEST:
            line = self.rfile.readline(LONGEST_LINE)
            if not line.endswith(b"\n"):
                return None
            if line == b".\r\n":
                return bytes(found)
            found += line[1:] if line.startswith(b".") else line
        self._say("552 too large")
        return None


def read(body: bytes, recipient: str) -> Mail:
    """What a message says; nothing of it is believed."""
    mail = message_from_bytes(body, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    part = mail.get_body(("plain",))
    text = "" if part is None else str(part.get_content())
    return Mail(
        str(mail["Message-ID"] or "").strip("<>").partition("@")[0],
        recipient,
        str(mail["Subject"] or ""),
        "\n".join(text.strip().splitlines()),
    )


@contextmanager
def mailbox(port: int, recipients: Collection[str], take: Callable[[Mail], None]) -> Iterator[int]:
    """Takes messages until it is left; the port on which it does (0: any that is free).

    Args:
        take: told of each message once, from another thread.

    Raises:
        OSError: the port is taken.
    """
    with _Server(port, frozenset(recipients), take) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()
