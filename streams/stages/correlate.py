"""Incidents in, correlated incidents out: announced at once, amended behind the watermark.

An announcement passes as soon as its own source proves it. What needs other sources waits until
nothing earlier can come from any upstream, and is then decided in the order of (``decided_at``,
id): so whichever worker was ahead of the others, the result is the same.
"""

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from streams.control import KEY
from streams.events import BadMessage, Incident, Micros, Watermark
from streams.stage import Output, Position, Result
from streams.stages.grouping import Groups, decide, segment_of
from streams.topics import CORRELATED, INCIDENTS

SEGMENT = "segment/"
"""Keys of the state: one for each road segment on which anything happened."""


def upstream(stage: str, topic: str, partition: int) -> str:
    """The name of one of those whose watermarks are waited for."""
    return f"{stage}/{topic}/{partition}"


class Upstreams(msgspec.Struct, frozen=True, tag="upstreams"):
    """The last watermark of every upstream."""

    watermarks: dict[str, Micros] = {}
    tick: Micros = 0
    """How far event time has come at the furthest upstream."""

    def least(self, names: Iterable[str]) -> Micros:
        """Nothing earlier than this is to come from any of them."""
        return min((self.watermarks.get(name, 0) for name in names), default=0)


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
        self._upstreams = frozenset(upstreams)

    def step(self, state: Mapping[str, Any], event: Any, at: Position) -> Result:  # noqa: ARG002
        match event:
            case Incident():
                return _hear(state, event)
            case Watermark():
                return self._advance(state, event)
        raise BadMessage("wrong_type", f"{type(event).__name__} is no incident")

    def _advance(self, state: Mapping[str, Any], event: Watermark) -> Result:
        known: Upstreams = state.get(KEY, Upstreams())
        name = upstream(event.stage, event.topic, event.partition)
        before = known.watermarks.get(name, 0)
        if event.time <= before:
            return Result()
        now = Upstreams({**known.watermarks, name: event.time}, max(known.tick, event.tick))
        changes: dict[str, Any] = {KEY: now}
        least = known.least(self._upstreams)
        if before > least:  # others are behind
            return Result(changes)
        passed = now.least(self._upstreams)
        if passed == least:
            return Result(changes)
        due: list[tuple[Micros, str, int, str]] = []
        for key, segment in state.items():
            if isinstance(segment, Segment) and segment.waiting:
                ready = [i for i in segment.waiting if i.decided_at < passed]
                due += [(i.decided_at, i.id, i.revision, key) for i in ready]
        outputs: list[Output] = []
        for _, id_, revision, key in sorted(due):
            segment = changes.get(key) or state[key]
            incident = next(i for i in segment.waiting if (i.id, i.revision) == (id_, revision))
            groups, amended = decide(segment.groups, incident)
            waiting = tuple(i for i in segment.waiting if i is not incident)
            changes[key] = Segment(groups, waiting)
            outputs += [_output(each) for each in amended]
        return Result(changes, tuple(outputs))


def _hear(state: Mapping[str, Any], incident: Incident) -> Result:
    segment = segment_of(incident)
    changes = {}
    if segment:
        before = state.get(SEGMENT + segment, Segment())
        changes[SEGMENT + segment] = msgspec.structs.replace(
            before, waiting=(*before.waiting, incident)
        )
    at_once = incident.revision == 0 or not segment
    outputs = (_output(incident),) if at_once else ()
    return Result(changes, outputs, {"accepted": 1})


def _output(incident: Incident) -> Output:
    segment = incident.place.segment if incident.place else ""
    return Output(CORRELATED, incident, segment or incident.sources[0])
