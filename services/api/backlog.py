"""What the live stream's clients have missed, read for all of them together.

When the service comes back, every console resumes at once with an old id. So few connections read
at a time, in pages that begin at round sequences: who needs the same page waits for the same read.
"""

import asyncio
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from services.alerts.store import decode_alert, recorded
from services.api.bodies import StreamedBody, streamed_body
from services.api.queries import SQL
from streams.database import conninfo
from streams.settings import Settings

PAGE = 500
READERS = 2
"""Connections at a time, however many clients resume."""
KEPT = 8
"""Pages at hand, a few megabytes each at most."""


class Streamed(NamedTuple):
    """One transition, as sent."""

    sequence: int
    text: str
    """``StreamedBody`` in JSON."""


class Backlog:
    """Reads transitions; belongs to one event loop. Everything raises psycopg.OperationalError
    where the database is away.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._free = asyncio.Semaphore(READERS)
        self._kept: dict[int, list[Streamed]] = {}
        """Full pages by where they begin, the one used last at the end."""
        self._reading: dict[int, asyncio.Task[list[Streamed]]] = {}

    async def last(self) -> int:
        """Sequence of the newest transition; 0: none yet."""
        async with self._free, await connection(self._settings) as own:
            return await last(own)

    async def after(self, sequence: int) -> list[Streamed]:
        """Those that follow on a sequence; empty where none do."""
        begin = sequence - sequence % PAGE
        page = self._kept.pop(begin, None)
        if page is None:
            # The read is nobody's own: a client that goes away must not take it from the others.
            reading = self._reading.get(begin) or asyncio.create_task(self._read(begin))
            self._reading[begin] = reading
            page = await asyncio.shield(reading)
        if len(page) == PAGE:  # another will follow on a page that is not full
            self._kept[begin] = page
            while len(self._kept) > KEPT:
                del self._kept[next(iter(self._kept))]
        return [one for one in page if one.sequence > sequence]

    async def _read(self, begin: int) -> list[Streamed]:
        try:
            async with self._free, await connection(self._settings) as own:
                return await read(own, begin)
        finally:
            del self._reading[begin]


async def connection(settings: Settings) -> AsyncConnection[Any]:
    return await AsyncConnection.connect(conninfo(settings, "alerts-live"), autocommit=True)


async def last(connection: AsyncConnection[Any]) -> int:
    """Sequence of the newest transition; 0: none yet."""
    row = await (await connection.execute(SQL["last_sequence"])).fetchone()
    return int(row[0]) if row else 0


async def read(connection: AsyncConnection[Any], after: int) -> list[Streamed]:
    """A page of transitions; empty where there are none."""
    found = await connection.execute(SQL["transitions_since"], {"after": after, "limit": PAGE})
    rows = await found.fetchall()
    # A page takes long enough to keep everybody else waiting.
    return await asyncio.to_thread(lambda: [Streamed(row[0], _text(row)) for row in rows])


def _text(row: Any) -> str:
    body: StreamedBody = streamed_body(recorded(row[:10]), decode_alert(row[10]))
    return body.model_dump_json(by_alias=True)
