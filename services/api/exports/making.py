"""Making an export, which is whole or is not (decision 0065).

All of its rows, as of one instant, are written to a file that has no name; then it is recorded who
gets how many, and only then is it sent. So whoever reads slowly holds a file and nothing of the
database, and what was cut off on its way is told by its length.
"""

import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from threading import Lock
from time import monotonic
from typing import IO, Any, NamedTuple, cast
from weakref import WeakSet

from anyio import to_thread
from fastapi import Request, Response
from psycopg import errors
from starlette.types import Receive, Scope, Send

from services.alerts.store import Connection
from services.api.areas import area_of
from services.api.asked import asked, now_of
from services.api.auth import asker, pool_of
from services.api.problems import ProblemError
from services.api.recording import record_first
from streams.events import from_datetime, to_datetime, to_rfc3339
from streams.spreadsheet import MEDIA_TYPE, Cell, Spreadsheet

AT_ONCE = 2
"""Exports that are made at a time, each with a connection and a thread: the rest of both is left to
operators."""
SECONDS = 60.0
"""For which one may hold them."""
MOST_BYTES = 2**28
IN_MEMORY = 2**20
"""Bytes of an export; a larger one lies on the disk, where nobody else can open it."""
BATCH = 1000
"""Rows that are asked for, and written, at a time."""
CHUNK = 2**16
RETRY_AFTER_SECONDS = 5
ROWS = "X-Rows"

DESCRIBED: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "CSV (RFC 4180) in UTF-8 with a mark, all of it as of one instant; a text"
        " that spreadsheets would take for a formula has an apostrophe before it",
        "headers": {
            ROWS: {
                "description": "How many, below the names of the columns",
                "schema": {"type": "integer"},
            }
        },
        "content": {"text/csv": {}},
    }
}

Rows = Iterator[Iterable[Cell]]


class Wanted(NamedTuple):
    """An export that somebody asks for."""

    name: str
    """What its rows are, in one word: of the file's name, and of what is said."""
    columns: Sequence[str]
    rows: Callable[[Connection], Rows]
    """Within a transaction; see ``read``."""
    asked: Mapping[str, Any]
    """The filters, by name, for the audit log."""


class Export(Response):
    """The file on its way; gone when it has been sent, or is not fetched any more."""

    def __init__(self, file: IO[bytes], size: int, rows: int, name: str, user: str) -> None:
        super().__init__(media_type=MEDIA_TYPE)
        self.headers["Content-Length"] = str(size)
        self.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        self.headers[ROWS] = str(rows)
        self.file, self.user, self._left = file, user, size

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        try:
            head = {"type": "http.response.start", "status": 200, "headers": self.raw_headers}
            await send(head)
            while self._left:
                chunk = await to_thread.run_sync(self.file.read, CHUNK)
                self._left -= len(chunk)
                if not self._left:  # whoever has the last of it may ask for the next one
                    self.file.close()
                more = self._left > 0
                await send({"type": "http.response.body", "body": chunk, "more_body": more})
        finally:
            self.file.close()


class Exports:
    """Those that are under way: one of a user, and so many that are made at a time."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._making: set[str] = set()
        self._sent: WeakSet[Export] = WeakSet()

    @contextmanager
    def one_more(self, user: str) -> Iterator[None]:
        """Meanwhile it is made; raises ProblemError where somebody has to wait."""
        with self._lock:
            others = {one.user for one in self._sent if not one.file.closed}
            if user in self._making or user in others:
                raise _busy("an export of yours is under way: fetch one after the other")
            if len(self._making) >= AT_ONCE:
                raise _busy(f"{AT_ONCE} exports are being made: ask again in a few seconds")
            self._making.add(user)
        try:
            yield
        finally:
            with self._lock:
                self._making.remove(user)

    def sends(self, export: Export) -> None:
        with self._lock:
            self._sent.add(export)


def export(request: Request, wanted: Wanted) -> Export:
    """The answer, once it is in the audit log who gets how many rows, and by which filters.

    Raises:
        ProblemError: it would be too large or take too long, cannot be recorded, or has to wait.
    """
    user = asker(request).user.name
    exports: Exports = request.app.state.exports
    with exports.one_more(user), pool_of(request).connection() as connection:
        file = _new_file()
        try:
            rows, size = _written(connection, wanted, file)
            told = asked(request)
            told.detail = _said({"rows": rows, **wanted.asked, "area": area_of(request)})
            record_first(request, connection)
        except BaseException:
            file.close()
            raise
        made = Export(file, size, rows, _name(request, wanted), user)
        exports.sends(made)
    return made


def read(
    connection: Connection, query: str, parameters: Mapping[str, Any], most: int
) -> Iterator[Any]:
    """Rows of a query with a ``limit``, a few at a time, within a transaction.

    Raises:
        ProblemError: there are more.
    """
    with connection.cursor("export") as found:
        found.itersize = BATCH
        found.execute(query, {**parameters, "limit": most + 1})
        for number, row in enumerate(found, 1):
            if number > most:
                raise _too_much("too_many_rows", f"there are more than {most:,} rows")
            yield row


def _written(connection: Connection, wanted: Wanted, file: IO[bytes]) -> tuple[int, int]:
    """Rows, bytes."""
    rows = size = 0
    until = monotonic() + SECONDS
    text = io.StringIO(newline="")
    sheet = Spreadsheet(text, wanted.columns)

    def flush() -> None:
        nonlocal size
        size += file.write(text.getvalue().encode())
        text.seek(0)
        text.truncate()
        if size > MOST_BYTES:
            raise _too_much("too_large", f"it has more than {MOST_BYTES >> 20} MiB")
        if monotonic() > until:
            raise _too_slow()

    try:
        with connection.transaction():
            connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            for row in wanted.rows(connection):
                sheet.add(row)
                rows += 1
                if rows % BATCH == 0:
                    flush()
        flush()
    except errors.QueryCanceled:
        raise _too_slow() from None
    except OSError as error:
        raise _busy(f"there is no room for it: {error.strerror}") from None
    file.seek(0)
    return rows, size


def _new_file() -> IO[bytes]:
    return cast("IO[bytes]", tempfile.SpooledTemporaryFile(IN_MEMORY))


def _name(request: Request, wanted: Wanted) -> str:
    now = to_datetime(now_of(request.app.state))
    return f"cityops-{wanted.name}-{now:%Y%m%dT%H%M%SZ}.csv"


def _said(told: Mapping[str, Any]) -> str:
    given = {name: value for name, value in told.items() if value not in (None, "", [])}
    return "; ".join(f"{name}: {_value(value)}" for name, value in given.items())


def _value(value: Any) -> str:
    if isinstance(value, datetime):
        return to_rfc3339(from_datetime(value))
    return str(value) if isinstance(value, str | int) else ", ".join(sorted(value))


def _busy(said: str) -> ProblemError:
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return ProblemError(503, "busy", said, headers=headers)


def _too_slow() -> ProblemError:
    return _too_much("takes_too_long", "the database takes too long to find them")


def _too_much(reason: str, said: str) -> ProblemError:
    return ProblemError(422, reason, f"{said}: narrow the filters, or the time (since, until)")
