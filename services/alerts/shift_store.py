"""The shift log in the database; who appends holds the alerts' lock."""

from collections.abc import Callable
from typing import Any

import msgspec

from services.alerts import shifts, store
from services.alerts.alert import Alert
from services.alerts.shifts import NOBODY, Event, Item, Line, Refused, Shift
from services.alerts.store import SQL, Connection, decode_alert
from streams.events import from_datetime, to_datetime

_EVENT = msgspec.json.Decoder(Event)


def everything(connection: Connection, digest: str = "") -> dict[str, Shift]:
    """By area; of hand-overs only the one of that digest has its items, which are many."""
    found = connection.execute(SQL["shift_all"], {"digest": digest})
    return shifts.fold(_line(row) for row in found)


def append(
    connection: Connection,
    line: Line,
    kind: type[Event],
    decide: Callable[[Shift, Line], Event | Refused],
) -> Shift | Refused:
    """Appends what is decided, once for each request; the area as it is then.

    A request of the same id that was something else is refused.

    Args:
        line: its event is what is decided.
        kind: of that.
    """
    store.lock(connection)
    wanted = {"actor": line.actor, "command": line.command}
    known = everything(connection).get(line.area, NOBODY)
    before = connection.execute(SQL["shift_command"], wanted).fetchone()
    if before is not None:
        if before == (line.area, _tag(kind)):
            return known
        return Refused("command_reused", f"command {line.command} was something else")
    event = decide(known, line)
    if isinstance(event, Refused):
        return event
    row = {
        "area": line.area,
        "kind": _tag(kind),
        "time": to_datetime(line.time),
        "body": msgspec.json.encode(event).decode(),
    }
    connection.execute(SQL["shift_add"], wanted | row)
    return everything(connection)[line.area]


def _tag(kind: type[Event]) -> str:
    tag: Any = kind.__struct_config__.tag
    return str(tag)


def open_ones(connection: Connection, area: str) -> tuple[tuple[Item, ...], dict[str, int]]:
    """What is open or put aside there, the most urgent first, and how many of each state."""
    wanted = {"area": area or None, "limit": shifts.MOST_ITEMS}
    items = tuple(
        _item(decode_alert(row[0])) for row in connection.execute(SQL["shift_open"], wanted)
    )
    return items, dict(connection.execute(SQL["shift_counts"], wanted).fetchall())


def operators(connection: Connection, area: frozenset[str] | None) -> int:
    """Who are on shift where somebody of that area looks; at least one."""
    found = {
        one.user
        for name, shift in everything(connection).items()
        if area is None or not name or name in area
        for one in shift.on
    }
    return max(len(found), 1)


def _item(alert: Alert) -> Item:
    return Item(
        id=alert.id,
        version=alert.version,
        kind=alert.kind,
        source=alert.source,
        state=alert.state,
        severity=alert.severity,
        priority=alert.priority,
        count=alert.count,
        latest_time=alert.latest_time,
        assigned_to=alert.assigned_to,
        shelved_until=alert.shelf.until if alert.shelf else None,
        shelved_for=alert.shelf.reason if alert.shelf else "",
    )


def _line(row: Any) -> Line:
    area, time, actor, command, body = row
    return Line(
        area=area,
        time=from_datetime(time),
        actor=actor,
        command=command,
        event=_EVENT.decode(body),
    )
