"""Incidents in, grouped incidents out: announced at once, amended behind the watermark.

An announcement passes as soon as its own source proves it. What needs other sources waits until
nothing earlier can come from any upstream, and is then decided in the order of (``decided_at``,
id): so whichever worker was ahead of the others, the result is the same.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from streams.control import KEY
from streams.events import BadMessage, ControlChange, Incident, Sums, Watermark
from streams.stage import Output, Position, Result
from streams.stages.grouping import Groups, decide, segment_of
from streams.stages.upstreams import Passed, Upstreams, advance
from streams.topics import CITY, GROUPED, INCIDENTS

SEGMENT = "segment/"
"""Keys of the state: one for each road segment on which anything happened."""


class Segment(msgspec.Struct, frozen=True, tag="segment"):
    """What is known of one stretch of road."""

    groups: Groups = ()
    waiting: tuple[Incident, ...] = ()
    """Announcements and amendments that the watermark has not passed."""


class Correlate:
    """Args: ``upstreams`` (see ``upstream``): all that there are, since a fixed set is waited for.

    One that is silent holds amendments back, never announcements; there is no time-out.
    """

    name = "correlate"
    reads = INCIDENTS
    state_type = Upstreams | Segment
    blocking = False
    prepare = None

    def __init__(self, upstreams: Iterable[str]) -> None:
        self.upstreams = frozenset(upstreams)

    def step(self, state: Mapping[str, Any], event: Any, at: Position) -> Result:
        match event:
            case Incident():
                return _hear(state, event)
            case Watermark():
                return self._advance(state, event, at)
            case ControlChange() | Sums():
                return Result(outputs=(Output(GROUPED, event, partition=CITY),))
        raise BadMessage("wrong_type", f"{type(event).__name__} is no incident")

    def _advance(self, state: Mapping[str, Any], event: Watermark, at: Position) -> Result:
        known: Upstreams = state.get(KEY, Upstreams())
        passed = advance(known, self.upstreams, event)
        if passed is None:
            return Result()
        if passed.until is None:
            result = Result({KEY: passed.now})
        else:
            due = known.waiting
            if not passed.since:
                due = {key: first for key, first in due.items() if first < passed.until}
            result = _release({key: state[key] for key in due}, passed)
        onward = passed.onward(known, self.upstreams)
        if onward is None:
            return result
        told = Watermark(self.name, self.reads, at.partition, *onward, passed.since)
        return result._replace(outputs=(*result.outputs, Output(GROUPED, told, partition=CITY)))


def _release(found: dict[str, Segment], passed: Passed) -> Result:
    """Decides what is due by when it was proven, on the segments ``found`` by their keys."""
    now = passed.now
    outputs: list[Output] = []
    for _, id_, revision, key in sorted(
        (i.decided_at, i.id, i.revision, key)
        for key, segment in found.items()
        for i in segment.waiting
        if passed.is_due(i.decided_at)
    ):
        segment = found[key]
        incident = next(i for i in segment.waiting if (i.id, i.revision) == (id_, revision))
        groups, amended = decide(segment.groups, incident)
        found[key] = Segment(groups, tuple(i for i in segment.waiting if i is not incident))
        outputs += [_output(each) for each in amended]
    left = {
        key: min(i.decided_at for i in segment.waiting)
        for key, segment in found.items()
        if segment.waiting
    }
    waits = {key: first for key, first in now.waiting.items() if key not in found} | left
    return Result({**found, KEY: msgspec.structs.replace(now, waiting=waits)}, tuple(outputs))


def _hear(state: Mapping[str, Any], incident: Incident) -> Result:
    segment = segment_of(incident)
    changes: dict[str, Any] = {}
    if segment:
        key = SEGMENT + segment
        before = state.get(key, Segment())
        changes[key] = msgspec.structs.replace(before, waiting=(*before.waiting, incident))
        known: Upstreams = state.get(KEY, Upstreams())
        first = min(known.waiting.get(key, incident.decided_at), incident.decided_at)
        waiting = {**known.waiting, key: first}
        changes[KEY] = msgspec.structs.replace(known, waiting=waiting)
    at_once = incident.revision == 0 or not segment
    outputs = (_output(incident),) if at_once else ()
    return Result(changes, outputs, {"accepted": 1})


def _output(incident: Incident) -> Output:
    return Output(GROUPED, incident, partition=CITY)
