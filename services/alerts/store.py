"""Alerts in the database: transitions are appended, the table ``alerts`` is their projection.

Every function takes a connection and works in its caller's transaction; ``lock`` comes first in
one that appends. Times in rows are UTC.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import psycopg

from services.alerts import kinds
from services.alerts.alert import Alert, apply, fold
from services.alerts.commands import Command, Done, Refused, decide
from services.alerts.facts import facts_of
from services.alerts.lifecycle import REPEAT_WITHIN
from services.alerts.passing import passed
from services.alerts.suppressions import Suppression
from services.alerts.transitions import (
    SYSTEM,
    Absorbed,
    AlertEvent,
    Asked,
    Assigned,
    Explained,
    Joined,
    Linked,
    Parted,
    Proven,
    Released,
    Reopened,
    Repeated,
    Restored,
    Shelved,
    Stepped,
    Suppressed,
    Transition,
    TransitionKind,
    Unknown,
    Unlinked,
    Unshelved,
    Withdrawn,
)
from services.oncall import record
from streams import forms, queries
from streams.events import SEVERITIES, Incident, Micros, from_datetime, to_datetime

Connection = psycopg.Connection[Any]

SQL = {name: query.sql for name, query in queries.load(Path(__file__).parent / "sql").items()}
_ALERT = msgspec.json.Decoder(Alert)
_EVENT = msgspec.json.Decoder(AlertEvent)
_FORMER = {"stood_since": "stalled_since"}
"""What earlier releases called fields of a stored alert."""
_LIFE = (
    Asked | Suppressed | Restored | Withdrawn | Shelved | Unshelved | Reopened | Assigned
    | Linked | Unlinked | Stepped
)  # fmt: skip
LATEST_VERSION = 2**31 - 1
MOST_WHOLES = 16
"""So many alerts are looked at that are part of each other; more is nobody's doing."""


class Recorded(NamedTuple):
    """A transition with its place in the order of commit."""

    sequence: int
    recorded_at: Micros
    transition: Transition


class NoAlertError(LookupError):
    """There is no alert with this id."""


def channel(namespace: str) -> str:
    """What is notified of every commit that appended; at most 63 bytes, as PostgreSQL has it."""
    return f"alerts.{namespace}"[:63]


def lock(connection: Connection) -> None:
    """Until the transaction ends nobody else appends: sequence is the order of commit."""
    connection.execute(SQL["lock"])


def get(connection: Connection, id: str) -> Alert:
    """Raises NoAlertError."""
    row = connection.execute(SQL["alert_get"], {"id": id}).fetchone()
    if row is None:
        raise NoAlertError(id)
    return decode_alert(row[0])


def known_incident(connection: Connection, incident: str) -> tuple[Alert, int] | None:
    """The alert that holds the incident, and the incident's highest revision taken so far."""
    row = connection.execute(SQL["alert_of_incident"], {"incident": incident}).fetchone()
    return None if row is None else (decode_alert(row[0]), row[1])


def to_repeat(connection: Connection, incident: Incident) -> Alert | None:
    """Of the alerts of the same rule, source, zone and origin the latest that the incident may
    repeat (``lifecycle.repeats``), or else the latest."""
    within = timedelta(microseconds=REPEAT_WITHIN)
    start = to_datetime(incident.start)
    key = {
        "earliest": start - within,
        "latest": start + within,
        "rule": incident.rule,
        "source": incident.sources[0],
        "zone": incident.zone,
        "origin": incident.origin,
    }
    row = connection.execute(SQL["alert_to_repeat"], key).fetchone()
    return None if row is None else decode_alert(row[0])


def whole_open(connection: Connection, alert: Alert | None) -> bool:
    """Whether what a person made it part of, or what that is part of by now, is open."""
    for _ in range(MOST_WHOLES):
        if alert is None or alert.joined is None:
            return False
        try:
            alert = get(connection, alert.merged_into)
        except NoAlertError:  # its retention is over
            return False
        if alert.resolved_at is None:
            return True
    return False


def append(
    connection: Connection, alert: Alert | None, transitions: Sequence[Transition], notify: str
) -> Alert:
    """Appends, brings the projection up to date, and decides who is told; the transaction holds
    ``lock``.

    Args:
        alert: as it is now; None where the first transition raises it.
        notify: the channel that is told on commit.

    Raises:
        ValueError: the transitions do not follow on the alert, or there are none.
    """
    sequence = 0
    for transition in transitions:
        alert = apply(alert, transition)
        row = connection.execute(SQL["transition_add"], transition_row(transition)).fetchone()
        sequence = row[0] if row else 0
    if alert is None or not transitions:
        raise ValueError("nothing to append")
    connection.execute(SQL["alert_put"], alert_row(alert, sequence))
    heard = max((one.time for one in transitions if one.actor == SYSTEM), default=alert.decided_at)
    record.alerted(connection, facts_of(alert), heard)
    connection.execute(SQL["notify"], {"channel": notify, "sequence": sequence})
    return alert


def pass_time(
    connection: Connection,
    alert: Alert,
    now: Micros,
    notify: str,
    suppressions: Iterable[Suppression] = (),
) -> Alert:
    """What event time has done to it until ``now`` (``passing.passed``); as ``append``."""
    covering = [
        one
        for one in suppressions
        if one.covers(alert.rule, alert.source, alert.wards.get(alert.source, ""))
    ]
    lines = passed(alert, now, covering)
    return append(connection, alert, lines, notify) if lines else alert


def due(connection: Connection, now: Micros, limit: int = 500) -> list[Alert]:
    """Alerts to which something was due until ``now``, the earliest first."""
    found = connection.execute(SQL["alerts_due"], {"now": to_datetime(now), "limit": limit})
    return [decode_alert(row[0]) for row in found]


def covered(connection: Connection, one: Suppression, *, anew: bool = False) -> list[Alert]:
    """Alerts that are not closed and that it covers; ``anew``: that it has not suppressed yet."""
    wanted = {"id": one.id, "scope": one.scope, "subject": one.subject, "anew": anew}
    return [decode_alert(row[0]) for row in connection.execute(SQL["alerts_covered"], wanted)]


def execute(
    connection: Connection,
    id: str,
    command: Command,
    notify: str,
    suppressions: Iterable[Suppression] = (),
) -> Alert | Refused:
    """Does what an operator asks, in a transaction of its own.

    Args:
        suppressions: in force; one that is opened again may be theirs.

    Returns the alert as it was when the request was done: the same for the same request again.

    Raises:
        NoAlertError
    """
    with connection.transaction():
        lock(connection)
        alert = pass_time(connection, get(connection, id), command.time, notify)
        found = connection.execute(
            SQL["command_find"], {"actor": command.actor, "command": command.id}
        )
        outcome = decide(alert, command, [_transition(row) for row in found])
        match outcome:
            case Refused():
                return outcome
            case Done(()):
                return fold(line.transition for line in history(connection, id, outcome.version))
            case Done(transitions):
                alert = append(connection, alert, transitions, notify)
                return pass_time(connection, alert, command.time, notify, suppressions)


def history(connection: Connection, id: str, until: int = LATEST_VERSION) -> Iterator[Recorded]:
    """The alert's transitions, oldest first, up to a version."""
    found = connection.execute(SQL["history"], {"alert": id, "until": until})
    return (recorded(row) for row in found)


def histories(connection: Connection, ids: Sequence[str]) -> Iterator[Recorded]:
    """The transitions of several alerts, oldest first, alert by alert."""
    return (recorded(row) for row in connection.execute(SQL["histories"], {"alerts": list(ids)}))


def rebuild(connection: Connection) -> int:
    """Computes the projection again from all transitions; gives how many alerts there are."""
    with connection.transaction():
        lock(connection)
        connection.execute(SQL["alerts_clear"])
        number = 0
        with connection.cursor("transitions") as found:
            found.execute(SQL["transitions_all"])
            for alert, sequence in _folded(recorded(row) for row in found):
                connection.execute(SQL["alert_put"], alert_row(alert, sequence))
                number += 1
    return number


def _folded(lines: Iterable[Recorded]) -> Iterator[tuple[Alert, int]]:
    """Each alert with its last sequence, from transitions in the order of alerts and versions."""
    alert: Alert | None = None
    sequence = 0
    for line in lines:
        if alert is not None and line.transition.alert != alert.id:
            yield alert, sequence
            alert = None
        alert, sequence = apply(alert, line.transition), line.sequence
    if alert is not None:
        yield alert, sequence


def recorded(row: Sequence[Any]) -> Recorded:
    """From columns sequence, recorded_at, and those of ``_transition``."""
    return Recorded(row[0], from_datetime(row[1]), _transition(row[2:10]))


def decode_alert(body: str) -> Alert:
    """From the projection's body, as this release or an earlier one stored it."""
    if not any(former in body for former in _FORMER):
        return _ALERT.decode(body)
    fields = msgspec.json.decode(body, type=dict[str, Any])
    return msgspec.convert({_FORMER.get(name, name): fields[name] for name in fields}, Alert)


def _transition(row: Sequence[Any]) -> Transition:
    """Raises NewerFormError."""
    alert, version, time, actor, command, stalled_since, form, body = row
    forms.insist("alert_transitions", form, forms.ALERT_TRANSITIONS)
    return Transition(
        alert=alert,
        version=version,
        time=from_datetime(time),
        event=_EVENT.decode(body),
        actor=actor,
        command=command,
        stalled_since=None if stalled_since is None else from_datetime(stalled_since),
    )


def transition_row(transition: Transition) -> dict[str, Any]:
    """Columns of ``alert_transitions`` to values; those that the database fills are left out."""
    event = transition.event
    return {
        "alert": transition.alert,
        "version": transition.version,
        "kind": kind_of(event),
        "time": to_datetime(transition.time),
        "actor": transition.actor,
        "command": transition.command,
        "stalled_since": _moment(transition.stalled_since),
        "incident": getattr(event, "incident", None),
        "revision": getattr(event, "revision", None),
        "form": _form(event),
        "body": msgspec.json.encode(event).decode(),
    }


def _form(event: AlertEvent) -> int:
    """As ``forms.ALERT_TRANSITIONS`` says: what an earlier release can read it may read."""
    match event:
        case Joined() | Parted() | Absorbed() | Released():
            return 5
        case Repeated(manner="held") | Explained():
            return 4
        case Repeated(manner="flapping" | "past"):
            return 3
        case Unknown() | Proven():
            return 2
        case _ if isinstance(event, _LIFE):
            return 4
        case _:
            return 1


def kind_of(event: AlertEvent) -> TransitionKind:
    """``raised``, ``repeated`` … as the event's tag says."""
    tag: Any = type(event).__struct_config__.tag
    kind: TransitionKind = tag
    return kind


def alert_row(alert: Alert, sequence: int) -> dict[str, Any]:
    """Columns of ``alerts`` to values.

    Args:
        sequence: of its last transition.
    """
    return {
        "id": alert.id,
        "version": alert.version,
        "sequence": sequence,
        "kind": alert.kind,
        "rule": alert.rule,
        "origin": alert.origin,
        "severity": alert.severity,
        "priority": alert.priority,
        "severity_rank": SEVERITIES.index(alert.severity),
        "source": alert.source,
        "zone": alert.zone,
        "state": alert.state,
        "active": alert.active,
        "count": alert.count,
        "event_time": to_datetime(alert.event_time),
        "latest_time": to_datetime(alert.latest_time),
        "decided_at": to_datetime(alert.decided_at),
        "last_activity": to_datetime(alert.last_activity),
        "ended": _moment(alert.ended),
        "acknowledged_by": alert.acknowledged_by or None,
        "acknowledged_at": _moment(alert.acknowledged_at),
        "resolved_by": alert.resolved_by or None,
        "resolved_at": _moment(alert.resolved_at),
        "asked_at": _moment(alert.asked_at),
        "due": _moment(alert.due),
        "active_since": _moment(alert.active_since),
        "flapping_since": _moment(alert.flapping_since),
        "disposition": alert.disposition or None,
        "assigned_to": alert.assigned_to or None,
        "search": _search(alert),
        "ward": alert.wards.get(alert.source, ""),
        "wards": sorted({alert.wards.get(one, "") for one in (*alert.sources, *alert.wards)}),
        "explained_by": alert.explained_by or None,
        "body": msgspec.json.encode(alert).decode(),
    }


def _moment(time: Micros | None) -> datetime | None:
    return None if time is None else to_datetime(time)


def _search(alert: Alert) -> str:
    kind, names = kinds.of(alert.kind), alert.names
    words = (
        alert.id, alert.kind, kind.name_vi, kind.name_en, alert.rule, *alert.sources, alert.zone,
        names.source_vi, names.source_en, names.zone_vi, names.zone_en, alert.subject,
        alert.acknowledged_by, alert.assigned_to, alert.resolved_by,
    )  # fmt: skip
    return kinds.plain("\n".join(word for word in words if word))
