"""Suppressions in the database: lines are appended, and what they do to open alerts with them.

Every function works in its caller's transaction; who appends holds ``store.lock``.
"""

from typing import Any, NamedTuple
from uuid import UUID, uuid5

import msgspec

from services.alerts import store
from services.alerts.store import SQL, Connection
from services.alerts.suppressions import (
    Began,
    Ended,
    Kind,
    Line,
    Scope,
    Suppression,
    SuppressionEvent,
    Wrong,
    begin,
    end,
    fold,
)
from services.alerts.transitions import Restored, Suppressed, number
from streams import forms
from streams.events import Micros, from_datetime, to_datetime

_SUPPRESSIONS = UUID("6c9d5f1e-5c0e-5d57-9b53-3b7d4c2a1e90")
_EVENT = msgspec.json.Decoder(SuppressionEvent)


class NoSuppressionError(LookupError):
    """There is no suppression with this id."""


class Asked(NamedTuple):
    """What somebody wants to be suppressed."""

    kind: Kind
    scope: Scope
    subject: str
    begin: Micros | None
    """None: now."""
    until: Micros | None
    reason: str


class Request(NamedTuple):
    """Who asks, under what id of their own, and when (event time)."""

    actor: str
    command: str
    time: Micros


class Book:
    """Every suppression; ``refresh`` reads where a line is new."""

    def __init__(self) -> None:
        self.known: dict[str, Suppression] = {}
        self._sequence = 0

    def refresh(self, connection: Connection) -> dict[str, Suppression]:
        """By id; raises forms.NewerFormError."""
        row = connection.execute(SQL["suppressions_last"]).fetchone()
        if row and row[0] != self._sequence:
            self._sequence, self.known = row[0], everything(connection)
        return self.known

    def in_force(self, time: Micros) -> list[Suppression]:
        return [one for one in self.known.values() if one.in_force(time)]


def everything(connection: Connection) -> dict[str, Suppression]:
    """By id; raises forms.NewerFormError."""
    return fold(_line(row) for row in connection.execute(SQL["suppressions_all"]))


def start(
    connection: Connection, asked: Asked, request: Request, notify: str
) -> Suppression | Wrong:
    """Begins a suppression, and suppresses what it covers, where it begins now."""
    actor, command, now = request
    known = everything(connection)
    done = _done(connection, request)
    if done is not None:
        return known[done.suppression] if done.kind == _tag(Began) else _reused(request)
    one = Suppression(
        id=str(uuid5(_SUPPRESSIONS, f"{actor}\n{command}")),
        kind=asked.kind,
        scope=asked.scope,
        subject=asked.subject,
        begin=now if asked.begin is None else asked.begin,
        until=asked.until,
        by=actor,
        reason=asked.reason,
    )
    wrong = begin(known, one, now)
    if wrong is not None:
        return wrong
    _append(connection, one.id, 1, request, Began(suppression=one))
    if one.in_force(now):
        for alert in store.covered(connection, one):
            alert = store.pass_time(connection, alert, now, notify)  # noqa: PLW2901
            lines = number(
                alert.id, alert.version, [Suppressed(suppression=one)], time=now, actor=actor
            )
            store.append(connection, alert, lines, notify)
    return one


def finish(
    connection: Connection, id: str, comment: str, request: Request, notify: str
) -> Suppression | Wrong:
    """Ends a suppression; what it covers and is still there asks.

    Raises:
        NoSuppressionError
    """
    known = everything(connection)
    if id not in known:
        raise NoSuppressionError(id)
    done = _done(connection, request)
    if done is not None:
        return known[id] if done == _Done(id, _tag(Ended)) else _reused(request)
    now = request.time
    wrong = end(known[id], comment, now)
    if wrong is not None:
        return wrong
    _append(connection, id, 2, request, Ended(comment=comment))
    for alert in store.covered(connection, known[id]):
        if id in alert.suppressions:
            alert = store.pass_time(connection, alert, now, notify)  # noqa: PLW2901
            event = Restored(suppression=id, comment=comment)
            lines = number(alert.id, alert.version, [event], time=now, actor=request.actor)
            store.append(connection, alert, lines, notify)
    return everything(connection)[id]


def sweep(connection: Connection, book: Book, now: Micros, notify: str) -> int:
    """What event time has done to alerts until now; gives to how many. In a transaction."""
    store.lock(connection)
    book.refresh(connection)
    in_force = book.in_force(now)
    waiting = {alert.id: alert for alert in store.due(connection, now)}
    for one in in_force:
        waiting |= {alert.id: alert for alert in store.covered(connection, one, anew=True)}
    # All at once for each: what came first is said first, whatever had it looked at.
    return sum(
        store.pass_time(connection, alert, now, notify, in_force).version != alert.version
        for alert in waiting.values()
    )


class _Done(NamedTuple):
    """What a request has said before."""

    suppression: str
    kind: str


def _done(connection: Connection, request: Request) -> _Done | None:
    asked = {"actor": request.actor, "command": request.command}
    row = connection.execute(SQL["suppression_command"], asked).fetchone()
    return _Done(*row) if row else None


def _reused(request: Request) -> Wrong:
    return Wrong("command_reused", f"command {request.command} was something else")


def _tag(event: type[SuppressionEvent]) -> str:
    tag: Any = event.__struct_config__.tag
    return str(tag)


def _append(
    connection: Connection, id: str, version: int, request: Request, event: SuppressionEvent
) -> None:
    row = {
        "suppression": id,
        "version": version,
        "kind": _tag(type(event)),
        "time": to_datetime(request.time),
        "actor": request.actor,
        "command": request.command,
        "form": forms.SUPPRESSION_TRANSITIONS,
        "body": msgspec.json.encode(event).decode(),
    }
    connection.execute(SQL["suppression_add"], row)


def _line(row: Any) -> Line:
    suppression, version, time, actor, command, form, body = row
    forms.insist("suppression_transitions", form, forms.SUPPRESSION_TRANSITIONS)
    return Line(
        suppression=suppression,
        version=version,
        time=from_datetime(time),
        actor=actor,
        command=command,
        event=_EVENT.decode(body),
    )
