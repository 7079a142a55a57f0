"""What an incident does to an alert. Pure.

Decisions (``receive`` for incidents, ``services.alerts.commands`` for operators) return the
transitions to append and change nothing.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeVar
from uuid import UUID, uuid5

import msgspec

from services.alerts.alert import Alert, further_starts
from services.alerts.exhibits import Exhibit
from services.alerts.flapping import flap
from services.alerts.holding import Because, because, moved, worse
from services.alerts.priority import DEFAULT, Case, Given, Table, category, given
from services.alerts.suppressions import Suppression
from services.alerts.transitions import (
    NO_NAMES,
    AlertEvent,
    Amended,
    Asked,
    Explained,
    Manner,
    Merged,
    Names,
    Parted,
    Proven,
    Raised,
    Repeated,
    Returned,
    Suppressed,
    Transition,
    Unknown,
    Unshelved,
    number,
)
from streams.events import MINUTE, Incident, Micros
from streams.kinds.registry import present

REPEAT_WITHIN: Micros = 10 * MINUTE
"""A repeat this soon (event time) after an alert's last activity is the same alert again; so is
what began this soon before its first occurrence, and is heard of later."""
_ALERTS = UUID("0b5d2f0e-93f5-5a35-8a0b-4f0a3c1c7d52")
NO_WARDS: Mapping[str, str] = MappingProxyType({})
_Begun = TypeVar("_Begun", Raised, Repeated)


def shows(alert: Alert, source: str) -> bool:
    """Whether what that source proves is part of the latest occurrence's evidence."""
    return source == alert.source or any(one.source == source for one in alert.evidence)


def alert_id(first_incident: str) -> str:
    """UUIDv5 of the first incident's id."""
    return str(uuid5(_ALERTS, first_incident))


def repeats(alert: Alert, incident: Incident, *, whole_open: bool = False) -> bool:
    """Whether a new incident belongs to an existing alert instead of raising a new one.

    An alert whose condition is there, or that is shelved or suppressed, takes every further
    incident of its rule, source and zone, unless an operator has closed it and nothing has been
    heard of it for ``REPEAT_WITHIN``. What began longer than that before the alert did is another
    alert, unless it is past. What a person made part of another alert takes them as long as
    that one is open (``whole_open``).
    """
    same = (alert.rule, alert.source, alert.zone, alert.origin) == (
        incident.rule, incident.sources[0], incident.zone, incident.origin,
    )  # fmt: skip
    standing = (alert.active or alert.aside) and alert.resolved_at is None
    standing = standing or (alert.joined is not None and whole_open)
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


def _manner(alert: Alert, incident: Incident, *, whole_open: bool) -> tuple[Manner, Because]:
    """How it comes, and why it asks, where that was acknowledged or closed before."""
    if _past(alert, incident):
        return "past", ""
    if _held_as_part(alert, incident, whole_open=whole_open):
        return "held", ""
    if alert.joined is not None and whole_open:
        return "anew", "severity"
    if alert.resolved_at is not None:
        return "anew", "closed"
    if alert.aside:
        return ("anew", "severity") if _too_severe(alert, incident) else ("held", "")
    if alert.acknowledged_at is None:
        return "anew", ""
    starts = further_starts(alert, incident.subject, incident.start)
    why = because(
        severity=incident.severity,
        acknowledged=alert.acknowledged_severity or alert.severity,
        same_kind=present(incident.kind) == present(alert.kind),
        elsewhere=moved(incident.place, alert.acknowledged_place),
        same_subject=incident.subject == alert.subject,
        since=incident.start - alert.acknowledged_at,
        starts=starts,
    )
    if why:
        return "anew", why
    return ("flapping" if flap(starts) else "held"), ""


def _held_as_part(alert: Alert, incident: Incident, *, whole_open: bool) -> bool:
    """Whether it counts in an alert that is part of another, and asks nobody."""
    if alert.joined is None or not whole_open:
        return False
    return not worse(incident.severity, alert.joined)


def _too_severe(alert: Alert, incident: Incident) -> bool:
    """Whether it is worse than what somebody has shelved; what is suppressed stays so."""
    shelf = alert.shelf
    return shelf is not None and not alert.suppressions and worse(incident.severity, shelf.severity)


def receive(
    alert: Alert | None,
    incident: Incident,
    known: int | None,
    *,
    names: Names = NO_NAMES,
    evidence: tuple[Exhibit, ...] = (),
    wards: Mapping[str, str] = NO_WARDS,
    into: str = "",
    cause: str = "",
    stalled_since: Micros | None = None,
    suppressions: tuple[Suppression, ...] = (),
    table: Table = DEFAULT,
    dependents: int = 0,
    whole_open: bool = False,
) -> tuple[Transition, ...]:
    """What an incident, or an amendment of one, does; nothing where it says nothing new.

    Args:
        alert: the alert that holds the incident already or, for a new incident, the latest
            alert of its rule, source and zone; None: there is none. What was due until the
            incident was decided has been done to it (``passing.passed``).
        suppressions: that are in force at that time, and cover what is raised by the incident.
        known: the incident's highest revision taken so far; None: a new incident.
        names: for a new incident.
        wards: of the incident's sources, that they are in now; one that is left out is in none.
        evidence: what the alert does not show yet, with what became of its frames.
        into: the alert of the incident that this one is part of, if it is.
        cause: the alert of the incident that explains this one, if any does.
        stalled_since: where event time has stalled now; None: it goes on.
        table: by which it gets its priority.
        dependents: how many assets depend on the incident's sources.
        whole_open: whether the alert that a person made this one part of is open.
    """
    if known is not None and incident.revision <= known:
        return ()
    events: list[AlertEvent] = []
    told = _Told(names, evidence, wards, _given(incident, wards, table, dependents))
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
            amended = _amended(incident, told._replace(evidence=more))
            said = [*heard, *_explained(alert, incident, cause)]
            events += said if said and not more else [amended, *said]
            if amended in events:
                asks = _asks(alert, incident)
                events += asks
                if Parted(because="severity") in asks:  # nothing is suppressed of what is closed
                    events += _suppressed(alert, suppressions)
    else:
        if alert is not None and not repeats(alert, incident, whole_open=whole_open):
            alert = None
        begun = _begun(alert, incident, told, whole_open=whole_open)
        if incident.explained_by and incident.end is None:
            begun.append(_explanation(incident, cause))
        events += begun
        if alert is None or not (
            _past(alert, incident) or _held_as_part(alert, incident, whole_open=whole_open)
        ):
            events += _suppressed(alert, suppressions)
    return number(
        alert_id(incident.id) if alert is None else alert.id,
        0 if alert is None else alert.version,
        events,
        time=incident.decided_at,
        stalled_since=stalled_since,
    )


class _Told(NamedTuple):
    """What the alerts service says of an occurrence."""

    names: Names
    evidence: tuple[Exhibit, ...]
    wards: Mapping[str, str]
    given: Given


def _given(incident: Incident, wards: Mapping[str, str], table: Table, dependents: int) -> Given:
    case = Case(
        severity=incident.severity,
        kind=present(incident.kind),
        category=category(incident.kind),
        ward=wards.get(incident.sources[0], ""),
        start=incident.start,
        dependents=dependents,
    )
    return given(table, case)


def _begun(
    alert: Alert | None, incident: Incident, told: _Told, *, whole_open: bool
) -> list[AlertEvent]:
    """A new incident, as the first of an alert (None) or as a further one."""
    if alert is None:
        events: list[AlertEvent] = [_occurrence(Raised, incident, told)]
    else:
        manner, why = _manner(alert, incident, whole_open=whole_open)
        further = _occurrence(Repeated, incident, told)
        if manner == "past":
            return [msgspec.structs.replace(further, manner=manner, end=incident.end)]
        events = [Unshelved(because="severity")] if _too_severe(alert, incident) else []
        events.append(msgspec.structs.replace(further, manner=manner, because=why))
    if incident.end is not None:
        events.append(_returned(incident, incident.end))
    elif incident.unknown_since is not None:
        events.append(_unknown(incident, incident.unknown_since))
    return events


def _asks(alert: Alert, incident: Incident) -> list[AlertEvent]:
    """What an amendment adds that nobody knew who acknowledged or shelved the alert."""
    if alert.joined is not None and worse(incident.severity, alert.joined):
        return [Parted(because="severity")]
    if alert.resolved_at is not None:
        return []
    if _too_severe(alert, incident):
        return [Unshelved(because="severity")]
    if alert.acknowledged_at is None or alert.aside or incident.explained_by:
        return []
    if worse(incident.severity, alert.acknowledged_severity or alert.severity):
        return [Asked(because="severity")]
    return [Asked(because="place")] if moved(incident.place, alert.acknowledged_place) else []


def _suppressed(alert: Alert | None, suppressions: tuple[Suppression, ...]) -> list[AlertEvent]:
    known = alert.suppressions if alert else {}
    return [Suppressed(suppression=one) for one in suppressions if one.id not in known]


def _returned(incident: Incident, end: Micros) -> Returned:
    return Returned(
        incident=incident.id,
        revision=incident.revision,
        end=end,
        unseen=incident.unknown_since is not None,
        scenery=incident.scenery,
    )


def _amended(incident: Incident, told: _Told) -> Amended:
    return Amended(
        incident=incident.id,
        revision=incident.revision,
        severity=incident.severity,
        sources=incident.sources,
        place=incident.place,
        evidence=told.evidence,
        wards=_wards_of(incident, told.wards),
        given=told.given,
    )


def _wards_of(incident: Incident, wards: Mapping[str, str]) -> dict[str, str]:
    return {source: wards.get(source, "") for source in incident.sources}


def _heard(alert: Alert, incident: Incident) -> list[AlertEvent]:
    """What an amendment says of whether the incident's source is heard, where that is new."""
    since = incident.unknown_since
    if since == alert.unknown.get(incident.id):
        return []
    if since is None:
        return [Proven(incident=incident.id, revision=incident.revision)]
    return [_unknown(incident, since)]


def _explained(alert: Alert, incident: Incident, cause: str) -> list[AlertEvent]:
    """What an amendment says of whether the incident is a consequence, where that is new."""
    if (incident.explained_by, incident.why) == (alert.explained_by, alert.why):
        return []
    return [_explanation(incident, cause)]


def _explanation(incident: Incident, cause: str) -> Explained:
    return Explained(
        incident=incident.id,
        revision=incident.revision,
        cause=incident.explained_by,
        into=cause,
        why=incident.why,
    )


def _unknown(incident: Incident, since: Micros) -> Unknown:
    return Unknown(incident=incident.id, revision=incident.revision, since=since)


def _occurrence(kind: type[_Begun], incident: Incident, told: _Told) -> _Begun:
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
        names=told.names,
        evidence=told.evidence,
        wards=_wards_of(incident, told.wards),
        given=told.given,
    )
