"""Grouped incidents in, explained incidents out: what depends on what is down is a consequence,
and what tells of one event is one incident; what is worse together is one more. Sums in,
indicators out.

One stage for the whole city, on one partition, as a feeder crosses all others. An announcement
passes at once; whether it is a consequence, and every later revision of what may be one, is decided
behind the watermark, in the order of time: first what becomes due by time alone, then changes of
the assets, then incidents by (``decided_at``, id, revision).
"""

from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import Any, TypeVar

import msgspec

from streams.control import KEY
from streams.events import BadMessage, ControlChange, Incident, Micros, Sums, Watermark
from streams.incidents.life import place_key
from streams.kinds import combinations, joins
from streams.kinds.registry import is_down, may_be_explained
from streams.stage import SAME_PARTITION, Output, Position, Result
from streams.stages.combining import Combined, Combining
from streams.stages.explaining import City, Explaining
from streams.stages.joining import Events, Joining
from streams.stages.measuring import Measured, Measuring
from streams.stages.topology import Graph, Known, changed, packed
from streams.stages.upstreams import Passed, Upstreams, advance
from streams.topics import CORRELATED, GROUPED

TOPOLOGY, CHANGES, WAITING, DOWN = "topology", "changes", "waiting", "city"
EVENTS, SUMS, MEASURED, COMBINED = "events", "sums", "indicators", "combined"
"""Keys of the state."""


_Timed = TypeVar("_Timed")
_said_at: Callable[[ControlChange], Micros] = attrgetter("time")
_decided_at: Callable[[Incident], Micros] = attrgetter("decided_at")


class Changes(msgspec.Struct, frozen=True, tag="changes"):
    """Changes of assets that the watermark has not passed."""

    waiting: tuple[ControlChange, ...] = ()


class Waiting(msgspec.Struct, frozen=True, tag="waiting"):
    """Announcements and amendments that the watermark has not passed."""

    incidents: tuple[Incident, ...] = ()


class Said(msgspec.Struct, frozen=True, tag="said"):
    """Sums that the watermark has not passed."""

    sums: tuple[Sums, ...] = ()


class Explain:
    """Args: ``upstreams`` (see ``streams.stages.upstreams``): all that there are."""

    name = "explain"
    reads = GROUPED
    state_type = Upstreams | Known | Changes | Waiting | City | Events | Said | Measured | Combined
    blocking = False
    prepare = None

    def __init__(self, upstreams: Iterable[str]) -> None:
        self.upstreams = frozenset(upstreams)
        self._unpacked: tuple[Known, Graph] | None = None
        """The graph of the state that was used last: nothing is decided by whether it is there."""

    def step(self, state: Mapping[str, Any], event: Any, at: Position) -> Result:  # noqa: ARG002
        match event:
            case Incident():
                return _hear(state, event)
            case ControlChange():
                waiting = (*state.get(CHANGES, Changes()).waiting, event)
                return _later(state, CHANGES, Changes(waiting), event.time)
            case Sums():
                said = (*state.get(SUMS, Said()).sums, event)
                return _later(state, SUMS, Said(said), event.time)
            case Watermark():
                return self._advance(state, event)
        raise BadMessage("wrong_type", f"{type(event).__name__} is no incident")

    def _advance(self, state: Mapping[str, Any], event: Watermark) -> Result:
        known: Upstreams = state.get(KEY, Upstreams())
        passed = advance(known, self.upstreams, event)
        if passed is None:
            return Result()
        if passed.until is None:
            return Result({KEY: passed.now})
        city: City = state.get(DOWN, City())
        events: Events = state.get(EVENTS, Events())
        due = min((one for one in (city.next_due, events.next_due) if one), default=None)
        waits = any(passed.is_due(first) for first in known.waiting.values())
        if not waits and not passed.since and (due is None or due >= passed.until):
            return Result({KEY: passed.now})
        return self._release(state, city, events, passed)

    def _release(
        self, state: Mapping[str, Any], city: City, events: Events, passed: Passed
    ) -> Result:
        """Decides what is due, in order."""
        before: Known = state.get(TOPOLOGY, Known())
        graph = self._graph(before)
        changes = state.get(CHANGES, Changes()).waiting
        incidents = state.get(WAITING, Waiting()).incidents
        ripe = [each for each in changes if passed.is_due(each.time)]
        proven = [each for each in incidents if passed.is_due(each.decided_at)]
        found = Explaining(city, graph)
        joined = Joining(events, graph.groups, found.sent)
        combining = Combining(state.get(COMBINED, Combined()))
        said, told = _by_time(ripe, _said_at), _by_time(proven, _decided_at)
        for time in sorted(said.keys() | told.keys()):
            found.pass_on(time + 1)
            joined.pass_on(time + 1)
            if time in said:
                graph = changed(graph, sorted(said[time], key=lambda each: each.sequence))
                found.become(graph, time)
                joined.become(graph.groups, time)
            for incident in sorted(told.get(time, ()), key=lambda each: (each.id, each.revision)):
                if incident.id not in joined.members and _may_be_down(incident, found):
                    found.take(incident)
                else:
                    joined.take(incident)
                combining.take(incident)
        if passed.since:
            found.undo()
            joined.undo()
        elif passed.until is not None:
            found.pass_on(passed.until)
            joined.pass_on(passed.until)
        result: dict[str, Any] = {DOWN: found.city, **_changed(state, combining)}
        if joined.events != events:
            result[EVENTS] = joined.events
        waiting = dict(passed.now.waiting)
        if ripe:
            after = packed(graph)
            self._unpacked = after, graph
            result[TOPOLOGY] = after
            left = tuple(each for each in changes if not passed.is_due(each.time))
            result[CHANGES] = Changes(left)
            _wait(waiting, CHANGES, [each.time for each in left])
        if proven:
            kept = tuple(each for each in incidents if not passed.is_due(each.decided_at))
            result[WAITING] = Waiting(kept)
            _wait(waiting, WAITING, [each.decided_at for each in kept])
        outputs = [_output(each) for each in (*found.sent, *combining.sent)]
        if SUMS in waiting and passed.is_due(waiting[SUMS]):
            measured, left_over, more = _measure(state, passed)
            result |= {MEASURED: measured, SUMS: left_over}
            outputs += more
            _wait(waiting, SUMS, [each.time for each in left_over.sums])
        result[KEY] = msgspec.structs.replace(passed.now, waiting=waiting)
        return Result(result, tuple(outputs))

    def _graph(self, known: Known) -> Graph:
        if self._unpacked is None or self._unpacked[0] is not known:
            self._unpacked = known, Graph.of(known)
        return self._unpacked[1]


def _changed(state: Mapping[str, Any], combining: Combining) -> dict[str, Any]:
    now = combining.combined
    return {COMBINED: now} if now != state.get(COMBINED, Combined()) else {}


def _measure(state: Mapping[str, Any], passed: Passed) -> tuple[Measured, Said, list[Output]]:
    """What is due of the sums, in the order of time."""
    sums = state[SUMS].sums
    found = Measuring(state.get(MEASURED, Measured()))
    told = _by_time((each for each in sums if passed.is_due(each.time)), attrgetter("time"))
    for time in sorted(told):
        found.add(told[time], time)
    outputs = [Output(CORRELATED, each, partition=SAME_PARTITION) for each in found.told]
    outputs += [_output(each) for each in found.incidents]
    left = tuple(each for each in sums if not passed.is_due(each.time))
    return found.measured, Said(left), outputs


def _by_time(
    all_: Iterable[_Timed], time_of: Callable[[_Timed], Micros]
) -> dict[Micros, list[_Timed]]:
    """Once through all of them: a city is as many changes as it has assets."""
    found: dict[Micros, list[_Timed]] = {}
    for each in all_:
        found.setdefault(time_of(each), []).append(each)
    return found


def _may_be_down(incident: Incident, found: Explaining) -> bool:
    return incident.id in found.downs or is_down(incident) or may_be_explained(incident)


def _hear(state: Mapping[str, Any], incident: Incident) -> Result:
    # By its kind alone: an end may say less of what it is about than its beginning.
    table = joins.kinds() | combinations.kinds()
    concerned = is_down(incident) or may_be_explained(incident) or incident.kind in table
    if not concerned and COMBINED in state:  # a table of before had its kind
        concerned = state[COMBINED].has(incident.id)
    at_once = incident.revision == 0 or not concerned
    outputs = (_output(incident),) if at_once else ()
    if not concerned:
        return Result({}, outputs, {"accepted": 1})
    waiting = (*state.get(WAITING, Waiting()).incidents, incident)
    result = _later(state, WAITING, Waiting(waiting), incident.decided_at)
    return result._replace(outputs=outputs, counts={"accepted": 1})


def _later(state: Mapping[str, Any], key: str, waiting: Any, time: Micros) -> Result:
    """Something more waits under ``key``, that was proven at ``time``."""
    known: Upstreams = state.get(KEY, Upstreams())
    first = min(known.waiting.get(key, time), time)
    now = msgspec.structs.replace(known, waiting={**known.waiting, key: first})
    return Result({key: waiting, KEY: now})


def _wait(waiting: dict[str, Micros], key: str, times: list[Micros]) -> None:
    waiting.pop(key, None)
    if times:
        waiting[key] = min(times)


def _output(incident: Incident) -> Output:
    return Output(CORRELATED, incident, place_key(incident))
