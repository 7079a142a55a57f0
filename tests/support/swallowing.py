"""A line to a server that can be made to swallow everything, as a network that has come apart does:
what is sent is taken, and nothing comes back.
"""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from psycopg.conninfo import conninfo_to_dict, make_conninfo


class Swallower:
    """Listens on a port of its own, in a thread of its own, and passes on both ways."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._passing = asyncio.Event()
        self._passing.set()
        self._ended = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop
        self.port = 0

    def swallow(self) -> None:
        self._loop.call_soon_threadsafe(self._passing.clear)

    def pass_on(self) -> None:
        """Also what has been held back meanwhile."""
        self._loop.call_soon_threadsafe(self._passing.set)

    @contextmanager
    def running(self) -> Iterator[None]:
        started = threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(self._serve(started)))
        thread.start()
        started.wait()
        try:
            yield
        finally:
            self._loop.call_soon_threadsafe(self._ended.set)
            thread.join()

    async def _serve(self, started: threading.Event) -> None:
        """Who is still connected in the end is cut off: ``asyncio.run`` waits for their tasks."""
        self._loop = asyncio.get_running_loop()
        server = await asyncio.start_server(self._connected, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        await self._ended.wait()
        server.close()

    async def _connected(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        # A cancelled task of a server's is an error to asyncio.
        with contextlib.suppress(OSError, asyncio.CancelledError):
            async with _closing(back):
                await self._passing.wait()
                far, on = await asyncio.open_connection(*self._target)
                async with _closing(on):
                    await asyncio.gather(self._pass(near, on), self._pass(far, back))

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while data := await source.read(2**16):
            await self._passing.wait()
            target.write(data)
            await target.drain()
        target.close()


@asynccontextmanager
async def _closing(writer: asyncio.StreamWriter) -> AsyncIterator[None]:
    try:
        yield
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()


@contextmanager
def swallowing(url: str) -> Iterator[tuple[Swallower, str]]:
    """A line to the database at an address, and the address that leads over it."""
    parts = conninfo_to_dict(url)
    swallower = Swallower(str(parts.get("host") or "127.0.0.1"), int(parts.get("port") or 5432))
    with swallower.running():
        yield swallower, make_conninfo(url, host="127.0.0.1", port=swallower.port)
