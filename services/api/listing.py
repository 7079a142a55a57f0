"""Pages of alerts: filters, orders and the cursor that the next page begins after."""

import base64
from collections.abc import Sequence
from typing import Literal, NamedTuple

import msgspec

from services.alerts import kinds
from services.alerts.lifecycle import Alert, State
from services.alerts.store import Connection, decode_alert
from services.api.queries import SQL
from streams.events import SEVERITIES, Micros, Origin, Severity, to_datetime
from streams.kinds.registry import spellings

Order = Literal["latest", "oldest", "severity"]
MAX_PAGE = 500


class Filter(NamedTuple):
    """Each that is given narrows the list; None: any."""

    states: Sequence[State] | None = None
    kinds: Sequence[str] | None = None
    """Under whatever name an alert has its kind."""
    sources: Sequence[str] | None = None
    severities: Sequence[Severity] | None = None
    origins: Sequence[Origin] | None = None
    since: Micros | None = None
    """The latest occurrence began then or later."""
    until: Micros | None = None
    """The first occurrence began before."""
    text: str | None = None
    """Part of an id or a name, with or without diacritics."""


class Page(NamedTuple):
    alerts: list[Alert]
    next: str | None
    counts: dict[str, int]
    last_sequence: int


class BadCursorError(ValueError):
    """Not a cursor of this order."""


class _Cursor(msgspec.Struct, array_like=True):
    order: Order
    rank: int
    time: Micros
    id: str


def page(
    connection: Connection, filter: Filter, order: Order, limit: int, cursor: str | None
) -> Page:
    """One page, all of it as of one instant.

    Raises:
        BadCursorError
    """
    after = _decode(cursor, order) if cursor else None
    wanted = {
        "states": _array(filter.states),
        "kinds": _array([name for kind in filter.kinds or () for name in spellings(kind)]),
        "sources": _array(filter.sources),
        "severities": _array(filter.severities),
        "origins": _array(filter.origins),
        "since": None if filter.since is None else to_datetime(filter.since),
        "until": None if filter.until is None else to_datetime(filter.until),
        "text": kinds.plain(filter.text) if filter.text else None,
        "after_rank": after.rank if after else None,
        "after_time": to_datetime(after.time) if after else None,
        "after_id": after.id if after else None,
        "limit": limit + 1,
    }
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        rows = connection.execute(SQL[f"list_{order}"], wanted).fetchall()
        counts = dict(connection.execute(SQL["count"], wanted).fetchall())
        last = connection.execute(SQL["last_sequence"]).fetchone()
    alerts = [decode_alert(row[0]) for row in rows[:limit]]
    more = len(rows) > limit
    return Page(
        alerts, _encode(alerts[-1], order) if more else None, counts, last[0] if last else 0
    )


def _array(values: Sequence[str] | None) -> list[str] | None:
    return list(values) if values else None


def _encode(alert: Alert, order: Order) -> str:
    cursor = _Cursor(order, SEVERITIES.index(alert.severity), alert.latest_time, alert.id)
    return base64.urlsafe_b64encode(msgspec.msgpack.encode(cursor)).decode().rstrip("=")


def _decode(text: str, order: Order) -> _Cursor:
    try:
        data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        cursor = msgspec.msgpack.decode(data, type=_Cursor)
        to_datetime(cursor.time)
    except (ValueError, OverflowError, msgspec.DecodeError):
        raise BadCursorError("not a cursor of this list") from None
    if cursor.order != order:
        raise BadCursorError(f"a cursor of order {cursor.order}, not {order}")
    return cursor
