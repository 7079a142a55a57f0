"""What the live stream's clients have missed, read for all of them together.

When the service comes back, every console resumes at once with an old id. So few connections read
at a time, in pages that begin at round sequences: who needs the same page waits for the same read.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import psycopg
from psycopg import AsyncConnection

from services.alerts.alert import Alert
from services.alerts.area import Area, line_seen_by, seen_by
from services.alerts.store import Recorded, decode_alert, recorded
from services.api.bodies import StreamedBody, streamed_body
from services.api.queries import SQL
from streams.database import conninfo
from streams.settings import Settings

PAGE = 500
READERS = 2
"""Connections at a time, however many clients resume."""
READ_SECONDS = 10.0
"""For a page; where a line swallows what is asked, the next asks on another."""
KEPT = 8
"""Pages at hand, a few megabytes each at most."""


Know = Callable[[AsyncConnection[Any]], None]


def nobody(_: AsyncConnection[Any]) -> None:
    """Need know of it."""


class Streamed(NamedTuple):
    """One transition, as sent."""

    sequence: int
    text: str
    """``StreamedBody`` in JSON, for who may see everything."""
    wards: frozenset[str] = frozenset()
    """Of its alert as it is now; empty: it is in none that is known."""
    parts: tuple[Recorded, Alert] | None = None
    """What the text was made of, where the alert lies in more than one: people of each see less."""

    def text_for(self, area: Area) -> str | None:
        """None: nothing of it is in the area."""
        if area is None:
            return self.text
        if not self.wards & area:
            return None
        return self.text if self.parts is None else _text(*self.parts, area)


class Backlog:
    """Reads transitions; belongs to one event loop. Everything raises psycopg.OperationalError
    where the database is away.
    """

    def __init__(self, settings: Settings, know: Know = nobody) -> None:
        self._settings, self._know = settings, know
        self._free = asyncio.Semaphore(READERS)
        self._kept: dict[int, list[Streamed]] = {}
        """Full pages by where they begin, the one used last at the end."""
        self._reading: dict[int, asyncio.Task[list[Streamed]]] = {}

    async def last(self) -> int:
        """Sequence of the newest transition; 0: none yet."""
        async with self._free, timely(), await connection(self._settings, self._know) as own:
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
            async with self._free, timely(), await connection(self._settings, self._know) as own:
                return await read(own, begin)
        finally:
            del self._reading[begin]


@asynccontextmanager
async def timely() -> AsyncIterator[None]:
    """Raises psycopg.OperationalError where what is done within takes too long."""
    try:
        async with asyncio.timeout(READ_SECONDS):
            yield
    except TimeoutError:
        raise psycopg.OperationalError("no answer in time") from None


async def connection(settings: Settings, know: Know = nobody) -> AsyncConnection[Any]:
    """``know`` is told of it."""
    own = await AsyncConnection.connect(conninfo(settings, "alerts-live"), autocommit=True)
    know(own)
    return own


async def last(connection: AsyncConnection[Any]) -> int:
    """Sequence of the newest transition; 0: none yet."""
    row = await (await connection.execute(SQL["last_sequence"])).fetchone()
    return int(row[0]) if row else 0


async def read(connection: AsyncConnection[Any], after: int) -> list[Streamed]:
    """A page of transitions; empty where there are none."""
    found = await connection.execute(SQL["transitions_since"], {"after": after, "limit": PAGE})
    rows = await found.fetchall()
    # A page takes long enough to keep everybody else waiting.
    return await asyncio.to_thread(lambda: [_streamed(row) for row in rows])


def _streamed(row: Any) -> Streamed:
    line, alert = recorded(row[:10]), decode_alert(row[10])
    wards = frozenset(alert.wards.get(one, "") for one in (*alert.sources, *alert.wards))
    parts = (line, alert) if len(wards) > 1 else None
    return Streamed(line.sequence, _text(line, alert, None) or "", wards - {""}, parts)


def _text(line: Recorded, alert: Alert, area: Area) -> str | None:
    seen = seen_by(alert, area)
    if seen is None:
        return None
    body: StreamedBody = streamed_body(line_seen_by(line, alert, area), seen)
    return body.model_dump_json(by_alias=True)
