"""What keeps alerts from asking although their conditions may be there. Pure.

Two kinds, as ISA-18.2 has them. A source or rule is *out of service* from when somebody takes it
out until somebody returns it: it is under repair, and what it says is not to be acted on.
*Maintenance* is suppression by design: a window with begin and end, for a source or a ward, planned
before. Both leave the alerts where they are, in a state of their own, which says who did it, why
and until when.

A suppression is the fold of its lines, as an alert is of its transitions.
"""

from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

from streams.events import DAY, Micros, to_rfc3339

Kind = Literal["out_of_service", "maintenance"]
Scope = Literal["source", "rule", "ward"]
SCOPES: dict[Kind, tuple[Scope, ...]] = {
    "out_of_service": ("source", "rule"),
    "maintenance": ("source", "ward"),
}
LONGEST: Micros = 31 * DAY
"""Of a window of maintenance."""


class Suppression(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    kind: Kind
    scope: Scope
    subject: str
    """Id of the source or rule, or the ward's name."""
    begin: Micros
    until: Micros | None
    """Event time at which it is over, planned or as somebody said; None: nobody knows yet."""
    by: str
    reason: str
    ended_by: str = ""
    """Who ended it; empty: nobody did."""
    ended_reason: str = ""

    def in_force(self, time: Micros) -> bool:
        return self.begin <= time and (self.until is None or time < self.until)

    def covers(self, rule: str, source: str, ward: str) -> bool:
        """Whether an alert is its: by its rule, or by the source in whose name it goes."""
        return self.subject == {"rule": rule, "source": source, "ward": ward}[self.scope] != ""


class Began(msgspec.Struct, frozen=True, kw_only=True, tag="began"):
    suppression: Suppression


class Ended(msgspec.Struct, frozen=True, kw_only=True, tag="ended"):
    """Somebody returned it to service, or cut its window short."""

    comment: str


SuppressionEvent = Began | Ended


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a suppression's history."""

    suppression: str
    version: int
    time: Micros
    actor: str
    command: str
    event: SuppressionEvent


class Wrong(msgspec.Struct, frozen=True):
    """Why nothing was done."""

    reason: Literal["scope", "window", "reason_required", "already_suppressed", "already_ended"]
    message: str
    by: str = ""
    at: Micros | None = None


def fold(lines: Iterable[Line]) -> dict[str, Suppression]:
    """By id, from lines in the order in which they were written."""
    found: dict[str, Suppression] = {}
    for line in lines:
        match line.event:
            case Began(suppression=one):
                found[one.id] = one
            case Ended(comment=comment):
                one = found[line.suppression]
                found[one.id] = msgspec.structs.replace(
                    one, until=line.time, ended_by=line.actor, ended_reason=comment
                )
    return found


def begin(known: Mapping[str, Suppression], one: Suppression, now: Micros) -> Wrong | None:
    """Whether it may begin, or why not; ``now`` in event time."""
    if one.scope not in SCOPES[one.kind] or not one.subject:
        scopes = " or ".join(SCOPES[one.kind])
        return Wrong("scope", f"{one.kind} is of a {scopes}")
    if not one.reason:
        return Wrong("reason_required", "the next shift must know why: give a reason")
    if one.kind == "maintenance":
        if one.until is None or one.until <= max(one.begin, now):
            return Wrong("window", "a window of maintenance ends after it begins, and after now")
        if one.until - one.begin > LONGEST:
            return Wrong("window", f"a window of maintenance lasts {LONGEST // DAY} days at most")
    elif one.until is not None:
        return Wrong("window", "what is out of service is so until somebody returns it")
    for other in known.values():
        same = (other.kind, other.scope, other.subject) == (one.kind, one.scope, one.subject)
        if same and one.kind == "out_of_service" and other.in_force(one.begin):
            return Wrong(
                "already_suppressed",
                f"{one.subject} is out of service by {other.by} since {to_rfc3339(other.begin)}",
                other.by,
                other.begin,
            )
    return None


def end(one: Suppression, comment: str, now: Micros) -> Wrong | None:
    """Whether somebody may end it now, or why not."""
    if one.until is not None and one.until <= now:
        return Wrong(
            "already_ended", f"it is over since {to_rfc3339(one.until)}", one.ended_by, one.until
        )
    if not comment:
        return Wrong("reason_required", "say why it is in service again")
    return None
