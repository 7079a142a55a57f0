"""What a camera sees and a sensor feels on one road segment is one incident.

Pure; what is decided in order of (``decided_at``, id) goes in, what is amended comes out. Incidents
of two cameras stay two: each shows another vehicle. So do a jam's on two segments.
"""

import msgspec

from streams.events import SEVERITIES, Incident, Micros
from streams.kinds.registry import proof_of


class Member(msgspec.Struct, frozen=True, array_like=True):
    """An incident as its own source proved it."""

    kind: str
    end: Micros | None


class Group(msgspec.Struct, frozen=True, array_like=True):
    """An incident that lasts, and what it is made of."""

    incident: Incident
    """As it was last sent: the earliest of them, with what the others add."""
    members: dict[str, Member]
    """By the id under which each was announced."""

    @property
    def seen(self) -> bool:
        """Whether a camera sees it."""
        return any(proof_of(member.kind) == "seen" for member in self.members.values())


Groups = tuple[Group, ...]
"""Those of one segment, in the order in which they were proven."""


def segment_of(incident: Incident) -> str:
    """Where it can meet others; empty: nowhere, so nothing needs to be waited for."""
    return incident.place.segment if proof_of(incident.kind) and incident.place else ""


def decide(groups: Groups, incident: Incident) -> tuple[Groups, tuple[Incident, ...]]:
    """What is next in the order of proof, and the amendments that it makes due."""
    if incident.revision == 0:
        return _meet(groups, incident)
    return _go_on(groups, incident)


def _meet(groups: Groups, incident: Incident) -> tuple[Groups, tuple[Incident, ...]]:
    """An incident that has just been announced joins the group that it belongs to, if any."""
    new = Group(incident, {incident.id: Member(incident.kind, incident.end)})
    others = [group for group in groups if group.incident.origin == incident.origin]
    if proof_of(incident.kind) == "seen":
        met = [group for group in others if not group.seen]
    else:
        met = [group for group in others if group.seen][:1]
    if not met:
        return (*groups, new), ()
    first, *rest = *met, new
    one = first.incident
    for other in rest:
        one = msgspec.structs.replace(
            one,
            severity=max(one.severity, other.incident.severity, key=SEVERITIES.index),
            sources=tuple(dict.fromkeys(one.sources + other.incident.sources)),
            evidence=one.evidence + other.incident.evidence,
        )
    joined = Group(
        _amended(one, incident.decided_at),
        {id_: member for group in (first, *rest) for id_, member in group.members.items()},
    )
    kept = tuple(joined if group is first else group for group in groups if group not in rest)
    gone = (
        msgspec.structs.replace(
            _amended(other.incident, incident.decided_at), end=incident.decided_at, part_of=one.id
        )
        for other in rest
    )
    return kept, (joined.incident, *gone)


def _go_on(groups: Groups, incident: Incident) -> tuple[Groups, tuple[Incident, ...]]:
    """An amendment of one member, its end among them; the group ends with its last member."""
    group = next((group for group in groups if incident.id in group.members), None)
    if group is None:
        return groups, (incident,)  # it was announced before anything was kept of it
    members = {**group.members, incident.id: Member(incident.kind, incident.end)}
    ends = [member.end for member in members.values() if member.end is not None]
    over = len(ends) == len(members)
    if len(members) == 1:
        amended = incident
    else:
        worst = max(group.incident.severity, incident.severity, key=SEVERITIES.index)
        amended = msgspec.structs.replace(
            _amended(group.incident, incident.decided_at),
            severity=worst,
            end=max(ends) if over else None,
        )
    said = len(members) == 1 or over or amended.severity != group.incident.severity
    left = Group(amended if said else group.incident, members)
    kept = tuple(left if each is group else each for each in groups if not (over and each is group))
    return kept, (amended,) if said else ()


def _amended(incident: Incident, time: Micros) -> Incident:
    return msgspec.structs.replace(
        incident, decided_at=max(time, incident.decided_at), revision=incident.revision + 1
    )
