"""The live stream: every transition once, in the order of commit, to any number of clients.

One task follows the database: woken by its notifications, and once a second anyway. It keeps the
latest transitions at hand, so that a client costs the database nothing while it keeps up. A client
that has fallen further behind, or resumes, gets what the backlog reads for all such. Since
sequences are handed out in the order of commit, "everything after the last id" is neither less nor
more.
"""

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import AsyncIterator
from typing import Any

import psycopg
from psycopg import AsyncConnection, sql

from services.alerts.store import channel
from services.api.backlog import Backlog, Know, Streamed, connection, last, nobody, read, timely
from streams.settings import Settings

AT_HAND = 2000
LOOK_SECONDS = 1.0
"""A notification can be lost with its connection; so long at most does a transition wait then."""
RETRY_SECONDS = 1.0

log = logging.getLogger(__name__)


class Live:
    """Follows the transitions; ``begin`` and ``transitions`` give them to one client."""

    def __init__(self, settings: Settings, know: Know = nobody) -> None:
        """``know`` is told of every connection to the database."""
        self._settings, self._know = settings, know
        self._backlog = Backlog(settings, know)
        self._recent: deque[Streamed] = deque()
        self._last: int | None = None
        """Sequence of the newest transition seen; None: the database has not answered yet."""
        self._at_hand_after = 0
        """Every transition after this sequence is at hand."""
        self._news = asyncio.Condition()
        self._closed = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._task: asyncio.Task[None] | None = None
        self._waking: asyncio.Future[None] | None = None

    def start(self) -> None:
        """Runs in the event loop from then on."""
        self._loop = asyncio.get_running_loop()
        self._task = asyncio.create_task(self._follow())

    def close_soon(self) -> None:
        """Ends every client's stream; from any thread, and safe to call again."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._close)

    async def close(self) -> None:
        """Ends every client's stream, and waits for the follower's end."""
        self._close()
        if self._task is not None:
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    def _close(self) -> None:
        self._closed = True
        if self._task is not None:
            self._task.cancel()
        if self._waking is None:
            self._waking = asyncio.ensure_future(self._wake())

    async def _wake(self) -> None:
        async with self._news:
            self._news.notify_all()

    @property
    def closed(self) -> bool:
        """The service ends, and every client's stream with it."""
        return self._closed

    @property
    def last(self) -> int:
        """Sequence of the newest transition; 0: none yet."""
        return self._last or 0

    async def begin(self, after: int | None) -> int | None:
        """Where a client begins who has seen everything up to ``after`` (None: begins now).

        None: the database has never handed out so many sequences, it is another one than the
        client knows.

        Raises:
            psycopg.OperationalError: the database is away.
        """
        if after is not None and after <= self.last:
            return after
        newest = await self._backlog.last()
        if after is None:
            return newest
        return after if after <= newest else None

    async def transitions(self, after: int, patience: float) -> AsyncIterator[Streamed | None]:
        """Every transition after a sequence, for ever; None whenever ``patience`` seconds went by
        without one.
        """
        while not self._closed:
            found = await self._after(after)
            for transition in found:
                after = transition.sequence
                yield transition
            if not found and not await self._wait(after, patience):
                yield None

    async def _after(self, after: int) -> list[Streamed]:
        if self._last is None or after >= self._last:
            return []
        if after >= self._at_hand_after:
            return [one for one in self._recent if one.sequence > after]
        try:
            return await self._backlog.after(after)
        except psycopg.OperationalError:
            await asyncio.sleep(RETRY_SECONDS)
            return []

    async def _wait(self, after: int, patience: float) -> bool:
        """Whether there is news before ``patience`` seconds are over."""
        try:
            async with asyncio.timeout(patience), self._news:
                await self._news.wait_for(lambda: self._closed or self.last > after)
        except TimeoutError:
            return False
        return True

    async def _follow(self) -> None:
        while not self._closed:
            try:
                async with await connection(self._settings, self._know) as own:
                    name = sql.Identifier(channel(self._settings.namespace))
                    await own.execute(sql.SQL("LISTEN {}").format(name))
                    while not self._closed:
                        async with timely():
                            await self._take(own)
                        async for _ in own.notifies(timeout=LOOK_SECONDS, stop_after=1):
                            pass
            except psycopg.OperationalError as error:
                log.warning("live stream: %s", str(error).strip().splitlines()[:1])
                await asyncio.sleep(RETRY_SECONDS)

    async def _take(self, own: AsyncConnection[Any]) -> None:
        if self._last is None:
            self._last = self._at_hand_after = await last(own)
        while found := await read(own, self._last):
            async with self._news:
                self._recent.extend(found)
                while len(self._recent) > AT_HAND:
                    self._at_hand_after = self._recent.popleft().sequence
                self._last = found[-1].sequence
                self._news.notify_all()
