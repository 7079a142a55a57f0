"""An alert: the fold of its transitions. Pure.

Whether the condition is there (``active``) and whether somebody has seen it (``acknowledged_by``)
are separate facts; ``state`` is what ISA-18.2 (IEC 62682) calls their combination, with
``resolved`` for an alert that an operator has closed. While nothing is heard of what proved it
nobody knows whether the condition lasts (``unknown_since``): a further fact, which leaves ``state``
as it is. Shelved, suppressed by design and out of service, when they come, are further facts that
``state`` looks at before these.
"""

from collections.abc import Iterable
from typing import Literal, get_args

import msgspec

from services.alerts.exhibits import Exhibit
from services.alerts.flapping import FLAP_WITHIN, FLAPS, flap
from services.alerts.transitions import (
    SYSTEM,
    Acknowledged,
    Amended,
    Commented,
    Explained,
    Merged,
    Names,
    Proven,
    Raised,
    Repeated,
    Resolved,
    Returned,
    Transition,
    Unknown,
)
from streams.events import Micros, Origin, Place, Severity
from streams.events.incidents import Why

State = Literal[
    "unacknowledged", "acknowledged", "returned_unacknowledged", "normal", "suppressed", "resolved",
]  # fmt: skip
STATES: tuple[State, ...] = get_args(State)


class Alert(msgspec.Struct, frozen=True, kw_only=True):
    id: str
    version: int
    kind: str
    rule: str
    origin: Origin
    severity: Severity
    source: str
    """The first of ``sources``; with rule, zone and origin what makes a repeat a repeat."""
    sources: tuple[str, ...]
    zone: str
    subject: str
    """Of the latest occurrence, e.g. its track."""
    place: Place | None
    names: Names
    evidence: tuple[Exhibit, ...]
    """Of the latest occurrence."""
    count: int
    """Occurrences, but for those that were past when they were heard of."""
    event_time: Micros
    """Start of the first occurrence."""
    latest_time: Micros
    """Start of the latest occurrence."""
    decided_at: Micros
    """Event time at which the latest occurrence was proven."""
    last_activity: Micros
    """Latest event time at which an incident began, was proven, changed or ended."""
    open: dict[str, int]
    """Incidents that have not ended, and the last revision known of each."""
    ended: Micros | None = None
    """When the condition returned to normal; None while it is active."""
    acknowledged_by: str = ""
    acknowledged_at: Micros | None = None
    resolved_by: str = ""
    """Empty: it was merged."""
    resolved_at: Micros | None = None
    merged_into: str = ""
    """Id of the alert that goes on in its place."""
    stalled_since: Micros | None = None
    """Where event time had stalled when an incident was last heard of: an end, or a merge, that
    was decided later may be missing. None: it went on."""
    unknown: dict[str, Micros] = {}
    """Of ``open``: those whose source is not heard, and when each was last proven."""
    starts: tuple[Micros, ...] = ()
    """Of the latest occurrences of one subject, each after the end of the one before, at most
    FLAPS. None from an earlier release."""
    flapping_since: Micros | None = None
    """Start of the first occurrence of those that flap; None: it does not flap, or has stood for
    longer than FLAP_WITHIN since."""
    wards: dict[str, str] = {}
    """Each source that it has ever had, to the ward in which that was when it came to the alert:
    who may see the alert rests on it, so it stays. Empty: in none; none of all from an earlier
    release."""

    explained_by: str = ""
    """Id of the incident that its latest occurrence is, or was until it ended, a consequence of:
    it asks for nothing. Empty: none is known, or it has outlasted that."""
    consequence_of: str = ""
    """The alert of that incident; empty: it was not known then."""
    why: Why = ""
    """As in ``Incident``."""

    @property
    def unknown_since(self) -> Micros | None:
        """When the condition was last proven, where nobody knows whether it lasts; None: it does,
        or it is over."""
        if not self.open or self.open.keys() - self.unknown.keys():
            return None
        return max(self.unknown.values())

    @property
    def active(self) -> bool:
        return bool(self.open)

    @property
    def state(self) -> State:
        if self.resolved_at is not None:
            return "resolved"
        if self.explained_by:  # ISA-18.2: suppressed by design
            return "suppressed" if self.active else "normal"
        if self.active:
            return "unacknowledged" if self.acknowledged_at is None else "acknowledged"
        return "returned_unacknowledged" if self.acknowledged_at is None else "normal"


def fold(transitions: Iterable[Transition]) -> Alert:
    """Raises ValueError where the list is empty or is no history of one alert."""
    alert: Alert | None = None
    for transition in transitions:
        alert = apply(alert, transition)
    if alert is None:
        raise ValueError("an alert without transitions")
    return alert


def apply(alert: Alert | None, transition: Transition) -> Alert:
    """Raises ValueError where the transition does not follow on the alert."""
    event = transition.event
    if alert is None:
        if not isinstance(event, Raised) or transition.version != 1:
            raise ValueError(f"alert {transition.alert} does not begin with being raised")
        return _begin(transition, event)
    if transition.alert != alert.id or transition.version != alert.version + 1:
        raise ValueError(
            f"{transition.alert}/{transition.version} after {alert.id}/{alert.version}"
        )
    stalled_since = transition.stalled_since if transition.actor == SYSTEM else alert.stalled_since
    alert = msgspec.structs.replace(alert, version=transition.version, stalled_since=stalled_since)
    match event:
        case Raised():
            raise ValueError(f"alert {alert.id} is raised twice")
        case Repeated():
            return _repeat(alert, transition, event)
        case Amended():
            return _amend(alert, transition, event)
        case Returned():
            return _return(alert, transition, event)
        case Merged():
            return _merge(alert, transition, event)
        case Unknown():
            return _lose(alert, transition, event)
        case Proven():
            return _prove(alert, transition, event)
        case Acknowledged():
            return msgspec.structs.replace(
                alert, acknowledged_by=transition.actor, acknowledged_at=transition.time
            )
        case Resolved():
            return msgspec.structs.replace(
                alert, resolved_by=transition.actor, resolved_at=transition.time
            )
        case Commented():
            return alert
        case Explained():
            return _explain(alert, transition, event)


def _begin(transition: Transition, event: Raised) -> Alert:
    return Alert(
        id=transition.alert,
        version=1,
        kind=event.kind,
        rule=event.rule,
        origin=event.origin,
        severity=event.severity,
        source=event.sources[0],
        sources=event.sources,
        zone=event.zone,
        subject=event.subject,
        place=event.place,
        names=event.names,
        evidence=event.evidence,
        count=1,
        event_time=event.start,
        latest_time=event.start,
        decided_at=transition.time,
        last_activity=max(event.start, transition.time),
        open={event.incident: event.revision},
        stalled_since=transition.stalled_since,
        starts=(event.start,),
        wards=event.wards,
    )


def _repeat(alert: Alert, transition: Transition, event: Repeated) -> Alert:
    if event.manner == "past":
        return alert
    starts = further_starts(alert, event.subject, event.start)
    alert = msgspec.structs.replace(
        alert,
        severity=event.severity,
        sources=event.sources,
        subject=event.subject,
        place=event.place,
        names=event.names,
        evidence=event.evidence,
        count=alert.count + 1,
        event_time=min(alert.event_time, event.start),
        latest_time=max(alert.latest_time, event.start),
        decided_at=transition.time,
        last_activity=max(alert.last_activity, event.start, transition.time),
        open={**alert.open, event.incident: event.revision},
        ended=None,
        starts=starts,
        wards=event.wards | alert.wards,
        explained_by="",
        consequence_of="",
        why="",
        flapping_since=(alert.flapping_since or starts[0]) if flap(starts) else None,
    )
    if event.manner == "flapping":
        return alert
    return msgspec.structs.replace(
        alert,
        acknowledged_by="",
        acknowledged_at=None,
        resolved_by="",
        resolved_at=None,
        merged_into="",
    )


def _amend(alert: Alert, transition: Transition, event: Amended) -> Alert:
    known = {event.incident: event.revision} if event.incident in alert.open else {}
    return msgspec.structs.replace(
        alert,
        severity=event.severity,
        sources=event.sources,
        place=event.place,
        evidence=alert.evidence + event.evidence,
        wards=event.wards | alert.wards,
        last_activity=max(alert.last_activity, transition.time),
        open={**alert.open, **known},
    )


def _return(alert: Alert, transition: Transition, event: Returned) -> Alert:
    remaining = {one: revision for one, revision in alert.open.items() if one != event.incident}
    stood = event.end - alert.latest_time > FLAP_WITHIN
    return msgspec.structs.replace(
        alert,
        open=remaining,
        unknown=_without(alert.unknown, event.incident),
        ended=None if remaining else max(event.end, alert.ended or event.end),
        last_activity=max(alert.last_activity, event.end, transition.time),
        flapping_since=None if stood else alert.flapping_since,
    )


def _merge(alert: Alert, transition: Transition, event: Merged) -> Alert:
    """Earlier occurrences stay an alert of their own; one that had none is closed."""
    remaining = {one: revision for one, revision in alert.open.items() if one != event.incident}
    alert = msgspec.structs.replace(
        alert,
        open=remaining,
        unknown=_without(alert.unknown, event.incident),
        ended=None if remaining else transition.time,
        last_activity=max(alert.last_activity, transition.time),
    )
    if remaining or alert.count > 1 or alert.resolved_at is not None:
        return alert
    return msgspec.structs.replace(alert, resolved_at=transition.time, merged_into=event.into)


def _explain(alert: Alert, transition: Transition, event: Explained) -> Alert:
    """One that is no consequence any more asks for itself, whoever has seen it before."""
    if event.incident not in alert.open:
        return alert
    alone = bool(alert.explained_by) and not event.cause
    return msgspec.structs.replace(
        alert,
        open={**alert.open, event.incident: event.revision},
        explained_by=event.cause,
        consequence_of=event.into,
        why=event.why,
        acknowledged_by="" if alone else alert.acknowledged_by,
        acknowledged_at=None if alone else alert.acknowledged_at,
        last_activity=max(alert.last_activity, transition.time),
    )


def _lose(alert: Alert, transition: Transition, event: Unknown) -> Alert:
    if event.incident not in alert.open:
        return alert
    return msgspec.structs.replace(
        alert,
        open={**alert.open, event.incident: event.revision},
        unknown={**alert.unknown, event.incident: event.since},
        last_activity=max(alert.last_activity, transition.time),
    )


def _prove(alert: Alert, transition: Transition, event: Proven) -> Alert:
    if event.incident not in alert.open:
        return alert
    return msgspec.structs.replace(
        alert,
        open={**alert.open, event.incident: event.revision},
        unknown=_without(alert.unknown, event.incident),
        last_activity=max(alert.last_activity, transition.time),
    )


def _without(unknown: dict[str, Micros], incident: str) -> dict[str, Micros]:
    return {one: since for one, since in unknown.items() if one != incident}


def further_starts(alert: Alert, subject: str, start: Micros) -> tuple[Micros, ...]:
    """``Alert.starts`` with a further occurrence."""
    apart = alert.active or subject != alert.subject or start <= alert.latest_time
    return (*(() if apart else alert.starts), start)[-FLAPS:]
