"""Whether the database answers, told within two seconds also where it hangs.

A database that is down refuses connections, and one that hangs refuses nothing: whoever asks it
waits, and so would all who ask for a connection, a thread or an answer after them. So one
connection asks for a sign of life twice a second. Without one the connections of the others are
shut under them, which frees who waits, and nobody is made to wait until there is one again.
"""

import asyncio
import contextlib
import logging
import os
import socket
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar
from weakref import WeakSet

import psycopg
from psycopg import AsyncConnection, BaseConnection

from streams.database import conninfo
from streams.settings import Settings

EVERY_SECONDS = 0.5
PATIENCE_SECONDS = 1.0
GRACE_SECONDS = 0.2
"""For an answer that has come while this process was busy."""
MOMENT_SECONDS = 0.05

T = TypeVar("T")

log = logging.getLogger(__name__)


class Pulse:
    """Belongs to one event loop, except ``know``."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._known: WeakSet[BaseConnection[Any]] = WeakSet()
        self._knowing = threading.Lock()
        self._task: asyncio.Task[None] | None = None
        self.lost = False
        """The database gives no sign of life."""
        self.when_lost: list[Callable[[], None]] = []
        """Called when it stops to, and as long as it gives none, at every look."""

    def know(self, connection: BaseConnection[Any]) -> None:
        """Shuts it where the database hangs; from any thread."""
        with self._knowing:
            self._known.add(connection)

    def start(self) -> None:
        self._task = asyncio.create_task(self._watch())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _watch(self) -> None:
        own: AsyncConnection[Any] | None = None
        try:
            while True:
                try:
                    if own is None:
                        own = await within(_connection(self._settings))
                    await within(own.execute("SELECT"), own)
                except (psycopg.Error, TimeoutError) as error:
                    if own is not None:
                        await _drop(own)
                        own = None
                    await self._lose(error)
                else:
                    if self.lost:
                        log.warning("the database answers again")
                        self.lost = False
                await asyncio.sleep(EVERY_SECONDS)
        finally:
            if own is not None:
                await _drop(own)

    async def _lose(self, error: Exception) -> None:
        if not self.lost:
            why = str(error).strip().splitlines()[:1] or ["it hangs"]
            log.warning("the database gives no sign of life: %s", why[0])
            self.lost = True
        with self._knowing:
            known = list(self._known)
        for connection in known:
            shut(connection)
        # Who waited on one of those says so; who waits for a connection or a thread hears of it.
        await asyncio.sleep(MOMENT_SECONDS)
        for tell in self.when_lost:
            tell()


async def within(answer: Coroutine[Any, Any, T], line: BaseConnection[Any] | None = None) -> T:
    """What is awaited; raises TimeoutError where it does not come in time.

    Nothing waits any more when this ends: to close a connection under who waits on it, or to give
    its number to another, ends the whole process in the event loop's own code (libuv).

    Args:
        line: what is asked over it; shut where the answer is not awaited any longer.
    """
    task = asyncio.ensure_future(answer)
    try:
        for seconds in (PATIENCE_SECONDS, GRACE_SECONDS):
            done, _ = await asyncio.wait({task}, timeout=seconds)
            if done:
                return task.result()
        raise TimeoutError
    finally:
        if not task.done():
            if line is not None:
                shut(line)  # who is cancelled while it asks would wait for the server all the same
            else:
                task.cancel()
            await asyncio.wait({task})
            _ = task.cancelled() or task.exception()


async def _connection(settings: Settings) -> AsyncConnection[Any]:
    return await AsyncConnection.connect(conninfo(settings, "alerts-pulse"), autocommit=True)


async def _drop(connection: AsyncConnection[Any]) -> None:
    shut(connection)
    with contextlib.suppress(psycopg.Error):
        await connection.close()


def shut(connection: BaseConnection[Any]) -> None:
    """Ends what waits for an answer on it, in whatever thread; it is then good for nothing."""
    with contextlib.suppress(psycopg.Error, OSError):
        port = connection.info.port
        with socket.socket(fileno=os.dup(connection.fileno())) as line:
            # Closed meanwhile, its number may be another's by now.
            if line.family != socket.AF_UNIX and line.getpeername()[1] != port:
                return
            line.shutdown(socket.SHUT_RDWR)
