"""One rule watching one place: from a condition that holds to an incident that begins and ends."""

from typing import NamedTuple

import msgspec

from streams.events import Evidence, Incident, Micros, Origin, Rule, Source
from streams.incidents.identity import incident_id
from streams.stage import Output
from streams.topics import INCIDENTS


class Watch(msgspec.Struct, frozen=True, array_like=True):
    """What a rule remembers of a zone, or of a silent camera."""

    since: Micros = 0
    """Crowd: since when there have been enough persons; 0: there are not."""
    last: Micros = 0
    """When the open incident's condition held last."""
    floor: Micros = 0
    """When the last incident ended: nothing before it proves another."""
    dwellers: dict[int, Micros] = {}
    """Intrusion: track to the time it came into the zone."""
    incident: Incident | None = None
    """The open one, as it was announced."""


IDLE = Watch()


class Finding(NamedTuple):
    """What proves an incident."""

    start: Micros
    subject: str
    evidence: tuple[Evidence, ...]


def announce(
    rule: Rule, source: Source, *, zone: str, finding: Finding, time: Micros, origin: Origin
) -> Incident:
    """Revision 0 of an incident that is proven at ``time``."""
    return Incident(
        id=incident_id(rule.id, source.id, zone, finding.subject, finding.start),
        kind=rule.kind,
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
        place=source.place,
        evidence=finding.evidence,
    )


def conclude(incident: Incident, end: Micros, time: Micros) -> Incident:
    """The next revision: the incident ended at ``end``, proven at ``time``.

    What is amended is always decided later than what it amends, so that sorting by
    ``decided_at`` never turns the two round.
    """
    return msgspec.structs.replace(
        incident,
        end=max(end, incident.start),
        decided_at=max(time, incident.decided_at + 1),
        revision=incident.revision + 1,
    )


def release(watch: Watch, time: Micros, clear: Micros) -> tuple[Watch, Incident | None]:
    """The watch on an open incident whose condition does not hold at ``time``.

    It ends, as of when the condition held last, once that is ``clear`` ago.
    """
    if watch.incident is None or time - watch.last < clear:
        return watch, None
    ended = conclude(watch.incident, watch.last, time)
    return msgspec.structs.replace(watch, floor=time, incident=None), ended


def output(incident: Incident) -> Output:
    """Keyed by the road segment, or by the first source where there is none."""
    segment = incident.place.segment if incident.place else ""
    return Output(INCIDENTS, incident, segment or incident.sources[0])
