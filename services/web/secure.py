"""HTTP/2 and HTTP/1.1 under TLS: a connection shakes hands, is counted, and speaks what was agreed.

HTTP/1.1 is uvicorn's, as in the clear, and HTTP/2 is hypercorn's, whose protocol waits for ever for
who does not read and counts nothing: that is done here (docs/tls.md).
"""

import asyncio
import contextlib
import logging
import ssl
from collections.abc import Collection
from pathlib import Path
from typing import Any

import uvloop
from hypercorn.asyncio.tcp_server import TCPServer
from hypercorn.asyncio.worker_context import WorkerContext
from hypercorn.config import Config as Protocols
from hypercorn.events import RawData
from uvicorn.config import Config
from uvicorn.server import ServerState

from services.web.connections import (
    HEAD_BYTES,
    HEAD_SECONDS,
    KEEP_ALIVE_SECONDS,
    READ_SECONDS,
    Bounds,
    Connection,
)

STREAMS = 100
"""Requests at a time of a connection over HTTP/2."""
LOOK_SECONDS = 30.0
"""Between two looks whether the certificate has been renewed."""
BUFFERED = 2**16
"""Bytes that wait to be sent before anybody is made to wait for them."""

log = logging.getLogger(__name__)


class Loop(uvloop.Loop):
    """One whose servers wait as long for a handshake as for the head of a request."""

    async def create_server(self, *arguments: Any, **how: Any) -> Any:
        if how.get("ssl"):
            how["ssl_handshake_timeout"] = HEAD_SECONDS
        return await super().create_server(*arguments, **how)


class Door(asyncio.Protocol):
    """A connection that has shaken hands, until it is known what it speaks."""

    bounds: Bounds
    """Of its server, whose class of doors is derived from this one."""
    spoken: type[Connection]

    def __init__(
        self, config: Config, server_state: ServerState, app_state: dict[str, Any], **_: Any
    ) -> None:
        self._made = {"config": config, "server_state": server_state, "app_state": app_state}
        self._config, self._server = config, server_state

    def connection_made(self, transport: Any) -> None:
        peer = transport.get_extra_info("peername")
        address = peer[0] if peer else ""
        if not self.bounds.enter(address):
            transport.abort()
            return
        agreed = transport.get_extra_info("ssl_object")
        if agreed is not None and agreed.selected_alpn_protocol() == "h2":
            spoken: asyncio.Protocol = Multiplexed(self._config, self._server, self.bounds, address)
        else:
            spoken = self.spoken(**self._made, admitted=address)
        transport.set_protocol(spoken)
        spoken.connection_made(transport)


class Multiplexed(asyncio.StreamReaderProtocol):
    """A connection over HTTP/2."""

    def __init__(self, config: Config, server: ServerState, bounds: Bounds, address: str) -> None:
        self._loop = asyncio.get_running_loop()
        self._reading = asyncio.StreamReader(loop=self._loop)
        super().__init__(self._reading, loop=self._loop)
        self._config, self._server, self._bounds = config, server, bounds
        self._address = address
        self._context = WorkerContext(None)
        self._task: asyncio.Task[None] | None = None

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        writer = asyncio.StreamWriter(transport, self, self._reading, self._loop)
        self._server.connections.add(self)  # type: ignore[arg-type]
        self._task = self._loop.create_task(self._speak(writer))
        self._server.tasks.add(self._task)
        self._task.add_done_callback(self._server.tasks.discard)

    def shutdown(self) -> None:
        """Ends once nothing is being answered any more."""
        ending = self._loop.create_task(self._context.terminated.set())
        self._server.tasks.add(ending)
        ending.add_done_callback(self._server.tasks.discard)

    async def _speak(self, writer: asyncio.StreamWriter) -> None:
        app = Answered(self._config.loaded_app, self._server, writer.transport)
        try:
            await Line(app, self._loop, _PROTOCOLS, self._context, {}, self._reading, writer)
        except Exception as error:
            log.warning("a connection of %s broke: %s", self._address, _first(error))
        finally:
            writer.transport.abort()
            self._bounds.leave(self._address)
            self._server.connections.discard(self)


class Line(TCPServer):
    """A connection that ends where whoever asked does not read."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self.idle_task = Idle(self)  # type: ignore[assignment]

    async def protocol_send(self, event: Any) -> None:
        if not isinstance(event, RawData):
            await super().protocol_send(event)
            return
        with contextlib.suppress(ConnectionError, RuntimeError):  # who reads hears of it too
            self.writer.write(event.data)
            if self.writer.transport.get_write_buffer_size() > BUFFERED:
                try:
                    async with asyncio.timeout(READ_SECONDS):
                        await self.writer.drain()
                except TimeoutError:
                    self.writer.transport.abort()


class Idle:
    """Ends a connection on which nothing has been asked for so long; in place of a task for each
    request.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self._timer: asyncio.TimerHandle | None = None
        self._end: asyncio.Task[None] | None = None

    async def restart(self, *_: Any) -> None:
        await self.stop()
        seconds = 0 if self._line.context.terminated.is_set() else KEEP_ALIVE_SECONDS
        self._timer = self._line.loop.call_later(seconds, self._over)

    async def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _over(self) -> None:
        self._end = self._line.loop.create_task(self._line._initiate_server_close())


class Answered:
    """The app, as one connection gets it: so many requests at a time, none of which waits for ever
    for a reader.
    """

    def __init__(self, app: Any, server: ServerState, transport: Any) -> None:
        self._app, self._server, self._transport = app, server, transport
        self._asked = 0

    async def __call__(self, scope: Any, receive: Any, send: Any, *_: Any) -> None:
        if scope["type"] != "http":
            return
        if self._asked >= STREAMS:  # more can be opened where others were reset
            self._transport.abort()
            return

        async def sent(message: Any) -> None:
            try:
                async with asyncio.timeout(READ_SECONDS):
                    await send(message)
            except TimeoutError:
                self._transport.abort()
                raise

        self._asked += 1
        self._server.total_requests += 1
        try:
            await self._app(scope, receive, sent)
        finally:
            self._asked -= 1


class Certificate:
    """What the server shows, and its key; raises OSError or ssl.SSLError where they are no good."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self._certificate, self._key = certificate, key
        self._of = self._state()
        self.context = _context()
        self.context.load_cert_chain(certificate, key)

    async def follow(self) -> None:
        """Takes a renewed one; who is connected keeps the one that they have."""
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            self.look()

    def look(self) -> None:
        try:
            now = self._state()
            if now == self._of:
                return
            # One that does not fit its key would be in force all the same.
            _context().load_cert_chain(self._certificate, self._key)
            self.context.load_cert_chain(self._certificate, self._key)
        except (OSError, ssl.SSLError) as error:
            log.error("the renewed certificate cannot be used, the old one stays: %s", error)
            return
        self._of = now
        log.warning("the certificate has been renewed")

    def _state(self) -> list[tuple[int, int, int]]:
        found = [path.stat() for path in (self._certificate, self._key)]
        return [(state.st_mtime_ns, state.st_ino, state.st_size) for state in found]


def _context() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    context.set_alpn_protocols(["h2", "http/1.1"])
    return context


def _protocols() -> Protocols:
    found = Protocols()
    found.accesslog = None
    found.errorlog = logging.getLogger("hypercorn.error")
    found.include_server_header = False
    found.h2_max_header_list_size = HEAD_BYTES
    found.h2_max_concurrent_streams = STREAMS
    # A live stream would end with its connection.
    found.keep_alive_max_requests = 10**9
    return found


_PROTOCOLS = _protocols()


def door(proxies: Collection[str]) -> type[Door]:
    """The class of a server's connections."""
    bounds = Bounds(proxies)
    spoken = type("Bounded", (Connection,), {"bounds": bounds})
    return type("Bounded", (Door,), {"bounds": bounds, "spoken": spoken})


def _first(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
