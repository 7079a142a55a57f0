"""Pages of alerts: filters, orders and the cursor that the next page begins after."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from fastapi import Depends, Query, Request

from services.alerts import kinds
from services.alerts.alert import Alert, State
from services.alerts.area import Area
from services.alerts.store import Connection, decode_alert
from services.api import cursors
from services.api.areas import area_of
from services.api.problems import ProblemError
from services.api.queries import SQL
from services.api.times import moment_of
from streams.events import SEVERITIES, Origin, Severity, to_datetime
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
    since: datetime | None = None
    """The latest occurrence began then or later."""
    until: datetime | None = None
    """The first occurrence began before."""
    text: str | None = None
    """Part of an id or a name, with or without diacritics."""
    area: Area = None
    """Of whoever asks: alerts that have a part in it, and by sources that are in it."""


def asked_for(
    request: Request,
    *,
    state: Annotated[list[State] | None, Query(description="One or more")] = None,
    kind: Annotated[list[str] | None, Query()] = None,
    source: Annotated[list[str] | None, Query()] = None,
    severity: Annotated[list[Severity] | None, Query()] = None,
    origin: Annotated[list[Origin] | None, Query()] = None,
    since: Annotated[
        str | None, Query(description="Latest occurrence began then or later (RFC 3339)")
    ] = None,
    until: Annotated[
        str | None, Query(description="First occurrence began before (RFC 3339)")
    ] = None,
    text: Annotated[
        str | None, Query(description="Part of an id or a name, diacritics optional")
    ] = None,
) -> Filter:
    """A dependency, behind the one that lets somebody in: what a request asks for of their area."""
    return Filter(
        states=state,
        kinds=kind,
        sources=source,
        severities=severity,
        origins=origin,
        since=moment_of("since", since),
        until=moment_of("until", until),
        text=text,
        area=area_of(request),
    )


Asked = Annotated[Filter, Depends(asked_for)]


class Page(NamedTuple):
    alerts: list[Alert]
    next: str | None
    counts: dict[str, int]
    last_sequence: int
    consequences: dict[str, int]
    """Of those of the alerts that have any, how many."""


class _Cursor(msgspec.Struct, array_like=True):
    order: Order
    rank: Annotated[int, msgspec.Meta(ge=0, lt=len(SEVERITIES))]
    time: cursors.Moment
    id: cursors.Text


def page(
    connection: Connection, filter: Filter, order: Order, limit: int, cursor: str | None
) -> Page:
    """One page, all of it as of one instant.

    Raises:
        ProblemError: the cursor is none of this order.
    """
    after = _decode(cursor, order) if cursor else None
    wanted = parameters(filter) | {"limit": limit + 1}
    if after:
        wanted |= {"after_rank": after.rank, "after_time": after.time, "after_id": after.id}
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        rows = connection.execute(SQL[f"list_{order}"], wanted).fetchall()
        counts = dict(connection.execute(SQL["count"], wanted).fetchall())
        last = connection.execute(SQL["last_sequence"]).fetchone()
        alerts = [decode_alert(row[0]) for row in rows[:limit]]
        of = {"alerts": [alert.id for alert in alerts], "area": wanted["area"]}
        consequences = dict(connection.execute(SQL["consequences_count"], of).fetchall())
    more = len(rows) > limit
    return Page(
        alerts,
        _encode(alerts[-1], order) if more else None,
        counts,
        last[0] if last else 0,
        consequences,
    )


def parameters(filter: Filter) -> dict[str, Any]:
    """Of the queries, from the first alert on; without their limit."""
    return {
        "states": _array(filter.states),
        "kinds": _array([name for kind in filter.kinds or () for name in spellings(kind)]),
        "sources": _array(filter.sources),
        "severities": _array(filter.severities),
        "origins": _array(filter.origins),
        "since": filter.since,
        "until": filter.until,
        "text": kinds.plain(filter.text) if filter.text else None,
        "area": None if filter.area is None else sorted(filter.area),
        **dict.fromkeys(("after_rank", "after_time", "after_id")),
    }


def _array(values: Sequence[str] | None) -> list[str] | None:
    return list(values) if values else None


def _encode(alert: Alert, order: Order) -> str:
    time = to_datetime(alert.latest_time)
    return cursors.encode(_Cursor(order, SEVERITIES.index(alert.severity), time, alert.id))


def _decode(text: str, order: Order) -> _Cursor:
    cursor = cursors.decode(_Cursor, text)
    if cursor.order != order:
        raise ProblemError(400, "bad_cursor", f"a cursor of order {cursor.order}, not {order}")
    return cursor
