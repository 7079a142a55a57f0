"""Where channels may connect to: judged by the very address, at the moment it is connected to.

Whoever may set a channel has this machine connect to what they name. A name may lead elsewhere a
moment after it was looked at (DNS rebinding), so what is judged is what is connected to. No
redirect is followed at all. What is closed to cameras is closed here, too (decision 0049): this
machine and link-local addresses where they are not named, and our own servers always. Beside that
one port of this machine is open, where a rehearsal takes its messages (decision 0114).
"""

import socket
import ssl
import threading
from contextlib import suppress
from http.client import HTTPConnection, HTTPResponse
from ipaddress import ip_address
from typing import Any, Self

from services.gateway.decoder.door import Door
from services.gateway.reach import Reach
from streams.networks import networks
from streams.settings import Settings

MOST_SECONDS = 30.0
"""For a message to be handed over, from the connection on."""


class ClosedError(OSError):
    """No address of the host is one that channels may reach; names none."""

    def __init__(self) -> None:
        super().__init__("it is not where CITYOPS_CHANNEL_NETWORKS lets channels connect to")


def unanswered(error: Exception) -> str:
    """Why there is no answer, for whoever set the address: in words for what happens to everybody.
    Never the error's own text, which may hold the address."""
    for sort, said in _UNANSWERED:
        if isinstance(error, sort):
            return f"no answer: {said}"
    return f"no answer: {type(error).__name__}"


_UNANSWERED: tuple[tuple[type[Exception], str], ...] = (
    (socket.gaierror, "its host's name has no address"),
    (ConnectionRefusedError, "nothing takes connections there"),
    (TimeoutError, "too slow"),
    (ssl.SSLCertVerificationError, "its certificate is not believed here"),
    (ssl.SSLError, "it speaks no TLS, or another one"),
)


class Limit:
    """Ends a connection that takes too long altogether, however it is wrapped: who answers a byte
    at a time answers within every other limit."""

    def __init__(self, line: socket.socket, seconds: float) -> None:
        self._line = line.dup()
        self.reached = False
        """It took too long: what was read last may not be all."""
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()

    def end(self) -> None:
        """It is over; may be called again."""
        self._timer.cancel()
        self._line.close()

    def _cut(self) -> None:
        self.reached = True
        with suppress(OSError):
            self._line.shutdown(socket.SHUT_RDWR)
        self._line.close()


class Connector:
    """Connects to what is open, and to nothing else."""

    def __init__(self, order: dict[str, Any], most_seconds: float = MOST_SECONDS) -> None:
        """Args:
        order: what a ``Door`` takes, also in another process.
        most_seconds: for a message to be handed over.
        """
        self.order, self._most_seconds = order, most_seconds
        self._door = Door(**order)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        reach = Reach((), networks(settings.channel_networks), Reach.of(settings).servers)
        port = settings.rehearsal_port
        return cls(reach.order() | {"beside": (("127.0.0.1", port),) if port else ()})

    def connect(self, host: str, port: int, seconds: float) -> socket.socket:
        """To the first address of the host that is open and answers.

        Raises:
            ClosedError: none is open.
            OSError: none answers, or the name is unknown.
        """
        closed, last = True, OSError("it has no address")
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except UnicodeError:  # it cannot be a name: a part of it is empty, or too long
            raise last from None
        for family, kind, protocol, _, address in found:
            with suppress(ValueError):
                if self._door.is_open(ip_address(str(address[0]).partition("%")[0]), port):
                    closed = False
                    line = socket.socket(family, kind, protocol)
                    try:
                        line.settimeout(seconds)
                        line.connect(address)
                        return line
                    except OSError as error:
                        line.close()
                        last = error
        raise ClosedError if closed else last

    def limit(self, line: socket.socket) -> Limit:
        """Of a line that a message is about to go by."""
        return Limit(line, self._most_seconds)

    def http(self, host: str, port: int, seconds: float, *, secure: bool) -> "Limited":
        """A connection, not open yet, that goes to what is open only."""
        return (_Secure if secure else Limited)(self, host, port, seconds)


class Limited(HTTPConnection):
    """To what is open, and not for ever."""

    def __init__(self, connector: Connector, host: str, port: int, seconds: float) -> None:
        super().__init__(host, port, timeout=seconds)
        self._connector, self._seconds = connector, seconds
        self._limit: Limit | None = None

    def connect(self) -> None:
        line = self._connector.connect(self.host, self.port, self._seconds)
        self._limit = self._connector.limit(line)
        self.sock = self._wrapped(line)

    @property
    def too_slow(self) -> bool:
        """It was ended before all of an answer had come, which looks as if that were all."""
        return self._limit is not None and self._limit.reached

    def getresponse(self) -> HTTPResponse:
        # Before an answer that ends with its connection is read, http.client closes us: the limit
        # holds on until whoever asked does.
        limit, self._limit = self._limit, None
        try:
            return super().getresponse()
        finally:
            self._limit = limit

    def close(self) -> None:
        super().close()
        if self._limit is not None:
            self._limit.end()

    def _wrapped(self, line: socket.socket) -> socket.socket:
        return line


class _Secure(Limited):
    default_port = 443

    def _wrapped(self, line: socket.socket) -> socket.socket:
        return ssl.create_default_context().wrap_socket(line, server_hostname=self.host)
