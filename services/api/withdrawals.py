"""Ends what goes on in somebody's name once their session is void, or may something else.

Requests are judged one by one, and are over soon; a live stream goes on for hours. One task looks,
for all streams together, every other second, whatever flows through them.
"""

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from types import TracebackType
from typing import Self

import psycopg
from psycopg_pool import ConnectionPool, PoolTimeout

from services.api.users import Session, sessions_of
from streams.secrets import hash_of

LOOK_SECONDS = 2.0

log = logging.getLogger(__name__)


class Open:
    """Something that goes on in the name of a session, until the end of the context."""

    def __init__(self, among: set["Open"], key: bytes, session: Session) -> None:
        self._among = among
        self.key, self.rights, self.area = key, session.rights(), session.area
        self.withdrawn = False

    def __enter__(self) -> Self:
        self._among.add(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._among.discard(self)


class Withdrawals:
    """Finds the sessions that are void; belongs to one event loop."""

    def __init__(self, pool: ConnectionPool, idle_seconds: float) -> None:
        self._pool, self._idle_seconds = pool, idle_seconds
        self._open: set[Open] = set()
        self._task: asyncio.Task[None] | None = None

    def open(self, token: str, session: Session) -> Open:
        return Open(self._open, hash_of(token), session)

    def start(self) -> None:
        self._task = asyncio.create_task(self._watch())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(LOOK_SECONDS)
            looked = list(self._open)
            if not looked:
                continue
            try:
                valid = await asyncio.to_thread(self._valid, sorted({one.key for one in looked}))
            except (psycopg.OperationalError, PoolTimeout) as error:
                # Nobody is signed out because the database is away.
                log.warning("sessions: %s", str(error).strip().splitlines()[:1])
                continue
            for one in looked:
                session = valid.get(one.key)
                one.withdrawn = session is None or session.rights() != one.rights

    def _valid(self, keys: Sequence[bytes]) -> dict[bytes, Session]:
        with self._pool.connection() as connection:
            return sessions_of(connection, keys, self._idle_seconds)
