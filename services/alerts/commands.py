"""What operators may do to an alert, and the named reasons why not. Pure.

Resolving is closing: an operator's last word on an alert, whatever its condition. While the
condition is still there it takes a comment, since the next reader must know why it was closed
(a false alarm, a crew on its way, a source that will never report the end). Resolving what
nobody acknowledged acknowledges it in the same breath, in the same person's name.

Whoever did something last may take it back (``undo``), as long as nothing has happened since; what
was said stays said, a comment cannot be taken back.
"""

from collections.abc import Callable, Sequence
from typing import Literal

import msgspec

from services.alerts.alert import Alert, Last
from services.alerts.transitions import (
    Absorbed,
    Acknowledged,
    AlertEvent,
    Assigned,
    Commented,
    Disposition,
    Joined,
    Linked,
    Parted,
    Released,
    Reopened,
    Resolved,
    Shelved,
    Stepped,
    Transition,
    Unlinked,
    Unshelved,
    Withdrawn,
    number,
)
from streams.events import HOUR, MINUTE, SEVERITIES, Micros, Origin, Severity, to_rfc3339

SHELF_LEAST: Micros = 5 * MINUTE
SHELF_MOST: Micros = 12 * HOUR
"""A shift: the next one decides for itself."""

Action = Literal[
    "acknowledge", "resolve", "comment",
    "shelve", "unshelve", "reopen", "assign", "link", "unlink", "merge", "split", "step", "undo",
    "absorb", "release",
]  # fmt: skip
Reason = Literal[
    "already_acknowledged",
    "already_resolved",
    "merged",
    "version_conflict",
    "command_reused",
    "comment_required",
    "shelf_length",
    "already_shelved",
    "not_shelved",
    "not_resolved",
    "already_assigned",
    "already_linked",
    "not_linked",
    "links_itself",
    "merges_itself",
    "whole_closed",
    "other_origin",
    "more_severe",
    "not_merged",
    "open_steps",
    "already_done",
    "not_done",
    "cannot_undo",
]


class Whole(msgspec.Struct, frozen=True, kw_only=True):
    """What an alert is to be made part of, as it is now."""

    origin: Origin
    severity: Severity
    closed: bool


class Command(msgspec.Struct, frozen=True, kw_only=True):
    """One request of one person. ``id`` is the client's: the same id is the same request."""

    id: str
    action: Action
    actor: str
    time: Micros
    comment: str = ""
    expected_version: int | None = None
    """Refuse unless the alert is still at this version; None: at any."""
    until: Micros | None = None
    """Of shelving: event time at which it comes back."""
    disposition: Disposition = ""
    """Of resolving."""
    to: str = ""
    """Of assigning: whom; empty: nobody. Of a link, a merge: the other alert's id."""
    whole: Whole | None = None
    """Of a merge: that alert."""
    step: int = 0
    """Of a step of the runbook: which."""
    done: bool = True
    """Whether that is done; False: it is not any more."""
    runbook: int = 0
    """Version of the runbook whose step it is."""
    steps: int = 0
    """Of resolving: so many steps of the runbook have to be done; 0: it may be closed without."""


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


Outcome = list[AlertEvent] | Refused


def decide(alert: Alert, command: Command, earlier: Sequence[Transition]) -> Done | Refused:
    """What to append, or why nothing.

    Args:
        alert: as it is at the command's time: what was due until then has been done to it
            (``passing.passed``).
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


def _acknowledge(alert: Alert, command: Command) -> Outcome:
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


def _resolve(alert: Alert, command: Command) -> Outcome:
    if alert.resolved_at is not None:
        return _closed(alert)
    if alert.active and not command.comment:
        return Refused("comment_required", "the condition is still there: say why it is closed")
    left = [step for step in range(1, command.steps + 1) if step not in alert.steps]
    if left:
        listed = ", ".join(map(str, left))
        return Refused("open_steps", f"its runbook has open steps here: {listed}")
    seen: list[AlertEvent] = [] if alert.acknowledged_at is not None else [Acknowledged()]
    return [*seen, Resolved(comment=command.comment, disposition=command.disposition)]


def _comment(_alert: Alert, command: Command) -> Outcome:
    if not command.comment:
        return Refused("comment_required", "an empty comment says nothing")
    return [Commented(comment=command.comment)]


def _shelve(alert: Alert, command: Command) -> Outcome:
    if alert.resolved_at is not None:
        return _closed(alert)
    if alert.shelf is not None:
        return Refused(
            "already_shelved",
            f"shelved by {alert.shelf.by} until {to_rfc3339(alert.shelf.until)}",
            alert.shelf.by,
            alert.shelf.at,
        )
    until = command.until
    if until is None or not SHELF_LEAST <= until - command.time <= SHELF_MOST:
        return Refused(
            "shelf_length",
            f"an alert is shelved for {SHELF_LEAST // MINUTE} minutes at least, and for"
            f" {SHELF_MOST // HOUR} hours at most",
        )
    if not command.comment:
        return Refused("comment_required", "the next shift must know why it is shelved")
    return [Shelved(until=until, comment=command.comment)]


def _unshelve(alert: Alert, command: Command) -> Outcome:
    if alert.shelf is None:
        return Refused("not_shelved", "it is on no shelf")
    return [Unshelved(because="person", comment=command.comment)]


def _reopen(alert: Alert, command: Command) -> Outcome:
    if alert.resolved_at is None:
        return Refused("not_resolved", "it is not closed")
    if alert.merged_into:
        return _closed(alert)
    if not command.comment:
        return Refused("comment_required", "say why it is opened again")
    return [Reopened(comment=command.comment)]


def _assign(alert: Alert, command: Command) -> Outcome:
    if alert.resolved_at is not None:
        return _closed(alert)
    if alert.assigned_to == command.to:
        whose = f"{command.to}'s" if command.to else "nobody's"
        return Refused("already_assigned", f"it is {whose} already")
    return [Assigned(to=command.to, comment=command.comment)]


def _link(alert: Alert, command: Command) -> Outcome:
    if command.to == alert.id:
        return Refused("links_itself", "an alert has to do with itself anyway")
    if command.to in alert.links:
        return Refused("already_linked", f"it is linked to {command.to} already")
    return [Linked(other=command.to, comment=command.comment)]


def _unlink(alert: Alert, command: Command) -> Outcome:
    if command.to not in alert.links:
        return Refused("not_linked", f"it is not linked to {command.to}")
    return [Unlinked(other=command.to, comment=command.comment)]


def _join(alert: Alert, command: Command) -> Outcome:
    if command.to == alert.id:
        return Refused("merges_itself", "an alert cannot be part of itself")
    if alert.resolved_at is not None:
        return _closed(alert)
    whole = command.whole
    if whole is None or whole.closed:
        return Refused("whole_closed", "the other one is closed: open it again, or merge it here")
    if whole.origin != alert.origin:
        return Refused("other_origin", f"this one is {alert.origin}, and that one {whole.origin}")
    if SEVERITIES.index(alert.severity) > SEVERITIES.index(whole.severity):
        return Refused(
            "more_severe",
            f"it is {alert.severity}, and the other one {whole.severity}: merge that one into it",
        )
    if not command.comment:
        return Refused("comment_required", "say why they are one")
    return [Joined(into=command.to, comment=command.comment)]


def _part(alert: Alert, command: Command) -> Outcome:
    if alert.joined is None:
        if alert.merged_into:
            return Refused("merged", "their incidents are one: what proves both was found to be so")
        return Refused("not_merged", "nobody has made it part of another")
    if not command.comment:
        return Refused("comment_required", "say why they are not one")
    return [Parted(because="person", comment=command.comment)]


def _absorb(_alert: Alert, command: Command) -> Outcome:
    return [Absorbed(other=command.to, comment=command.comment)]


def _release(_alert: Alert, command: Command) -> Outcome:
    return [Released(other=command.to, comment=command.comment)]


def _step(alert: Alert, command: Command) -> Outcome:
    if alert.resolved_at is not None:
        return _closed(alert)
    if alert.runbook not in (None, command.runbook):  # written anew, and ticked, just now
        return Refused(
            "version_conflict",
            f"it goes by version {alert.runbook} of its runbook, not {command.runbook}",
        )
    known = alert.steps.get(command.step)
    if command.done and known is not None:
        return Refused(
            "already_done", f"{known.by} did step {command.step} before", known.by, known.at
        )
    if not command.done and known is None:
        return Refused("not_done", f"step {command.step} is not done")
    return [
        Stepped(
            step=command.step,
            done=command.done,
            runbook=command.runbook,
            comment=command.comment,
        )
    ]


def _undo(alert: Alert, command: Command) -> Outcome:
    last = alert.last
    if last is None or last.version != alert.version:
        return Refused("cannot_undo", "what was done last has been overtaken: do it anew")
    if last.by != command.actor:
        return Refused("cannot_undo", f"{last.by} did it, who alone may take it back", last.by)
    inverse = _inverse(last, command.comment)
    return [inverse] if inverse else Refused("cannot_undo", f"what is {last.kind} stays so")


UNDONE = frozenset(
    {"acknowledged", "resolved", "shelved", "assigned", "linked", "unlinked", "joined"}
)
"""Kinds of transitions that can be taken back."""


def _inverse(last: Last, comment: str) -> AlertEvent | None:
    match last.kind:
        case "acknowledged":
            return Withdrawn(comment=comment)
        case "resolved":
            return Reopened(comment=comment)
        case "joined":
            return Parted(because="person", comment=comment)
        case "shelved":
            return Unshelved(because="person", comment=comment)
        case "assigned":
            return Assigned(to=last.former, comment=comment)
        case "linked":
            return Unlinked(other=last.former, comment=comment)
        case "unlinked":
            return Linked(other=last.former, comment=comment)
        case _:
            return None


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


_CHANGES: dict[Action, Callable[[Alert, Command], Outcome]] = {
    "acknowledge": _acknowledge,
    "resolve": _resolve,
    "comment": _comment,
    "shelve": _shelve,
    "unshelve": _unshelve,
    "reopen": _reopen,
    "assign": _assign,
    "link": _link,
    "unlink": _unlink,
    "merge": _join,
    "split": _part,
    "absorb": _absorb,
    "release": _release,
    "step": _step,
    "undo": _undo,
}
_LAST: dict[Action, tuple[type, ...]] = {
    "acknowledge": (Acknowledged,),
    "resolve": (Resolved,),
    "comment": (Commented,),
    "shelve": (Shelved,),
    "unshelve": (Unshelved,),
    "reopen": (Reopened,),
    "assign": (Assigned,),
    "link": (Linked,),
    "unlink": (Unlinked,),
    "merge": (Joined,),
    "split": (Parted,),
    "absorb": (Absorbed,),
    "release": (Released,),
    "step": (Stepped,),
    "undo": (Withdrawn, Reopened, Unshelved, Assigned, Linked, Unlinked, Parted),
}
