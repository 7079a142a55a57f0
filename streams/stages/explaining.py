"""What is down because of what it depends on: a consequence of that, and no alert of its own.

Pure; what is decided in the order of time goes in, what is amended comes out. An asset is down
while an incident says so; that is a consequence of the incident of the nearest thing above it that
is down, and of what that in turn is a consequence of. Why so: decision 0073.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec

from streams.events import MINUTE, SECOND, Incident, Micros
from streams.events.incidents import Why
from streams.incidents.life import conclude
from streams.kinds.registry import is_down, may_be_explained, suspect
from streams.stages.topology import Graph

EARLIER: Micros = 5 * MINUTE
"""So much earlier than its cause a consequence may have begun: sources speak once in a while, and
nobody knows when between two readings they failed."""
GRACE: Micros = 5 * MINUTE
"""So long after its cause is over a consequence may last, until it is an alert of its own …"""
GRACE_PERIODS = 2
"""… or so many of its source's periods, where that is longer: it has to be heard first."""
MOST_GRACE: Micros = 60 * MINUTE
SERIES = 6
"""Values of its evidence that an incident keeps while it lasts; history has all of them."""


SHARE = 0.8
LEAST = 5
"""What does not report is suspected where so large a share of those that depend on it went down
together, and so many: by chance that happens in few of a hundred, even where 40 % are down."""
TOGETHER: Micros = 3 * MINUTE
"""How near to one another they began: those of one outage do so by one or two of their periods."""
SETTLES: Micros = 15 * SECOND
"""So long is waited for more of them, so that a feeder is suspected and not each of its poles."""
LASTS = 0.5
"""It is over when no more than this share of them is down."""


class Down(msgspec.Struct, frozen=True, array_like=True):
    """An incident that lasts, and says that its source is down or may be a consequence."""

    incident: Incident
    """As it was last sent."""
    down: bool
    explained: bool
    """As its kind says: whether others may be explained by it, and whether it may be explained."""
    added: int = 0
    """Revisions that were sent beyond those of the stages before."""
    due: Micros = 0
    """When it is one of its own, as its cause is over; 0: that lasts, or there is none."""
    suspected: bool = False
    """Whether this stage itself said it, of what does not report."""

    @property
    def source(self) -> str:
        return self.incident.sources[0]


class Over(msgspec.Struct, frozen=True, array_like=True):
    """An incident that is over, while what is proven late may still be its consequence."""

    source: str
    cause: str
    """Whatever it was a consequence of, or itself."""
    start: Micros
    end: Micros
    until: Micros
    via: tuple[str, ...]
    """From the source to the cause's."""
    origin: str


class City(msgspec.Struct, frozen=True, tag="city"):
    """What is known of the whole city."""

    downs: dict[str, Down] = {}
    """By the incident's id."""
    over: dict[str, Over] = {}
    up: dict[str, str] = {}
    """Assets that are up again while their cause lasts, and which that is: what is still down
    below them is not down because of it."""

    suspects: dict[str, Micros] = {}
    """Assets that may be suspected, and when that is decided."""

    @property
    def next_due(self) -> Micros | None:
        """When something becomes due by time alone; None: nothing does."""
        due = [down.due for down in self.downs.values() if down.due]
        due += self.suspects.values()
        return min([*due, *(over.until for over in self.over.values())], default=None)


class Found(NamedTuple):
    """A cause."""

    cause: str
    via: tuple[str, ...]
    why: Why
    due: Micros = 0


class Explaining:
    """A city from one moment to a later one; ``sent`` is what is amended meanwhile, in order."""

    def __init__(self, city: City, graph: Graph) -> None:
        self.graph = graph
        self.downs = dict(city.downs)
        self.over = dict(city.over)
        self.up = dict(city.up)
        self.suspects = dict(city.suspects)
        self.sent: list[Incident] = []
        self._at: dict[str, list[str]] = {}
        for one, down in self.downs.items():
            self._at.setdefault(down.source, []).append(one)
        self._over_at: dict[str, list[str]] = {}
        for one, over in self.over.items():
            self._over_at.setdefault(over.source, []).append(one)
        self._dues = city.next_due

    @property
    def city(self) -> City:
        """As it is now."""
        return City(self.downs, self.over, self.up, self.suspects)

    # --- what happens -----------------------------------------------------------------------

    def take(self, incident: Incident) -> None:
        """What is next in the order of proof. An announcement has been sent already."""
        before = self.downs.get(incident.id)
        if before is None:
            down, explained = is_down(incident), may_be_explained(incident)
            new = Down(incident, down, explained)
        else:
            own = before.incident
            new = msgspec.structs.replace(
                before,
                incident=msgspec.structs.replace(
                    incident,
                    revision=incident.revision + before.added,
                    decided_at=max(incident.decided_at, own.decided_at),
                    explained_by=own.explained_by,
                    via=own.via,
                    why=own.why,
                ),
            )
        if incident.revision:
            self.sent.append(new.incident)
        time = incident.decided_at
        if incident.end is not None:
            if before is not None:
                self._end(before, new.incident, time)
            return
        self.downs[incident.id] = msgspec.structs.replace(new, incident=light(new.incident))
        if before is None:
            self._at.setdefault(new.source, []).append(incident.id)
            if new.down:
                self.up.pop(new.source, None)
            below = self._below([new.source]) if new.down else []
            self._review([incident.id, *below], time)
            if new.down:
                self._look(new.source, time)

    def become(self, graph: Graph, time: Micros) -> None:
        """Assets or their parents are others now, or what they explain."""
        self.graph = graph
        self._review(list(self.downs), time)
        self._clear([down.source for down in self.downs.values() if down.suspected], time)

    def pass_on(self, until: Micros) -> None:
        """What becomes due by time alone, before ``until``."""
        while self._dues is not None and self._dues < until:
            time = self._dues
            for one in [one for one, over in self.over.items() if over.until <= time]:
                self._over_at[self.over.pop(one).source].remove(one)
            due = sorted(one for one, down in self.downs.items() if 0 < down.due <= time)
            for one in due:
                self._say(one, Found("", (), "outlasts"), time)
            self._review([*due, *self._below(self.downs[one].source for one in due)], time)
            ripe = [name for name, when in self.suspects.items() if when <= time]
            self._suspect(ripe, time)
            self._dues = self.city.next_due

    def undo(self) -> None:
        """Event time has gone back: nothing becomes due by a time that was wrong."""
        self.over, self._over_at, self.up, self.suspects = {}, {}, {}, {}
        for one, down in self.downs.items():
            self.downs[one] = msgspec.structs.replace(down, due=0)
        self._dues = None

    def _end(self, before: Down, incident: Incident, time: Micros) -> None:
        del self.downs[incident.id]
        self._at[before.source].remove(incident.id)
        if not before.down or incident.end is None:
            return
        cause = incident.explained_by or incident.id
        still = any(self.downs[one].down for one in self._at[before.source])
        if incident.explained_by in self.downs and incident.unknown_since is None and not still:
            self.up[before.source] = incident.explained_by
        self.up = {name: of for name, of in self.up.items() if of != incident.id}
        via = incident.via or (before.source,)
        end, until = incident.end, time + GRACE
        self.over[incident.id] = Over(
            before.source, cause, incident.start, end, until, via, incident.origin
        )
        self._over_at.setdefault(before.source, []).append(incident.id)
        self._become_due(until)
        self._review(self._below([before.source]), time)
        if not before.suspected:
            self._clear(self.graph.mute(before.source), time)

    # --- what does not report ---------------------------------------------------------------

    def _look(self, source: str, time: Micros) -> None:
        """Something has gone down: what it depends on, and does not report, may be why."""
        if not self.graph.on:
            return
        for name in self.graph.mute(source):
            if name in self.suspects or self._is_down(name):
                continue
            members = self.graph.reporters(name)
            if sum(map(self._is_down, members)) >= max(LEAST, SHARE * len(members)):
                self.suspects[name] = time + SETTLES
                self._become_due(time + SETTLES)

    def _suspect(self, names: Sequence[str], time: Micros) -> None:
        """Those of which most went down first: what explains those is looked at for no other."""
        for name in names:
            del self.suspects[name]
        left = list(names)
        while left:
            found = [(len(self._together(name)), name) for name in left]
            most, name = min(found, key=lambda one: (-one[0], self._depth(one[1]), one[1]))
            left.remove(name)
            of = len(self.graph.reporters(name))
            if self._is_down(name) or most < max(LEAST, SHARE * of):
                continue
            down = [self.downs[one].incident for one in self._together(name)]
            incident = suspect(name, down, of, time)
            self.sent.append(incident)
            self.downs[incident.id] = Down(incident, True, True, suspected=True)
            self._at.setdefault(name, []).append(incident.id)
            self._review([incident.id, *self._below([name])], time)

    def _together(self, name: str) -> list[str]:
        """Of what depends on it and reports, one incident each of as many as went down together,
        of one origin, and not because of anything else."""
        below = self.graph.below([name])
        found: dict[str, list[tuple[Micros, str]]] = {}
        for member in self.graph.reporters(name):
            for one in self._at.get(member, ()):
                incident = self.downs[one].incident
                cause = self.downs.get(incident.explained_by)
                free = not incident.explained_by or (
                    cause and cause.suspected and cause.source in below
                )
                if self.downs[one].down and free:
                    found.setdefault(incident.origin, []).append((incident.start, one))
        most: dict[str, str] = {}
        for _, began in sorted(found.items()):
            began.sort()
            first = 0
            for last, (start, _) in enumerate(began):
                while began[first][0] < start - TOGETHER:
                    first += 1
                near = {self.downs[one].source: one for _, one in began[first : last + 1]}
                if len(near) > len(most):
                    most = near
        return sorted(most.values())

    def _depth(self, name: str) -> int:
        """How many of the others it stands upon: of two of which as many went down, it is the
        nearer that is suspected."""
        return len(self.graph.below([name]))

    def _clear(self, names: Iterable[str], time: Micros) -> None:
        """Something is up again, or is no more: what was suspected of these may be over."""
        for name in names:
            own = [one for one in self._at.get(name, ()) if self.downs[one].suspected]
            members = self.graph.reporters(name)
            dead = sum(map(self._is_down, members))
            if own and (dead <= LASTS * len(members) or not self.graph.on):
                for one in own:
                    before = self.downs[one]
                    over = conclude(before.incident, time, time)
                    self.sent.append(over)
                    self._end(before, over, time)

    def _is_down(self, name: str) -> bool:
        return any(self.downs[one].down for one in self._at.get(name, ()))

    # --- who is whose consequence -----------------------------------------------------------

    def _below(self, sources: Iterable[str]) -> list[str]:
        """Incidents that last of all that depends on these, however far."""
        found = [one for name in self.graph.below(sources) for one in self._at.get(name, ())]
        return list(dict.fromkeys(found))

    def _review(self, ids: Iterable[str], time: Micros) -> None:
        """Says of each of these what it is a consequence of, where that is now something else."""
        known: dict[str, Found | None] = {}
        lasting = {one for one in ids if one in self.downs}
        started = sorted((self.downs[one].incident.start, one) for one in lasting)
        for _, one in started:
            down, found = self.downs[one], self._cause(one, known)
            own = down.incident
            if not self.graph.on:
                if own.explained_by:
                    self._say(one, Found("", (), "off"), time)
            elif found is None:
                if own.explained_by and not down.due:
                    self._wait(one, time + self._grace(down.source))
            elif found.cause != own.explained_by:
                self._say(one, found, time)
            elif found.due != down.due:
                self._wait(one, found.due)

    def _say(self, one: str, found: Found, time: Micros) -> None:
        down = self.downs[one]
        amended = msgspec.structs.replace(
            down.incident,
            revision=down.incident.revision + 1,
            decided_at=max(time, down.incident.decided_at),
            explained_by=found.cause,
            via=found.via,
            why=found.why,
        )
        self.sent.append(amended)
        self.downs[one] = msgspec.structs.replace(
            down, incident=amended, added=down.added + 1, due=found.due
        )
        self._become_due(found.due)

    def _wait(self, one: str, due: Micros) -> None:
        self.downs[one] = msgspec.structs.replace(self.downs[one], due=due)
        self._become_due(due)

    def _become_due(self, time: Micros) -> None:
        if time and (self._dues is None or time < self._dues):
            self._dues = time

    def _grace(self, source: str) -> Micros:
        return max(GRACE, min(GRACE_PERIODS * self.graph.period(source), MOST_GRACE))

    def _cause(self, one: str, known: dict[str, Found | None]) -> Found | None:
        """What an incident is a consequence of; None: of nothing that lasts.

        Args:
            known: of other incidents, at the same moment; added to.
        """
        if one in known:
            return known[one]
        known[one] = None  # assets do not depend on themselves; incidents of a graph that did, end
        down = self.downs[one]
        if self.graph.on and down.explained:
            known[one] = self._above(down, known) or self._late(down)
        return known[one]

    def _above(self, down: Down, known: dict[str, Found | None]) -> Found | None:
        for wave in self._waves(down.source):
            candidates = [
                (self.downs[one].incident.start, one, path)
                for name, path in wave.items()
                for one in self._at.get(name, ())
                if self._explains(self.downs[one], down)
            ]
            if not candidates:
                continue
            _, one, path = min(candidates)
            parent = self.downs[one]
            further = self._cause(one, known)
            why: Why = "again" if down.due else "depends"
            if further is not None:
                return Found(further.cause, (*path[:-1], *further.via), why)
            if parent.incident.explained_by:  # that is over, and it is not one of its own yet
                return Found(parent.incident.explained_by, (*path[:-1], *parent.incident.via), why)
            return Found(one, path, why)
        return None

    def _late(self, down: Down) -> Found | None:
        """Of one that was proven when its cause was over."""
        if down.incident.explained_by or down.incident.why:
            return None
        for wave in self._waves(down.source):
            candidates = [
                (over.start, one, path)
                for name, path in wave.items()
                for one in self._over_at.get(name, ())
                if began_with((over := self.over[one]).start, down.incident.start)
                and down.incident.start <= over.end + EARLIER
                and over.origin == down.incident.origin
            ]
            if candidates:
                _, one, path = min(candidates)
                over = self.over[one]
                due = over.until - GRACE + self._grace(down.source)
                return Found(over.cause, (*path[:-1], *over.via), "late", due)
        return None

    def _waves(self, source: str) -> Iterator[Mapping[str, tuple[str, ...]]]:
        """What it depends on, the nearest first: assets, and the way to each."""
        seen = {source}
        wave: dict[str, tuple[str, ...]] = {source: (source,)}
        while wave:
            after: dict[str, tuple[str, ...]] = {}
            for name, path in wave.items():
                if name in self.up and name != source:
                    continue
                for parent in self.graph.parents(name):
                    if parent not in seen:
                        seen.add(parent)
                        after[parent] = (*path, parent)
            wave = after
            if wave:
                yield wave

    def _explains(self, parent: Down, child: Down) -> bool:
        """Whether what is down above may be why the other is."""
        if not parent.down or parent.incident.origin != child.incident.origin:
            return False
        if child.incident.explained_by:
            return True  # it went down with what it depends on, and has not come back since
        return began_with(parent.incident.start, child.incident.start)


def began_with(parent: Micros, child: Micros) -> bool:
    """Whether what began at ``child`` may be because of what began at ``parent``."""
    return child >= parent - EARLIER


def light(incident: Incident) -> Incident:
    """Without most of its evidence: a storm has thousands, and the state is written at once."""
    evidence = tuple(
        msgspec.structs.replace(one, series=one.series[-SERIES:]) for one in incident.evidence
    )
    return msgspec.structs.replace(incident, evidence=evidence)
