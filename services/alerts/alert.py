"""An alert: the fold of its transitions. Pure.

Whether the condition is there (``active``) and whether somebody has seen it (``acknowledged_by``)
are separate facts; ``state`` is what ISA-18.2 (IEC 62682) calls their combination, with
``resolved`` for an alert that an operator has closed. Shelved, suppressed by design and out of
service are further facts, at which ``state`` looks before these. While nothing is heard of what
proved it nobody knows whether the condition lasts (``unknown_since``): a fact that leaves ``state``
as it is. What becomes so by the passing of event time (``due``) is a transition, too
(``services.alerts.passing``): nothing here looks at a clock.
"""

from collections.abc import Iterable
from typing import Any, Literal, get_args

import msgspec

from services.alerts.exhibits import Exhibit
from services.alerts.flapping import FLAP_WITHIN, FLAPS, flap
from services.alerts.holding import LIMITS
from services.alerts.priority import BY_SEVERITY, Given, Priority
from services.alerts.suppressions import Suppression
from services.alerts.transitions import (
    SYSTEM,
    Acknowledged,
    Amended,
    Asked,
    Assigned,
    Disposition,
    Explained,
    Joined,
    Linked,
    Merged,
    Names,
    Parted,
    Proven,
    Raised,
    Reopened,
    Repeated,
    Resolved,
    Restored,
    Returned,
    Shelved,
    Stepped,
    Suppressed,
    Transition,
    Unknown,
    Unlinked,
    Unshelved,
    Withdrawn,
)
from streams.events import DAY, Micros, Origin, Place, Severity
from streams.events.incidents import Why

State = Literal[
    "unacknowledged", "acknowledged", "returned_unacknowledged", "normal",
    "shelved", "suppressed", "out_of_service", "resolved",
]  # fmt: skip
STATES: tuple[State, ...] = get_args(State)
ASIDE: tuple[State, ...] = ("shelved", "suppressed", "out_of_service")
"""Of what asks for nothing although its condition may be there."""
ASKING: tuple[State, ...] = ("unacknowledged", "returned_unacknowledged")
"""Of what asks somebody to acknowledge it."""


STALE: Micros = DAY
"""What has been there for longer is no news to anybody (ISA-18.2)."""


class Shelf(msgspec.Struct, frozen=True, kw_only=True):
    """Where an operator has put an alert."""

    by: str
    at: Micros
    until: Micros
    reason: str
    severity: Severity
    """How severe it was then: what becomes worse comes back by itself."""


class Tick(msgspec.Struct, frozen=True):
    """Who has done a step of its runbook."""

    by: str
    at: Micros


class Last(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody did last, so that they can take it back."""

    version: int
    by: str
    kind: str
    """Of the transition."""
    former: str = ""
    """What it took the place of: whom it was assigned to before, or to what it was linked."""


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
    joined: Severity | None = None
    """How severe it was when a person made it part of that one; None: nobody has."""
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

    active_since: Micros | None = None
    """Since when the condition has been there without a break; None: it is not, or the alert is
    from an earlier release."""
    acknowledged_severity: Severity | None = None
    """How severe it was when it was acknowledged, and where; None from an earlier release."""
    acknowledged_place: Place | None = None
    shelf: Shelf | None = None
    suppressions: dict[str, Suppression] = {}
    """In force, by id."""
    reopened_at: Micros | None = None
    """When it was last opened again; None: never."""
    disposition: Disposition = ""
    """Of what is resolved."""
    resolution: str = ""
    """What was said when it was closed."""
    assigned_to: str = ""
    links: tuple[str, ...] = ()
    """Ids of alerts that have to do with it."""
    last: Last | None = None

    given: Given | None = None
    """How urgent its latest occurrence is, and by what; None from an earlier release."""

    steps: dict[int, Tick] = {}
    """Of its runbook: those that are done, by number."""
    runbook: int | None = None
    """Version of the runbook that it goes by since the first step was ticked; None: none was."""

    asked_at: Micros | None = None
    """Event time at which it last began to ask; None: never, or not since an earlier release."""

    explained_by: str = ""
    """Id of the incident that its latest occurrence is, or was until it ended, a consequence of:
    it asks for nothing. Empty: none is known, or it has outlasted that."""
    consequence_of: str = ""
    """The alert of that incident; empty: it was not known then."""
    why: Why = ""
    """As in ``Incident``."""

    @property
    def asks(self) -> bool:
        return self.state in ASKING

    @property
    def priority(self) -> Priority:
        return self.given.priority if self.given else BY_SEVERITY[self.severity]

    @property
    def aside(self) -> bool:
        """Shelved, suppressed or out of service, and not closed."""
        return self.resolved_at is None and (self.shelf is not None or bool(self.suppressions))

    @property
    def quiet(self) -> bool:
        """Aside, or a consequence: it asks for nothing."""
        return self.aside or bool(self.explained_by)

    @property
    def due(self) -> Micros | None:
        """The event time at which something becomes otherwise by itself; None: nothing will."""
        if self.resolved_at is not None:
            return None
        times = [one.until for one in self.suppressions.values() if one.until is not None]
        if self.shelf is not None:
            times.append(self.shelf.until)
        if self.acknowledged_at is not None and self.active and not self.quiet:
            # Whoever opened it again has just seen it.
            seen = max(self.acknowledged_at, self.reopened_at or self.acknowledged_at)
            times.append(seen + LIMITS[self.severity])
        return min(times, default=None)

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
        if any(one.kind == "out_of_service" for one in self.suppressions.values()):
            return "out_of_service"
        if self.suppressions or (self.explained_by and self.active):  # ISA-18.2: by design
            return "suppressed"
        if self.shelf is not None:
            return "shelved"
        if self.explained_by:
            return "normal"
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
    asked = alert is not None and alert.asks
    after = _apply(alert, transition)
    if after.asks and not asked:
        return msgspec.structs.replace(after, asked_at=transition.time)
    at_once = transition.actor == SYSTEM and after.asked_at == transition.time
    if asked and not after.asks and at_once:  # suppressed, or explained, as it was raised
        return msgspec.structs.replace(after, asked_at=None)
    return after


def _apply(alert: Alert | None, transition: Transition) -> Alert:
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
        case Explained():
            return _explain(alert, transition, event)
        case Asked():
            return _without_acknowledgement(alert)
        case Suppressed(suppression=one):
            return msgspec.structs.replace(alert, suppressions={**alert.suppressions, one.id: one})
        case Restored(suppression=id):
            rest = {one: how for one, how in alert.suppressions.items() if one != id}
            return _back(msgspec.structs.replace(alert, suppressions=rest))
        case _:
            return _did(alert, transition)


def _did(alert: Alert, transition: Transition) -> Alert:
    """What people do; the shelf's end, too, which event time may bring."""
    event, former = transition.event, ""
    match event:
        case Acknowledged():
            alert = msgspec.structs.replace(
                alert,
                acknowledged_by=transition.actor,
                acknowledged_at=transition.time,
                acknowledged_severity=alert.severity,
                acknowledged_place=alert.place,
            )
        case Withdrawn():
            alert = _without_acknowledgement(alert)
        case Shelved():
            shelf = Shelf(
                by=transition.actor,
                at=transition.time,
                until=event.until,
                reason=event.comment,
                severity=alert.severity,
            )
            alert = msgspec.structs.replace(alert, shelf=shelf)
        case Unshelved():
            alert = _back(msgspec.structs.replace(alert, shelf=None))
        case Resolved():
            alert = msgspec.structs.replace(
                alert,
                resolved_by=transition.actor,
                resolved_at=transition.time,
                disposition=event.disposition,
                resolution=event.comment,
                shelf=None,
                suppressions={},
            )
        case Reopened():
            alert = msgspec.structs.replace(alert, **_OPEN, reopened_at=transition.time)
        case Assigned():
            former = alert.assigned_to
            alert = msgspec.structs.replace(alert, assigned_to=event.to)
        case Stepped(step=step, done=done):
            steps = {number: tick for number, tick in alert.steps.items() if number != step}
            if done:
                steps[step] = Tick(transition.actor, transition.time)
            alert = msgspec.structs.replace(
                alert, steps=dict(sorted(steps.items())), runbook=event.runbook
            )
        case Joined():
            alert = msgspec.structs.replace(
                alert,
                merged_into=event.into,
                joined=alert.severity,
                resolved_by=transition.actor,
                resolved_at=transition.time,
                disposition="duplicate",
                resolution=event.comment,
                shelf=None,
                suppressions={},
            )
        case Parted():
            if event.because == "severity":
                alert = _without_acknowledgement(alert)
            alert = msgspec.structs.replace(alert, **_OPEN, reopened_at=transition.time)
        case Linked():
            former = event.other
            alert = msgspec.structs.replace(alert, links=(*alert.links, event.other))
        case Unlinked():
            former = event.other
            rest = tuple(one for one in alert.links if one != event.other)
            alert = msgspec.structs.replace(alert, links=rest)
        case _:
            pass
    if transition.actor == SYSTEM:
        return alert
    tag: Any = type(event).__struct_config__.tag
    last = Last(version=transition.version, by=transition.actor, kind=tag, former=former)
    return msgspec.structs.replace(alert, last=last)


_OPEN: dict[str, Any] = {
    "resolved_by": "",
    "resolved_at": None,
    "merged_into": "",
    "joined": None,
    "disposition": "",
    "resolution": "",
}


def _without_acknowledgement(alert: Alert) -> Alert:
    return msgspec.structs.replace(
        alert,
        acknowledged_by="",
        acknowledged_at=None,
        acknowledged_severity=None,
        acknowledged_place=None,
    )


def _back(alert: Alert) -> Alert:
    """Out of the shelf or in service again: what is there asks, as it did when it came."""
    return _without_acknowledgement(alert) if alert.active and not alert.aside else alert


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
        active_since=event.start,
        given=event.given,
    )


def _repeat(alert: Alert, transition: Transition, event: Repeated) -> Alert:
    if event.manner == "past":
        return alert
    starts = further_starts(alert, event.subject, event.start)
    alert = msgspec.structs.replace(
        alert,
        kind=event.kind,
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
        active_since=alert.active_since if alert.active else event.start,
        starts=starts,
        wards=event.wards | alert.wards,
        explained_by="",
        consequence_of="",
        why="",
        given=event.given,
        flapping_since=(alert.flapping_since or starts[0]) if flap(starts) else None,
    )
    if event.manner != "anew":
        return alert
    if event.because == "closed":  # what was done then was done about another occurrence
        alert = msgspec.structs.replace(alert, steps={}, runbook=None)
    return msgspec.structs.replace(_without_acknowledgement(alert), **_OPEN)


def _amend(alert: Alert, transition: Transition, event: Amended) -> Alert:
    known = {event.incident: event.revision} if event.incident in alert.open else {}
    return msgspec.structs.replace(
        alert,
        severity=event.severity,
        sources=event.sources,
        place=event.place,
        evidence=alert.evidence + event.evidence,
        wards=event.wards | alert.wards,
        given=event.given,
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
        active_since=alert.active_since if remaining else None,
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
        active_since=alert.active_since if remaining else None,
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
    if alone:
        alert = _without_acknowledgement(alert)
    return msgspec.structs.replace(
        alert,
        open={**alert.open, event.incident: event.revision},
        explained_by=event.cause,
        consequence_of=event.into,
        why=event.why,
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
