"""The life of an alert: the fold of an append-only list of transitions. Pure.

Whether the condition is there (``active``) and whether somebody has seen it (``acknowledged_by``)
are separate facts; ``state`` is what ISA-18.2 (IEC 62682) calls their combination, with
``resolved`` for an alert that an operator has closed. While nothing is heard of what proved it
nobody knows whether the condition lasts (``unknown_since``): a further fact, which leaves ``state``
as it is. Shelved, suppressed by design and out of service, when they come, are further facts that
``state`` looks at before these.

Decisions (``receive`` for incidents, ``services.alerts.commands`` for operators) return the
transitions to append and change nothing.
"""

from collections.abc import Iterable
from typing import Literal, TypeVar
from uuid import UUID, uuid5

import msgspec

from services.alerts.exhibits import Exhibit
from streams.events import MINUTE, SEVERITIES, Incident, Micros, Origin, Place, Severity

REPEAT_WITHIN: Micros = 10 * MINUTE
"""A repeat this soon (event time) after an alert's last activity is the same alert again; so is
what began this soon before its first occurrence, and is heard of later."""
FLAPS = 3
"""So many occurrences that begin …"""
FLAP_WITHIN: Micros = 5 * MINUTE
"""… within this time, each after the end of the one before, are an alert that flaps. ISA-18.2
speaks of chattering from three a minute on; what must hold for half a minute, and be clear for one,
as by the default rules, cannot be that quick."""
SYSTEM = ""
"""The actor of what incidents cause."""

State = Literal["unacknowledged", "acknowledged", "returned_unacknowledged", "normal", "resolved"]
STATES: tuple[State, ...] = (
    "unacknowledged", "acknowledged", "returned_unacknowledged", "normal", "resolved",
)  # fmt: skip
_ALERTS = UUID("0b5d2f0e-93f5-5a35-8a0b-4f0a3c1c7d52")


class Names(msgspec.Struct, frozen=True):
    """What source and zone were called when it happened; empty where there is no zone."""

    source_vi: str = ""
    source_en: str = ""
    zone_vi: str = ""
    zone_en: str = ""


NO_NAMES = Names()


# --- what can happen to an alert --------------------------------------------------------------


class _Occurrence(msgspec.Struct, frozen=True, kw_only=True):
    incident: str
    revision: int
    kind: str
    rule: str
    origin: Origin
    severity: Severity
    sources: tuple[str, ...]
    zone: str
    subject: str
    start: Micros
    place: Place | None
    names: Names
    evidence: tuple[Exhibit, ...]


class Raised(_Occurrence, frozen=True, kw_only=True, tag="raised"):
    """The first incident."""


Manner = Literal["anew", "flapping", "past"]
"""How a further occurrence comes: it asks to be acknowledged; the alert flaps and has been
acknowledged, which stands; it is heard of when it is long over, and changes nothing."""


class Repeated(_Occurrence, frozen=True, kw_only=True, tag="repeated"):
    """A further incident of the same rule, source and zone."""

    manner: Manner = "anew"
    end: Micros | None = None
    """Of what is past; the end of any other is a transition of its own."""


class Amended(msgspec.Struct, frozen=True, kw_only=True, tag="amended"):
    """An incident is now judged otherwise, or proven by one more source."""

    incident: str
    revision: int
    severity: Severity
    sources: tuple[str, ...]
    place: Place | None
    evidence: tuple[Exhibit, ...] = ()
    """What is added to the occurrence's."""


class Returned(msgspec.Struct, frozen=True, kw_only=True, tag="returned"):
    """An incident has ended; the last one to end returns the condition to normal."""

    incident: str
    revision: int
    end: Micros
    unseen: bool = False
    """Nobody saw it end: its source was not heard any more, and it is over as of its last proof."""
    scenery: bool = False
    """What proved it never moved and never came in."""


class Unknown(msgspec.Struct, frozen=True, kw_only=True, tag="unknown"):
    """The source of an incident is not heard: nobody knows whether it lasts."""

    incident: str
    revision: int
    since: Micros
    """When it was last proven."""


class Proven(msgspec.Struct, frozen=True, kw_only=True, tag="proven"):
    """The source of an unknown incident is heard again, and the incident lasts."""

    incident: str
    revision: int


class Merged(msgspec.Struct, frozen=True, kw_only=True, tag="merged"):
    """An incident turned out to be part of another, whose alert goes on in its place."""

    incident: str
    revision: int
    into: str
    """Id of that alert; empty: it is not known."""


class Acknowledged(msgspec.Struct, frozen=True, kw_only=True, tag="acknowledged"):
    comment: str = ""


class Resolved(msgspec.Struct, frozen=True, kw_only=True, tag="resolved"):
    comment: str = ""


class Commented(msgspec.Struct, frozen=True, kw_only=True, tag="commented"):
    comment: str


_Begun = TypeVar("_Begun", Raised, Repeated)
AlertEvent = (
    Raised | Repeated | Amended | Returned | Merged | Unknown | Proven
    | Acknowledged | Resolved | Commented
)  # fmt: skip
TransitionKind = Literal[
    "raised", "repeated", "amended", "returned", "merged", "unknown", "proven",
    "acknowledged", "resolved", "commented",
]  # fmt: skip
"""Their tags."""


class Transition(msgspec.Struct, frozen=True, kw_only=True):
    """One line of an alert's history."""

    alert: str
    version: int
    """1, 2, 3 … within the alert."""
    time: Micros
    """Event time for what incidents cause, the time of the request for what people do."""
    event: AlertEvent
    actor: str = SYSTEM
    command: str = ""
    """The client's id of the request, so that a request sent twice is done once."""
    stalled_since: Micros | None = None
    """Where event time had stalled when an incident caused it; None: it went on."""


# --- the fold ---------------------------------------------------------------------------------


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
    )


def _repeat(alert: Alert, transition: Transition, event: Repeated) -> Alert:
    if event.manner == "past":
        return alert
    starts = _starts(alert, event.subject, event.start)
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
        flapping_since=(alert.flapping_since or starts[0]) if _flap(starts) else None,
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


def _starts(alert: Alert, subject: str, start: Micros) -> tuple[Micros, ...]:
    """``Alert.starts`` with a further occurrence."""
    apart = alert.active or subject != alert.subject or start <= alert.latest_time
    return (*(() if apart else alert.starts), start)[-FLAPS:]


def _flap(starts: tuple[Micros, ...]) -> bool:
    return len(starts) == FLAPS and starts[-1] - starts[0] <= FLAP_WITHIN


def _amend(alert: Alert, transition: Transition, event: Amended) -> Alert:
    known = {event.incident: event.revision} if event.incident in alert.open else {}
    return msgspec.structs.replace(
        alert,
        severity=event.severity,
        sources=event.sources,
        place=event.place,
        evidence=alert.evidence + event.evidence,
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


# --- decisions: incidents ---------------------------------------------------------------------


def shows(alert: Alert, source: str) -> bool:
    """Whether what that source proves is part of the latest occurrence's evidence."""
    return source == alert.source or any(one.source == source for one in alert.evidence)


def alert_id(first_incident: str) -> str:
    """UUIDv5 of the first incident's id."""
    return str(uuid5(_ALERTS, first_incident))


def repeats(alert: Alert, incident: Incident) -> bool:
    """Whether a new incident belongs to an existing alert instead of raising a new one.

    An alert whose condition is there takes every further incident of its rule, source and zone,
    unless an operator has closed it and nothing has been heard of it for ``REPEAT_WITHIN``. What
    began longer than that before the alert did is another alert, unless it is past.
    """
    same = (alert.rule, alert.source, alert.zone, alert.origin) == (
        incident.rule, incident.sources[0], incident.zone, incident.origin,
    )  # fmt: skip
    standing = alert.active and alert.resolved_at is None
    after = standing or incident.start - alert.last_activity <= REPEAT_WITHIN
    before = alert.event_time - incident.start <= REPEAT_WITHIN
    return same and (_past(alert, incident) or (before and after))


def _past(alert: Alert, incident: Incident) -> bool:
    """Whether a new incident was over before somebody acknowledged or closed the alert or, where
    nobody has, before its last activity: there is nothing in it to be done any more."""
    if incident.end is None or incident.start - alert.last_activity > REPEAT_WITHIN:
        return False
    seen = alert.acknowledged_at if alert.resolved_at is None else alert.resolved_at
    return incident.end <= (alert.last_activity if seen is None else seen)


def _manner(alert: Alert, incident: Incident) -> Manner:
    if _past(alert, incident):
        return "past"
    acknowledged = alert.acknowledged_at is not None and alert.resolved_at is None
    worse = SEVERITIES.index(incident.severity) > SEVERITIES.index(alert.severity)
    flaps = _flap(_starts(alert, incident.subject, incident.start))
    return "flapping" if acknowledged and flaps and not worse else "anew"


def receive(
    alert: Alert | None,
    incident: Incident,
    known: int | None,
    *,
    names: Names = NO_NAMES,
    evidence: tuple[Exhibit, ...] = (),
    into: str = "",
    stalled_since: Micros | None = None,
) -> tuple[Transition, ...]:
    """What an incident, or an amendment of one, does; nothing where it says nothing new.

    Args:
        alert: the alert that holds the incident already or, for a new incident, the latest
            alert of its rule, source and zone; None: there is none.
        known: the incident's highest revision taken so far; None: a new incident.
        names: for a new incident.
        evidence: what the alert does not show yet, with what became of its frames.
        into: the alert of the incident that this one is part of, if it is.
        stalled_since: where event time has stalled now; None: it goes on.
    """
    if known is not None and incident.revision <= known:
        return ()
    events: list[AlertEvent] = []
    if incident.part_of:
        if alert is None or incident.id not in alert.open:
            return ()
        events.append(Merged(incident=incident.id, revision=incident.revision, into=into))
    elif alert is not None and known is not None:
        if incident.id not in alert.open:
            return ()  # it has ended or was past, which is said once
        if incident.end is not None:
            # It says nothing else: sources and severity may be a later occurrence's by now.
            events.append(_returned(incident, incident.end))
        else:
            more = tuple(one for one in evidence if not shows(alert, one.source))
            heard = _heard(alert, incident)
            # What says no more than that leaves be what a later occurrence may have changed.
            events += heard if heard and not more else [_amended(incident, more), *heard]
    else:
        if alert is not None and not repeats(alert, incident):
            alert = None
        events += _begun(alert, incident, names, evidence)
    return number(
        alert_id(incident.id) if alert is None else alert.id,
        0 if alert is None else alert.version,
        events,
        time=incident.decided_at,
        stalled_since=stalled_since,
    )


def _begun(
    alert: Alert | None, incident: Incident, names: Names, evidence: tuple[Exhibit, ...]
) -> list[AlertEvent]:
    """A new incident, as the first of an alert (None) or as a further one."""
    if alert is None:
        events: list[AlertEvent] = [_occurrence(Raised, incident, names, evidence)]
    else:
        manner = _manner(alert, incident)
        further = _occurrence(Repeated, incident, names, evidence)
        if manner == "past":
            return [msgspec.structs.replace(further, manner=manner, end=incident.end)]
        events = [msgspec.structs.replace(further, manner=manner)]
    if incident.end is not None:
        events.append(_returned(incident, incident.end))
    elif incident.unknown_since is not None:
        events.append(_unknown(incident, incident.unknown_since))
    return events


def _returned(incident: Incident, end: Micros) -> Returned:
    return Returned(
        incident=incident.id,
        revision=incident.revision,
        end=end,
        unseen=incident.unknown_since is not None,
        scenery=incident.scenery,
    )


def _amended(incident: Incident, evidence: tuple[Exhibit, ...]) -> Amended:
    return Amended(
        incident=incident.id,
        revision=incident.revision,
        severity=incident.severity,
        sources=incident.sources,
        place=incident.place,
        evidence=evidence,
    )


def _heard(alert: Alert, incident: Incident) -> list[AlertEvent]:
    """What an amendment says of whether the incident's source is heard, where that is new."""
    since = incident.unknown_since
    if since == alert.unknown.get(incident.id):
        return []
    if since is None:
        return [Proven(incident=incident.id, revision=incident.revision)]
    return [_unknown(incident, since)]


def _unknown(incident: Incident, since: Micros) -> Unknown:
    return Unknown(incident=incident.id, revision=incident.revision, since=since)


def _occurrence(
    kind: type[_Begun], incident: Incident, names: Names, evidence: tuple[Exhibit, ...]
) -> _Begun:
    return kind(
        incident=incident.id,
        revision=incident.revision,
        kind=incident.kind,
        rule=incident.rule,
        origin=incident.origin,
        severity=incident.severity,
        sources=incident.sources,
        zone=incident.zone,
        subject=incident.subject,
        start=incident.start,
        place=incident.place,
        names=names,
        evidence=evidence,
    )


def number(
    alert: str,
    version: int,
    events: Iterable[AlertEvent],
    *,
    time: Micros,
    actor: str = SYSTEM,
    command: str = "",
    stalled_since: Micros | None = None,
) -> tuple[Transition, ...]:
    """Events as the transitions that follow on ``version``."""
    return tuple(
        Transition(
            alert=alert,
            version=n,
            time=time,
            event=event,
            actor=actor,
            command=command,
            stalled_since=stalled_since,
        )
        for n, event in enumerate(events, version + 1)
    )
