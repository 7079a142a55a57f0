"""Pages of alerts: filters, orders and the cursor that the next page begins after."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal, NamedTuple, get_args

import msgspec
from fastapi import Depends, Query, Request

from services.alerts import kinds
from services.alerts.alert import STALE, Alert, State
from services.alerts.area import Area
from services.alerts.flapping import FLAP_WITHIN
from services.alerts.store import Connection, decode_alert
from services.alerts.transitions import Disposition
from services.api import cursors
from services.api.areas import area_of
from services.api.life import event_time
from services.api.problems import ProblemError
from services.api.queries import SQL
from services.api.times import moment_of
from streams.events import SEVERITIES, Micros, Origin, Severity, to_datetime
from streams.kinds.registry import spellings

Order = Literal["latest", "oldest", "severity", "priority"]
Condition = Literal["flapping", "stale"]
MAX_PAGE = 500
LONGEST_TEXT = 200
ALONE = 3
"""So many of the words have a condition each in ``sql/matching.sql``."""
IN_ID = 4
"""Shorter words are not looked for in ids."""


def _of_matching(name: str) -> str:
    """A query of those alerts alone that match; the database plans both as one."""
    return f"WITH matching AS (\n{SQL['matching']})\n{SQL[name]}"


LISTS: dict[Order, str] = {order: _of_matching(f"list_{order}") for order in get_args(Order)}
COUNT = _of_matching("count")
FOUND: dict[Order, str] = {
    order: f"""
WITH found AS (
{SQL["matching"]}), matching AS MATERIALIZED (
SELECT id, state, severity_rank, priority, latest_time, '' AS body
FROM found), counts AS (
{SQL["count"]}), page AS (
{SQL[f"list_{order}"]})
{SQL["found"]}"""
    for order in get_args(Order)
}
"""The list and the counts in one, where words are looked for: an index says which alerts may have
them, and each of these is read."""


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
    """Words that are all in it, in any order, diacritics optional: of ids, names, people."""
    conditions: Sequence[Condition] | None = None
    """Flaps now; has been there for longer than a day. With both: both."""
    assigned: Sequence[str] | None = None
    dispositions: Sequence[Disposition] | None = None
    now: Micros = 0
    """Event time, of which ``conditions`` is true."""
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
        str | None,
        Query(
            max_length=LONGEST_TEXT,
            description="Words that are all in it, in any order, diacritics optional: parts of ids,"
            " of names, and of who acknowledged, closed or has it",
        ),
    ] = None,
    condition: Annotated[
        list[Condition] | None,
        Query(
            description="`flapping`: comes and goes more often than anybody can answer it;"
            " `stale`: there for longer than 24 hours; open ones only"
        ),
    ] = None,
    assigned: Annotated[list[str] | None, Query(description="To whom: users' names")] = None,
    disposition: Annotated[list[Disposition] | None, Query()] = None,
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
        conditions=condition,
        assigned=assigned,
        dispositions=disposition,
        now=event_time(request),
        area=area_of(request),
    )


Asked = Annotated[Filter, Depends(asked_for)]


class Page(NamedTuple):
    stored: dict[str, str]
    """Id to what is stored of the alert, in order; ``decode_alert`` reads it."""
    next: str | None
    counts: dict[str, int]
    flapping: int
    stale: int
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
        # Planned for what is asked for: a plan for anything would not use what is left out.
        rows, counts = _rows(connection, order, wanted)
        lasting = connection.execute(SQL["count_lasting"], wanted | _lasting(filter.now)).fetchone()
        last = connection.execute(SQL["last_sequence"]).fetchone()
        stored = dict(rows[:limit])
        of = {"alerts": list(stored), "area": wanted["area"]}
        consequences = dict(connection.execute(SQL["consequences_count"], of).fetchall())
    more = len(rows) > limit
    flapping, stale = lasting or (0, 0)
    following = _encode(decode_alert(rows[limit - 1][1]), order) if more else None
    sequence = last[0] if last else 0
    return Page(stored, following, counts, flapping, stale, sequence, consequences)


def _rows(
    connection: Connection, order: Order, wanted: dict[str, Any]
) -> tuple[list[tuple[str, str]], dict[str, int]]:
    """Ids with what is stored, one more than the page has, and how many match by state."""
    if wanted["text"] is None:
        rows = connection.execute(LISTS[order], wanted, prepare=False).fetchall()
        return rows, dict(connection.execute(COUNT, wanted, prepare=False).fetchall())
    found = connection.execute(FOUND[order], wanted, prepare=False).fetchall()
    counts = msgspec.json.decode(found[0][2] or "{}", type=dict[str, int])
    return [(each, stored) for each, stored, _ in found if each is not None], counts


def parameters(filter: Filter) -> dict[str, Any]:
    """Of the queries, from the first alert on; without their limit."""
    text = kinds.plain(filter.text or "").strip()
    return {
        "states": _array(filter.states),
        "kinds": _array([name for kind in filter.kinds or () for name in spellings(kind)]),
        "sources": _array(filter.sources),
        "severities": _array(filter.severities),
        "origins": _array(filter.origins),
        "since": filter.since,
        "until": filter.until,
        "assigned": _array(filter.assigned),
        "dispositions": _array(filter.dispositions),
        **{
            name: time if name.partition("_")[0] in (filter.conditions or ()) else None
            for name, time in _lasting(filter.now).items()
        },
        "text": text or None,
        **_patterns(text),
        "area": None if filter.area is None else sorted(filter.area),
        **dict.fromkeys(("after_rank", "after_time", "after_id")),
    }


def _patterns(text: str) -> dict[str, Any]:
    """Of LIKE, one for each word: the longest by themselves, as an index finds them."""
    words = sorted(dict.fromkeys(text.split()), key=len, reverse=True)
    patterns: list[str | None] = [_within(word) for word in words]
    alone = patterns[:ALONE] + [None] * (ALONE - len(words))
    return {f"pattern_{n}": one for n, one in enumerate(alone, 1)} | {
        "patterns": patterns[ALONE:] or None
    }


def _within(word: str) -> str:
    """Anywhere in the text, as it stands; its first line is the id, in which any short word is."""
    return ("%" if len(word) >= IN_ID else "%\n%") + re.sub(r"([\\%_])", r"\\\1", word) + "%"


def _lasting(now: Micros) -> dict[str, datetime]:
    """After when the latest occurrence of what flaps now has begun, before when what is stale."""
    return {
        "flapping_after": to_datetime(now - 2 * FLAP_WITHIN),
        "stale_before": to_datetime(now - STALE),
    }


def _array(values: Sequence[str] | None) -> list[str] | None:
    return list(values) if values else None


def _encode(alert: Alert, order: Order) -> str:
    time = to_datetime(alert.latest_time)
    rank = alert.priority if order == "priority" else SEVERITIES.index(alert.severity)
    return cursors.encode(_Cursor(order, rank, time, alert.id))


def _decode(text: str, order: Order) -> _Cursor:
    cursor = cursors.decode(_Cursor, text)
    if cursor.order != order:
        raise ProblemError(400, "bad_cursor", f"a cursor of order {cursor.order}, not {order}")
    return cursor
