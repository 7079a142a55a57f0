"""What tells of one event, as a flood or a jam, is one incident: what leads it, and its parts.

Pure; what is decided in the order of time goes in, what is amended comes out. Which kinds tell of
which event, how near and how soon, is a table (``streams.kinds.joins``). An incident hangs on the
one that it joined; the one that hangs on none leads, and is the alert. Why so: decision 0086.
"""

from collections.abc import Iterable, Sequence
from math import inf, sqrt
from typing import Literal, NamedTuple

import msgspec

from streams.events import SEVERITIES, Incident, Micros, Place
from streams.events.incidents import Why
from streams.kinds import joins
from streams.kinds.joins import Part
from streams.stages.explaining import GRACE, light

METRES_PER_DEGREE = 111_195.0
RADIANS_PER_DEGREE = 0.017453292519943295


class Member(msgspec.Struct, frozen=True, array_like=True):
    """An incident that lasts, and that may tell of an event."""

    incident: Incident
    """As it was last sent."""
    on: str = ""
    """The incident that it hangs on; empty: on none."""
    event: str = ""
    """Of which event both tell."""
    added: int = 0
    """Revisions that were sent beyond those of the stages before."""
    due: Micros = 0
    """When it is one of its own, as what led it is over; 0: that lasts, or nothing ever did."""
    held: Incident | None = None
    """Its end, which waits as what leads an event lasts while others extend it likewise."""


class Events(msgspec.Struct, frozen=True, tag="events"):
    """What is known of the whole city."""

    members: dict[str, Member] = {}
    """By the incident's id."""

    @property
    def next_due(self) -> Micros | None:
        """When something becomes due by time alone; None: nothing does."""
        return min((one.due for one in self.members.values() if one.due), default=None)


class Found(NamedTuple):
    """What an incident may hang on, and of which event both tell."""

    on: str
    event: str
    rank: int
    """Of what it may hang on."""


class Joining:
    """The events of a city from one moment to a later one.

    Args:
        on: whether anything is joined.
        sent: takes what is amended, in order.
    """

    def __init__(self, events: Events, on: bool, sent: list[Incident]) -> None:
        self.members = dict(events.members)
        self.sent = sent
        self._on = on
        self._due = events.next_due

    @property
    def events(self) -> Events:
        """As it is now, to be stored."""
        return Events(self.members)

    def take(self, incident: Incident) -> None:
        """What is next in the order of proof. An announcement has been sent already."""
        before = self.members.get(incident.id)
        if before is None:
            if incident.revision:
                self.sent.append(incident)  # it was announced before anything was kept of it
            elif incident.end is None and joins.parts(incident):
                self.members[incident.id] = Member(light(incident))
                if self._on:
                    self._settle(incident.id, incident.decided_at)
            return
        now = self._amended(before, incident)
        if incident.end is not None:
            self._end(before, now)
            return
        self.sent.append(now)
        self.members[incident.id] = msgspec.structs.replace(before, incident=light(now))
        self._raise(self._root(incident.id), now, now.decided_at)

    def become(self, on: bool, time: Micros) -> None:
        """Whether anything is joined from now on."""
        if on == self._on:
            return
        self._on = on
        if on:  # as if each had begun only now, those that lead first
            known, self.members = self.members, {}
            for one in sorted(known, key=lambda one: _standing(one, known[one].incident)):
                self.members[one] = known[one]
                self._settle(one, time)
            return
        for one in self._ordered(self.members):
            if self.members[one].incident.explained_by:
                self._say(one, "", (), "off", time)
        for one in self._ordered(self.members):
            if self.members[one].held is not None:
                self._let_go(one, time)  # it is over, and of no event any more
        for one, member in self.members.items():
            self.members[one] = msgspec.structs.replace(member, on="", event="", due=0)
        self._due = None

    def pass_on(self, until: Micros) -> None:
        """What becomes due by time alone, before ``until``."""
        while self._due is not None and self._due < until:
            time = self._due
            ripe = [one for one, member in self.members.items() if 0 < member.due <= time]
            for one in ripe:
                self.members[one] = msgspec.structs.replace(self.members[one], due=0)
            for one in sorted(ripe, key=self._standing):
                if one in self.members:
                    self._settle(one, time)
                member = self.members.get(one)
                if member is None:
                    continue  # its end was held back, and it leads nothing any more
                if not member.on and member.incident.explained_by:
                    self._say(one, "", (), "outlasts", time)
                self._retell(self._below(one), time)
            self._due = self.events.next_due

    def undo(self) -> None:
        """Event time has gone back: nothing becomes due by a time that was wrong."""
        for one, member in self.members.items():
            self.members[one] = msgspec.structs.replace(member, due=0)
        self._due = None

    # --- who hangs on whom ------------------------------------------------------------------

    def _settle(self, one: str, time: Micros) -> None:
        """Hangs it on what it joins, and on it what joins it.

        One that hangs already stays there: what it would join may hang on it.
        """
        found = [] if self.members[one].on else self._candidates(one)
        if found:
            self._hang(one, found[0])
        changed = [one]
        for other in self._ordered(self.members):
            if other == one or self._root(other) == self._root(one):
                continue
            back = self._joins(other, one)
            if back is None:
                continue
            if not self.members[other].on:
                self._hang(other, back)
                changed.append(other)
            elif self._brings(other, one, back.event):
                root = self._root(other)
                self._hang(root, Found(one, back.event, back.rank))
                changed.append(root)
        self._retell([name for top in changed for name in (top, *self._below(top))], time)
        for name in changed:
            member = self.members[name]
            if member.held is not None and member.on:
                self._let_go(name, time)  # it leads nothing any more

    def _brings(self, other: str, one: str, event: str) -> bool:
        """Whether all that the other hangs on joins as well: two of one event that were apart are
        one by what lies between them, and so is what an earlier event of the table has led to."""
        root, order = self._root(other), list(joins.events())
        if self.members[other].event == event:
            both = all(self._extends(name, event) for name in (other, one, root))
            return both and self._reaches(root, one, event)
        return order.index(event) < order.index(self.members[other].event)

    def _hang(self, one: str, found: Found) -> None:
        self.members[one] = msgspec.structs.replace(
            self.members[one], on=found.on, event=found.event, due=0
        )

    def _candidates(self, one: str) -> list[Found]:
        """What it may hang on, the best first: the earlier event of the table, what leads more, of
        the event that began first, and what is nearer."""
        order = {name: place for place, name in enumerate(joins.events())}
        found = []
        for other in self.members:
            if other == one or self._root(other) == one:
                continue
            may = self._joins(one, other)
            if may is not None:
                near = round(distance(self._place(one), self._place(other)))
                began = self.members[self._root(other)].incident.start
                found.append((order[may.event], may.rank, began, near, other, may))
        return [each[-1] for each in sorted(found, key=lambda each: each[:-1])]

    def _joins(self, one: str, other: str) -> Found | None:
        """Of which event, if any, it is a part where the other extends it."""
        mine, its = self.members[one], self.members[other]
        if its.held is not None or its.incident.origin != mine.incident.origin:
            return None
        said = {part.event: part for part in joins.parts(its.incident) if part.sign.extends}
        if not said:
            return None
        for part in joins.parts(mine.incident):
            there = said.get(part.event)
            if (
                there is not None
                and part.rank >= there.rank
                and refusal(part, there, mine.incident, its.incident) is None
                and self._reaches(one, other, part.event)
            ):
                return Found(other, part.event, there.rank)
        return None

    def _reaches(self, one: str, other: str, event: str) -> bool:
        """Whether the event would not extend further than events do."""
        if not self._extends(one, event):
            return True
        root = self._place(self._root(other))
        reach = joins.events()[event].reach_m
        return same_road(self._place(one), root) or distance(self._place(one), root) <= reach

    def _extends(self, one: str, event: str) -> bool:
        parts = joins.parts(self.members[one].incident)
        return any(part.event == event and part.sign.extends for part in parts)

    def _root(self, one: str) -> str:
        while self.members[one].on:
            one = self.members[one].on
        return one

    def _way(self, one: str) -> tuple[str, ...]:
        """Its source and those of what it hangs on, up to what leads."""
        found = [self.members[one].incident.sources[0]]
        while self.members[one].on:
            one = self.members[one].on
            found.append(self.members[one].incident.sources[0])
        return tuple(found)

    def _below(self, top: str) -> list[str]:
        """All that hangs on it, however far."""
        found, left = list[str](), [top]
        while left:
            above = left.pop(0)
            own = self._ordered(one for one, member in self.members.items() if member.on == above)
            found += own
            left += own
        return found

    # --- what is said of that ---------------------------------------------------------------

    def _retell(self, names: Iterable[str], time: Micros) -> None:
        """Says of each of these which event it is part of, where that is another now."""
        for one in self._ordered(set(names)):
            member, root = self.members[one], self._root(one)
            leads = self.members[root]
            if root == one or (leads.incident.explained_by and leads.due):
                continue  # what led it is over, and it is not one of its own yet
            if member.incident.explained_by != root:
                on = self.members[member.on].incident
                road = same_road(self._place(one), on.place)
                self._say(one, root, self._way(one), "road" if road else "near", time)
                self._raise(root, self.members[one].incident, time)

    def _say(self, one: str, cause: str, via: Sequence[str], why: Why, time: Micros) -> None:
        own = self.members[one].incident
        self._send(
            one,
            msgspec.structs.replace(
                own,
                decided_at=max(time, own.decided_at),
                explained_by=cause,
                via=tuple(via),
                why=why,
            ),
        )

    def _raise(self, root: str, by: Incident, time: Micros) -> None:
        """What leads is as severe as the most severe that it was ever made of."""
        own = self.members[root].incident
        worst = max(own.severity, by.severity, key=SEVERITIES.index)
        if worst != own.severity:
            self._send(
                root,
                msgspec.structs.replace(own, severity=worst, decided_at=max(time, own.decided_at)),
            )

    def _send(self, one: str, amended: Incident) -> None:
        member = self.members[one]
        amended = msgspec.structs.replace(amended, revision=member.incident.revision + 1)
        self.sent.append(amended)
        self.members[one] = msgspec.structs.replace(
            member, incident=amended, added=member.added + 1
        )

    def _amended(self, before: Member, incident: Incident) -> Incident:
        """What the stages before say, with what this one has said of it."""
        own = before.incident
        return msgspec.structs.replace(
            incident,
            revision=incident.revision + before.added,
            decided_at=max(incident.decided_at, own.decided_at),
            severity=max(incident.severity, own.severity, key=SEVERITIES.index),
            explained_by=own.explained_by,
            via=own.via,
            why=own.why,
        )

    # --- what is over -----------------------------------------------------------------------

    def _end(self, before: Member, now: Incident) -> None:
        one, time = now.id, now.decided_at
        if not before.on and not now.part_of and self._peers(one):
            self.members[one] = msgspec.structs.replace(before, held=now)
            return
        root = self._root(one)
        extends = root != one and one in self._peers(root)
        self.sent.append(now)
        self._leave(one, time, at_once=bool(now.part_of))
        if root == one or (held := self.members[root].held) is None:
            return
        if extends:
            held = msgspec.structs.replace(held, end=max(held.end or 0, now.end or 0))
        self.members[root] = msgspec.structs.replace(self.members[root], held=held)
        if not self._peers(root):
            self._let_go(root, time)

    def _let_go(self, one: str, time: Micros) -> None:
        """The end of what led, which was held back."""
        member = self.members[one]
        held = member.held
        assert held is not None
        own = member.incident
        self.sent.append(
            msgspec.structs.replace(
                held,
                revision=own.revision + 1,
                decided_at=max(time, own.decided_at),
                severity=own.severity,
                explained_by=own.explained_by,
                via=own.via,
                why=own.why,
            )
        )
        self._leave(one, time)

    def _leave(self, one: str, time: Micros, *, at_once: bool = False) -> None:
        """It is gone; what hung on it hangs on what it hung on, or waits for whether it lasts."""
        gone = self.members.pop(one)
        due = time if at_once else time + GRACE
        for other in self._ordered(self.members):
            member = self.members[other]
            if member.on == one:
                alone = "" if gone.on else due
                self.members[other] = msgspec.structs.replace(
                    member, on=gone.on, event=member.event if gone.on else "", due=alone or 0
                )
                if alone and (self._due is None or due < self._due):
                    self._due = due

    def _peers(self, root: str) -> list[str]:
        """What extends the event just as what leads it does, and lasts."""
        own = {(part.event, part.rank) for part in joins.parts(self.members[root].incident)}
        return [
            one
            for one in self._below(root)
            if any(
                part.sign.extends and (part.event, part.rank) in own
                for part in joins.parts(self.members[one].incident)
            )
        ]

    def _place(self, one: str) -> Place:
        place = self.members[one].incident.place
        assert place is not None
        return place

    def _standing(self, one: str) -> tuple[int, Micros, str]:
        return _standing(one, self.members[one].incident)

    def _ordered(self, names: Iterable[str]) -> list[str]:
        return sorted(names, key=self._standing)


def _standing(one: str, incident: Incident) -> tuple[int, Micros, str]:
    """The best of what it is of any event comes first."""
    ranks = [part.rank for part in joins.parts(incident) if part.sign.extends]
    return min(ranks, default=100), incident.start, one


Refusal = Literal["far", "before"]


def refusal(mine: Part, its: Part, one: Incident, other: Incident) -> Refusal | None:
    """Why an incident is no part of the event that another extends; None: it is.

    ``far``: too far away. ``before``: it had begun too long before.
    """
    if one.place is None or other.place is None:
        return "far"
    within = min(mine.sign.within_m, its.sign.within_m) if mine.sign.extends else mine.sign.within_m
    if not same_road(one.place, other.place) and distance(one.place, other.place) > within:
        return "far"
    before = max(mine.sign.before, its.sign.before) if mine.sign.extends else mine.sign.before
    return "before" if one.start < other.start - before else None


def same_road(one: Place | None, other: Place | None) -> bool:
    """Whether both lie on one road segment."""
    return bool(one and other and one.segment and one.segment == other.segment)


def distance(one: Place, other: Place) -> float:
    """Metres, as the crow flies; within a city. Sums and products only: the same on any machine."""
    a, b = one.point, other.point
    if a is None or b is None:
        return inf
    middle = (a[0] + b[0]) / 2.0 * RADIANS_PER_DEGREE
    square = middle * middle
    cosine = 1.0 - square / 2.0 * (1.0 - square / 12.0 * (1.0 - square / 30.0))
    north = (a[0] - b[0]) * METRES_PER_DEGREE
    east = (a[1] - b[1]) * METRES_PER_DEGREE * cosine
    return sqrt(north * north + east * east)
