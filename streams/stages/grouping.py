"""What a camera sees and a sensor feels on one road segment is one incident.

Pure; what is decided in order of (``decided_at``, id) goes in, what is amended comes out. Incidents
of two cameras stay two: each shows another vehicle. So do a jam's on two segments.
"""

from collections.abc import Iterable

import msgspec

from streams.events import SEVERITIES, Incident, Micros
from streams.kinds.registry import proof_of


class Member(msgspec.Struct, frozen=True, array_like=True):
    """An incident as its own source proved it."""

    kind: str
    end: Micros | None
    unknown_since: Micros | None = None
    """As in ``Incident``."""

    @classmethod
    def of(cls, incident: Incident) -> "Member":
        return cls(incident.kind, incident.end, incident.unknown_since)


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
    new = Group(incident, {incident.id: Member.of(incident)})
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
            unknown_since=None,  # the one that has just been announced was heard
        )
    joined = Group(
        _amended(one, incident.decided_at),
        {id_: member for group in (first, *rest) for id_, member in group.members.items()},
    )
    kept = tuple(joined if group is first else group for group in groups if group not in rest)
    gone = (
        msgspec.structs.replace(
            _amended(other.incident, incident.decided_at),
            end=incident.decided_at,
            part_of=one.id,
            unknown_since=None,  # what is known of it is said of the one that it is part of
        )
        for other in rest
    )
    return kept, (joined.incident, *gone)


def _go_on(groups: Groups, incident: Incident) -> tuple[Groups, tuple[Incident, ...]]:
    """An amendment of one member, its end among them; the group ends with its last member.

    It is unknown while all that last are: what one source sees need no other be heard for.
    """
    group = next((group for group in groups if incident.id in group.members), None)
    if group is None:
        return groups, (incident,)  # it was announced before anything was kept of it
    members = {**group.members, incident.id: Member.of(incident)}
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
            unknown_since=_unknown_since(members.values()),
        )
    before = group.incident
    said = (
        len(members) == 1
        or over
        or (amended.severity, amended.unknown_since) != (before.severity, before.unknown_since)
    )
    left = Group(amended if said else group.incident, members)
    kept = tuple(left if each is group else each for each in groups if not (over and each is group))
    return kept, (amended,) if said else ()


def _unknown_since(members: Iterable[Member]) -> Micros | None:
    """When all of them were last proven, where nobody has heard since whether it lasts, or how the
    last of them ended."""
    members = tuple(members)
    ends = [member.end for member in members if member.end is not None]
    last = [member.unknown_since for member in members if member.end is None]
    last = last or [member.unknown_since for member in members if member.end == max(ends)]
    known = [since for since in last if since is not None]
    return max(ends + known) if len(known) == len(last) else None


def _amended(incident: Incident, time: Micros) -> Incident:
    return msgspec.structs.replace(
        incident, decided_at=max(time, incident.decided_at), revision=incident.revision + 1
    )
