"""What a site goes by and edits: versions of it are appended, none is ever changed.

Every function works in its caller's transaction; ``add`` takes the alerts' lock first.
"""

from typing import Any, NamedTuple

import msgspec

from services.alerts import store
from services.alerts.priority import DEFAULT, Table
from services.alerts.store import SQL, Connection
from streams.events import Micros, from_datetime, to_datetime

PRIORITY = "priority"
"""The sort of which there is but one."""
RUNBOOK = "runbook"
"""One of each kind, by its id."""


class Page(NamedTuple):
    """One version of something."""

    name: str
    version: int
    """1, 2, 3 … of this name."""
    by: str
    time: Micros
    reason: str
    body: str
    """JSON."""


class StaleError(ValueError):
    """Somebody else has changed it meanwhile."""


def newest(connection: Connection, sort: str, name: str = "") -> Page | None:
    """None: nobody has written any, and the default holds."""
    row = connection.execute(SQL["handbook_newest"], {"sort": sort, "name": name}).fetchone()
    return None if row is None else _page(row)


def of_version(connection: Connection, sort: str, name: str, version: int) -> Page | None:
    wanted = {"sort": sort, "name": name, "version": version}
    row = connection.execute(SQL["handbook_version"], wanted).fetchone()
    return None if row is None else _page(row)


def every(connection: Connection, sort: str) -> list[Page]:
    """All versions, oldest first."""
    return [_page(row) for row in connection.execute(SQL["handbook_all"], {"sort": sort})]


def add(
    connection: Connection,
    sort: str,
    name: str,
    body: Any,
    *,
    by: str,
    time: Micros,
    reason: str,
    expected: int | None = None,
) -> Page:
    """The next version; raises StaleError where the newest is not ``expected``."""
    store.lock(connection)
    before = newest(connection, sort, name)
    version = before.version if before else 0
    if expected is not None and expected != version:
        raise StaleError(f"it is at version {version}, not {expected}")
    page = Page(name, version + 1, by, time, reason, msgspec.json.encode(body).decode())
    connection.execute(
        SQL["handbook_add"], {"sort": sort, **page._asdict(), "time": to_datetime(time)}
    )
    return page


def priorities(connection: Connection) -> Table:
    """The table that holds now."""
    return table_of(newest(connection, PRIORITY))


def table_of(page: Page | None) -> Table:
    if page is None:
        return DEFAULT
    table = msgspec.json.decode(page.body, type=Table)
    return msgspec.structs.replace(table, version=page.version)


def runbook(connection: Connection, kind: str, version: int | None = None) -> Page | None:
    """Of a kind, the version that holds or (None) the newest; None: the default."""
    if version is None:
        return newest(connection, RUNBOOK, kind)
    return of_version(connection, RUNBOOK, kind, version) if version else None


def _page(row: Any) -> Page:
    name, version, by, time, reason, body = row
    return Page(name, version, by, from_datetime(time), reason, body)
