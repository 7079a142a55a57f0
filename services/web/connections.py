"""What a connection over HTTP/1.1 may cost: how many there are, of whom, and for how long each may
keep the service waiting.

uvicorn waits for ever for the head of a request, and for whoever does not read the answer.
"""

import asyncio
import logging
from collections.abc import Collection
from ipaddress import ip_address, ip_network
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

MOST = 1000
"""Connections at a time; each operator's browser has at most six."""
MOST_OF_ADDRESS = 400
"""Of one address, unless it is a proxy's: no single machine keeps the others out."""
HEAD_BYTES = 2**14
"""Request line and headers; what is longer is answered with 400."""
HEAD_SECONDS = 10.0
"""From the first byte of a request, or from the connection's beginning, to the end of its head."""
KEEP_ALIVE_SECONDS = 5
"""Without a request, after one."""
READ_SECONDS = 30.0
"""So long may whoever asked not take what waits for them, some tens of kilobytes."""

_FULL = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 2\r\nContent-Length: 0\r\n"
    b"Connection: close\r\n\r\n"
)

log = logging.getLogger(__name__)


def proxies_of(addresses: str) -> list[str]:
    """The setting ``trusted_proxies`` as a list of networks; raises ValueError."""
    named = (address.strip() for address in addresses.split(","))
    return [str(ip_network(address, strict=False)) for address in named if address]


class Bounds:
    """Who may still connect; one per server."""

    def __init__(self, proxies: Collection[str]) -> None:
        self._proxies = [ip_network(proxy, strict=False) for proxy in proxies]
        self._open: dict[str, int] = {}
        self._all = 0

    def enter(self, address: str) -> bool:
        """False: there are too many, and this one is not counted."""
        known = self._open.get(address, 0)
        if self._all >= MOST or (known >= MOST_OF_ADDRESS and not self._is_proxy(address)):
            log.warning("too many connections: %d of %s, %d in all", known, address, self._all)
            return False
        self._open[address] = known + 1
        self._all += 1
        return True

    def leave(self, address: str) -> None:
        self._all -= 1
        self._open[address] -= 1
        if not self._open[address]:
            del self._open[address]

    def _is_proxy(self, address: str) -> bool:
        try:
            known = ip_address(address)
        except ValueError:
            return False
        return any(known in proxy for proxy in self._proxies)


class Connection(H11Protocol):
    """One connection, which ends where it costs more than it may."""

    bounds: Bounds
    """Of its server, whose class of connections is derived from this one."""

    def __init__(self, *args: Any, admitted: str | None = None, **how: Any) -> None:
        """``admitted``: the address, where it has been counted already."""
        super().__init__(*args, **how)
        self._counted = admitted
        self._head: asyncio.TimerHandle | None = None
        self._reading: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self._counted is None:
            address = self.client[0] if self.client else ""
            if not self.bounds.enter(address):
                transport.write(_FULL)
                self._close()
                return
            self._counted = address
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._counted is not None:
            self.bounds.leave(self._counted)
            self._counted = None
        self._stop(self._head)
        self._stop(self._reading)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        super().data_received(data)
        if self.cycle is not None and not self.cycle.response_complete:
            self._stop(self._head)
            self._head = None
        elif self._head is None:
            self._await_head()
        if self.transport.is_closing():
            self._await_reader()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.transport.is_closing():
            self._await_reader()

    def timeout_keep_alive_handler(self) -> None:
        super().timeout_keep_alive_handler()
        self._await_reader()

    def shutdown(self) -> None:
        super().shutdown()
        self._await_reader()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await_reader()

    def resume_writing(self) -> None:
        super().resume_writing()
        if not self.transport.is_closing():
            self._stop(self._reading)
            self._reading = None

    def _await_head(self) -> None:
        self._head = self.loop.call_later(HEAD_SECONDS, self._too_slow)

    def _too_slow(self) -> None:
        self._head = None
        if self.transport.is_closing() or (self.cycle and not self.cycle.response_complete):
            return
        if self.conn.our_state is h11.IDLE and self.conn.trailing_data[0]:
            headers = [(b"content-length", b"0"), (b"connection", b"close")]
            late = h11.Response(status_code=408, headers=headers, reason=b"Request Timeout")
            self.transport.write(self.conn.send(late) or b"")
        self._close()

    def _close(self) -> None:
        self.transport.close()
        self._await_reader()

    def _await_reader(self) -> None:
        """What is still to be read is thrown away if it is not read in time."""
        if self._reading is None:
            self._reading = self.loop.call_later(READ_SECONDS, self.transport.abort)

    @staticmethod
    def _stop(timer: asyncio.TimerHandle | None) -> None:
        if timer is not None:
            timer.cancel()


def bounded(proxies: Collection[str]) -> type[Connection]:
    """The class of a server's connections."""
    return type("Bounded", (Connection,), {"bounds": Bounds(proxies)})
