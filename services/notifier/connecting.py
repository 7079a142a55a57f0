"""Where channels may connect to: judged by the very address, at the moment it is connected to.

Whoever may set a channel has this machine connect to what they name. A name may lead elsewhere a
moment after it was looked at (DNS rebinding), so what is judged is what is connected to. No
redirect is followed at all. What is closed to cameras is closed here, too (decision 0049): this
machine and link-local addresses where they are not named, and our own servers always.
"""

import socket
import ssl
from contextlib import suppress
from http.client import HTTPConnection, HTTPSConnection
from ipaddress import ip_address
from typing import Any, Self

from services.gateway.decoder.door import Door
from services.gateway.reach import Reach
from streams.networks import networks
from streams.settings import Settings


class ClosedError(OSError):
    """No address of the host is one that channels may reach; names none."""

    def __init__(self) -> None:
        super().__init__("it is not where CITYOPS_CHANNEL_NETWORKS lets channels connect to")


class Connector:
    """Connects to what is open, and to nothing else."""

    def __init__(self, order: dict[str, Any]) -> None:
        """``order``: what a ``Door`` takes, also in another process."""
        self.order = order
        self._door = Door(**order)

    @classmethod
    def of(cls, settings: Settings) -> Self:
        reach = Reach((), networks(settings.channel_networks), Reach.of(settings).servers)
        return cls(reach.order())

    def connect(self, host: str, port: int, seconds: float) -> socket.socket:
        """To the first address of the host that is open and answers.

        Raises:
            ClosedError: none is open.
            OSError: none answers, or the name is unknown.
        """
        closed, last = True, OSError("it has no address")
        for family, kind, protocol, _, address in socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        ):
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

    def http(self, host: str, port: int, seconds: float, *, secure: bool) -> HTTPConnection:
        """A connection, not open yet, that goes to what is open only."""
        return _Secure(self, host, port, seconds) if secure else _Clear(self, host, port, seconds)


class _Clear(HTTPConnection):
    def __init__(self, connector: Connector, host: str, port: int, seconds: float) -> None:
        super().__init__(host, port, timeout=seconds)
        self._connector, self._seconds = connector, seconds

    def connect(self) -> None:
        self.sock = self._connector.connect(self.host, self.port, self._seconds)


class _Secure(HTTPSConnection):
    def __init__(self, connector: Connector, host: str, port: int, seconds: float) -> None:
        super().__init__(host, port, timeout=seconds)
        self._connector, self._seconds = connector, seconds

    def connect(self) -> None:
        line = self._connector.connect(self.host, self.port, self._seconds)
        self.sock = ssl.create_default_context().wrap_socket(line, server_hostname=self.host)
