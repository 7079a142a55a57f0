"""What is an incident of its own once incidents of several kinds are there: begun within so many
minutes, at one source or so near.

Pure; what is decided in the order of time goes in, what is announced and ended comes out. Which
kinds: a table (``streams.kinds.combinations``). Why so: decision 0132.
"""

from collections.abc import Sequence

import msgspec

from streams.events import DAY, Incident, Micros
from streams.incidents.life import conclude
from streams.kinds import combinations as table
from streams.kinds.combination import Combination
from streams.kinds.combinations import Part
from streams.kinds.registry import all_there
from streams.stages.joining import distance, same_road

PROVEN_LATE: Micros = DAY
"""So long after it began an incident may be proven, as rules let what they watch hold as long."""


class Sign(msgspec.Struct, frozen=True, array_like=True):
    """An incident that may be a part."""

    incident: Incident
    """Without what it rests on; with its end, once it is over."""
    metrics: tuple[str, ...] = ()
    """That this shows."""
    over: bool = False
    """It has ended: remembered as long as others may have begun soon enough after it."""

    @property
    def parts(self) -> tuple[Part, ...]:
        return table.parts_of(self.incident.kind, self.metrics)


class Running(msgspec.Struct, frozen=True, array_like=True):
    """One that lasts."""

    incident: Incident
    parts: tuple[str, ...]
    """Ids of the incidents that it is made of."""


class Combined(msgspec.Struct, frozen=True, tag="combined"):
    """What is known of the whole city."""

    signs: tuple[Sign, ...] = ()
    """In the order in which they were proven."""
    running: tuple[Running, ...] = ()

    def has(self, incident: str) -> bool:
        return any(sign.incident.id == incident for sign in self.signs)


class Combining:
    """The combinations of a city from one moment to a later one; what is said is in ``sent``."""

    def __init__(self, known: Combined) -> None:
        self._signs = {sign.incident.id: sign for sign in known.signs}
        self._running = {one.incident.id: one for one in known.running}
        self.sent: list[Incident] = []

    @property
    def combined(self) -> Combined:
        return Combined(tuple(self._signs.values()), tuple(self._running.values()))

    def take(self, incident: Incident) -> None:
        """What is next in the order of proof."""
        over = incident.end is not None or bool(incident.part_of)
        known = self._signs.get(incident.id)
        if known is None and incident.revision == 0:
            self._begin(incident, over)
        elif known is not None and over and not known.over:
            end = incident.end if incident.end is not None else incident.decided_at
            ended = msgspec.structs.replace(known.incident, end=end)
            self._signs[incident.id] = msgspec.structs.replace(known, incident=ended, over=True)
            self._end(incident)

    def _begin(self, incident: Incident, over: bool) -> None:
        metrics = tuple(sorted({proof.metric for proof in incident.evidence}))
        sign = Sign(msgspec.structs.replace(incident, evidence=()), metrics, over)
        if not sign.parts:
            return
        self._forget(incident.decided_at)
        for part in sign.parts:
            if whole := self._whole(sign, part):
                self._announce(part.name, [one.incident for one in whole], incident.decided_at)
        self._signs[incident.id] = sign

    def _announce(self, name: str, parts: list[Incident], time: Micros) -> None:
        incident = all_there(name, parts, table.combinations()[name].severity, time)
        self._running[incident.id] = Running(incident, tuple(one.id for one in parts))
        self.sent.append(incident)

    def _whole(self, sign: Sign, part: Part) -> list[Sign]:
        """It and of each other sign the nearest in time that is near enough, is in no such
        combination yet, and with which all began soon enough; in the order of the table. Empty: one
        is missing."""
        combination = table.combinations()[part.name]
        taken = {
            part_id
            for one in self._running.values()
            if one.incident.subject == part.name
            for part_id in one.parts
        }
        if sign.incident.id in taken:
            return []
        may = []
        for place in range(len(combination.of)):
            fitting = [sign] if place == part.place else self._near(sign, Part(part.name, place))
            fitting = [one for one in fitting if one.incident.id not in taken]
            if not fitting:  # in a storm hundreds are near, and one kind is not there at all
                return []
            may.append(fitting)
        return list(_first(combination, may))

    def _near(self, sign: Sign, part: Part) -> list[Sign]:
        """Those that may be that part beside it, the nearest in time first."""
        combination = table.combinations()[part.name]
        found = (
            one
            for one in self._signs.values()
            if part in one.parts and _together(combination, sign, one)
        )
        return sorted(found, key=lambda one: _apart(sign, one))

    def _end(self, incident: Incident) -> None:
        """Of one whose parts are all over nothing is left."""
        for name, one in list(self._running.items()):
            signs = [self._signs.get(part) for part in one.parts]
            if incident.id in one.parts and all(sign is None or sign.over for sign in signs):
                ends = [sign.incident.end for sign in signs if sign is not None]
                end = max((each for each in ends if each is not None), default=incident.decided_at)
                self.sent.append(conclude(one.incident, end, incident.decided_at))
                del self._running[name]

    def _forget(self, time: Micros) -> None:
        """What is over, and began too long ago for anything that is proven now or later, or at a
        time that has been taken back."""
        longest = max((one.within for one in table.combinations().values()), default=0)
        oldest = time - longest - PROVEN_LATE
        kept = {part for one in self._running.values() for part in one.parts}
        for name, sign in list(self._signs.items()):
            if sign.over and name not in kept and not oldest <= sign.incident.start <= time:
                del self._signs[name]


def _first(
    combination: Combination, may: Sequence[Sequence[Sign]], chosen: tuple[Sign, ...] = ()
) -> tuple[Sign, ...]:
    """One of each, no two the same, that began soon enough: the first that may be. Empty: none."""
    if not may:
        return chosen
    for one in may[0]:
        rest = [
            [other for other in each if other is not one and _soon(combination, one, other)]
            for each in may[1:]
        ]
        if all(rest) and (found := _first(combination, rest, (*chosen, one))):
            return found
    return ()


def _soon(combination: Combination, one: Sign, other: Sign) -> bool:
    return abs(one.incident.start - other.incident.start) <= combination.within


def _together(combination: Combination, one: Sign, other: Sign) -> bool:
    """Whether both may be parts: of one origin, soon enough, and at one source or near enough."""
    first, second = one.incident, other.incident
    if first.origin != second.origin or not _soon(combination, one, other):
        return False
    if set(first.sources) & set(second.sources):
        return True
    if not combination.within_m or first.place is None or second.place is None:
        return False
    if same_road(first.place, second.place):
        return True
    return distance(first.place, second.place) <= combination.within_m


def _apart(one: Sign, other: Sign) -> tuple[Micros, str]:
    return abs(one.incident.start - other.incident.start), other.incident.id
