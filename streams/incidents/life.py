"""The one life of an incident: announced, amended, ended; for cameras, sensors and the system.

Where its source is not heard, or what proved it is hidden (``obscure``), it is unknown (``lose``)
until that proves it again (``regain``).

Every revision is decided later than the one before it, so that sorting by ``decided_at`` never
turns the two round, and no incident ends before it began.
"""

from collections.abc import Iterable

import msgspec

from streams.control import KnownSource
from streams.events import NOWHERE, Evidence, Incident, Micros, Origin, Place, Rule, Severity
from streams.incidents.identity import incident_id
from streams.incidents.watch import Finding, Watch
from streams.stage import Output
from streams.topics import INCIDENTS


def announce(
    kind: str,
    rule: Rule,
    source: KnownSource,
    *,
    finding: Finding,
    time: Micros,
    origin: Origin,
    zone: str = "",
) -> Incident:
    """Revision 0 of an incident of that kind, proven at ``time``."""
    return Incident(
        id=incident_id(rule.id, source.id, zone, finding.subject, finding.start),
        kind=kind,
        rule=rule.id,
        origin=origin,
        severity=rule.severity,
        sources=(source.id,),
        zone=zone,
        subject=finding.subject,
        start=finding.start,
        decided_at=time,
        end=None,
        revision=0,
        place=None if source.place == NOWHERE else source.place,
        evidence=finding.evidence,
    )


def declare(
    kind: str,
    sources: tuple[str, ...],
    subject: str,
    *,
    start: Micros,
    time: Micros,
    severity: Severity,
    origin: Origin = "live",
    place: Place | None = None,
    apart: str = "",
) -> Incident:
    """Revision 0 of an incident that no rule asks for: the system itself says it, at ``time``.

    Args:
        kind: also the id of its rule.
        sources: at least one.
        apart: tells it from another of the same kind, source, subject and start.
    """
    return Incident(
        id=incident_id(kind, sources[0], apart, subject, start),
        kind=kind,
        rule=kind,
        origin=origin,
        severity=severity,
        sources=sources,
        zone="",
        subject=subject,
        start=start,
        decided_at=time,
        end=None,
        revision=0,
        place=place,
    )


def conclude(
    incident: Incident, end: Micros, time: Micros, evidence: tuple[Evidence, ...] | None = None
) -> Incident:
    """The next revision: the incident ended at ``end``, proven at ``time``.

    One that is unknown ended as of when it was last proven: nobody has seen it since.

    Args:
        evidence: what proves the end; None: as it was announced.
    """
    unknown_since = incident.unknown_since
    return msgspec.structs.replace(
        _next(incident, time),
        end=_not_before(incident, end) if unknown_since is None else unknown_since,
        evidence=incident.evidence if evidence is None else evidence,
    )


def lose(incident: Incident, proven: Micros, time: Micros) -> Incident:
    """The next revision: since it was last proven its source has not been heard."""
    since = _not_before(incident, proven)
    return msgspec.structs.replace(_next(incident, time), unknown_since=since)


def regain(
    incident: Incident, time: Micros, evidence: tuple[Evidence, ...] | None = None
) -> Incident:
    """The next revision: its source is heard again, and proves that it lasts.

    Args:
        evidence: of that; None: as it was announced.
    """
    return msgspec.structs.replace(
        _next(incident, time),
        unknown_since=None,
        evidence=incident.evidence if evidence is None else evidence,
    )


def expire(incident: Incident, proven: Micros, time: Micros) -> Incident:
    """The next revision: its source has not come back, and it ended when it was last proven."""
    since = incident.unknown_since
    lost = msgspec.structs.replace(
        incident, unknown_since=_not_before(incident, proven) if since is None else since
    )
    return conclude(lost, proven, time)


def by_then(incidents: Iterable[Incident], last: Micros) -> list[Incident]:
    """In order, as decided when event time has come to ``last`` and goes no further.

    Revisions stay in order: one is a microsecond later than the one before it. What would only
    begin after ``last`` never does.
    """
    incidents = tuple(incidents)
    never = {one.id for one in incidents if one.revision == 0 and one.start > last}
    told = []
    for one in incidents:
        if one.id in never:
            continue
        decided_at = max(min(one.decided_at, last + one.revision), one.start)
        end = None if one.end is None else max(min(one.end, last), one.start)
        since = one.unknown_since
        since = None if since is None else max(min(since, last), one.start)
        told.append(
            msgspec.structs.replace(one, decided_at=decided_at, end=end, unknown_since=since)
        )
    return sorted(told, key=lambda one: (one.decided_at, one.id, one.revision))


def _not_before(incident: Incident, time: Micros) -> Micros:
    """No incident ends before it began."""
    return max(time, incident.start)


def _next(incident: Incident, time: Micros) -> Incident:
    return msgspec.structs.replace(
        incident, decided_at=max(time, incident.decided_at + 1), revision=incident.revision + 1
    )


def release(watch: Watch, time: Micros, clear: Micros) -> tuple[Watch, Incident | None]:
    """The watch on an open incident whose condition does not hold at ``time``.

    It ends, as of when the condition held last, once that is ``clear`` ago.
    """
    if watch.incident is None or time - watch.last < clear:
        return watch, None
    ended = conclude(watch.incident, watch.last, time)
    return msgspec.structs.replace(watch, not_before=time, incident=None), ended


def obscure(watch: Watch, time: Micros, clear: Micros) -> tuple[Watch, Incident | None]:
    """The watch on an open incident of which nobody can tell at ``time`` whether it lasts.

    It is unknown, since the condition was last seen to hold, once that is ``clear`` ago.
    """
    incident = watch.incident
    if incident is None or incident.unknown_since is not None or time - watch.last < clear:
        return watch, None
    lost = lose(incident, watch.last, time)
    return msgspec.structs.replace(watch, incident=lost), lost


def place_key(incident: Incident) -> str:
    """What decides its partition: the road segment, or the first source where there is none."""
    segment = incident.place.segment if incident.place else ""
    return segment or incident.sources[0]


def output(incident: Incident) -> Output:
    """To the stage that looks across sources."""
    return Output(INCIDENTS, incident, place_key(incident))
