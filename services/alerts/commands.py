"""What operators may do to an alert, and the named reasons why not. Pure.

Resolving is closing: an operator's last word on an alert, whatever its condition. While the
condition is still there it takes a comment, since the next reader must know why it was closed
(a false alarm, a crew on its way, a source that will never report the end). Resolving what
nobody acknowledged acknowledges it in the same breath, in the same person's name.
"""

from collections.abc import Sequence
from typing import Literal

import msgspec

from services.alerts.alert import Alert
from services.alerts.transitions import (
    Acknowledged,
    AlertEvent,
    Commented,
    Resolved,
    Transition,
    number,
)
from streams.events import Micros, to_rfc3339

Action = Literal["acknowledge", "resolve", "comment"]
Reason = Literal[
    "already_acknowledged",
    "already_resolved",
    "merged",
    "version_conflict",
    "command_reused",
    "comment_required",
]


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One request of one person. ``id`` is the client's: the same id is the same request."""

    id: str
    action: Action
    actor: str
    time: Micros
    comment: str = ""
    expected_version: int | None = None
    """Refuse unless the alert is still at this version; None: at any."""


class Done(msgspec.Struct, frozen=True):
    """Append these; none where the request was done before, as of ``version``."""

    transitions: tuple[Transition, ...]
    version: int
    """Of the alert when the request was done, now or the first time."""


class Refused(msgspec.Struct, frozen=True):
    reason: Reason
    message: str
    """One line for a person."""
    by: str = ""
    """Who was first."""
    at: Micros | None = None


def decide(alert: Alert, command: Command, earlier: Sequence[Transition]) -> Done | Refused:
    """What to append, or why nothing.

    Args:
        earlier: the transitions, of whatever alert, that carry this actor and this command id.
    """
    if earlier:
        return _again(alert, command, earlier)
    if command.expected_version not in (None, alert.version):
        return Refused(
            "version_conflict",
            f"the alert is at version {alert.version}, not {command.expected_version}",
        )
    outcome = _CHANGES[command.action](alert, command)
    if isinstance(outcome, Refused):
        return outcome
    transitions = number(
        alert.id,
        alert.version,
        outcome,
        time=command.time,
        actor=command.actor,
        command=command.id,
    )
    return Done(transitions, transitions[-1].version)


def _again(alert: Alert, command: Command, earlier: Sequence[Transition]) -> Done | Refused:
    last = earlier[-1]
    if last.alert != alert.id or not isinstance(last.event, _LAST[command.action]):
        return Refused("command_reused", f"command {command.id} was something else")
    return Done((), last.version)


def _acknowledge(alert: Alert, command: Command) -> list[AlertEvent] | Refused:
    if alert.resolved_at is not None:
        return _closed(alert)
    if alert.acknowledged_at is not None:
        return Refused(
            "already_acknowledged",
            f"acknowledged by {alert.acknowledged_by} at {to_rfc3339(alert.acknowledged_at)}",
            alert.acknowledged_by,
            alert.acknowledged_at,
        )
    return [Acknowledged(comment=command.comment)]


def _resolve(alert: Alert, command: Command) -> list[AlertEvent] | Refused:
    if alert.resolved_at is not None:
        return _closed(alert)
    if alert.active and not command.comment:
        return Refused("comment_required", "the condition is still there: say why it is closed")
    seen: list[AlertEvent] = [] if alert.acknowledged_at is not None else [Acknowledged()]
    return [*seen, Resolved(comment=command.comment)]


def _comment(_alert: Alert, command: Command) -> list[AlertEvent] | Refused:
    if not command.comment:
        return Refused("comment_required", "an empty comment says nothing")
    return [Commented(comment=command.comment)]


def _closed(alert: Alert) -> Refused:
    at = alert.resolved_at or 0
    if alert.merged_into:
        return Refused("merged", f"it goes on as alert {alert.merged_into}", "", alert.resolved_at)
    return Refused(
        "already_resolved",
        f"resolved by {alert.resolved_by} at {to_rfc3339(at)}",
        alert.resolved_by,
        alert.resolved_at,
    )


_CHANGES = {"acknowledge": _acknowledge, "resolve": _resolve, "comment": _comment}
_LAST: dict[Action, type] = {
    "acknowledge": Acknowledged,
    "resolve": Resolved,
    "comment": Commented,
}
