"""Incidents in, correlated incidents out: announced at once, amended behind the watermark.

An announcement passes as soon as its own source proves it. What needs other sources waits until
nothing earlier can come from any upstream, and is then decided in the order of (``decided_at``,
id): so whichever worker was ahead of the others, the result is the same.
"""

from collections.abc import Callable, Iterable, Mapping
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


class Undone(msgspec.Struct, frozen=True, array_like=True):
    """Event time has gone back at an upstream."""

    since: Micros
    """Of the stretch that is undone."""
    watermark: Micros
    """The upstream's last since."""


class Upstreams(msgspec.Struct, frozen=True, tag="upstreams"):
    """The last watermark of every upstream."""

    watermarks: dict[str, Micros] = {}
    tick: Micros = 0
    """How far event time has come at the furthest upstream."""
    waiting: dict[str, Micros] = {}
    """Keys of the segments on which something waits, to the first time at which it was proven: so
    a watermark costs nothing on all the others."""
    later: dict[str, tuple[Undone, ...]] = {}
    """Of the upstreams whose event time has gone back while that of others has not yet."""

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
        self.upstreams = frozenset(upstreams)

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
        if known.later or (event.wrong_since and name in self.upstreams):
            return self._go_back(state, known, name, event)
        before = known.watermarks.get(name, 0)
        if event.time <= before:
            return Result()
        now = msgspec.structs.replace(
            known,
            watermarks={**known.watermarks, name: event.time},
            tick=max(known.tick, event.tick),
        )
        least = known.least(self.upstreams)
        if before > least:  # others are behind
            return Result({KEY: now})
        passed = now.least(self.upstreams)
        if passed == least:
            return Result({KEY: now})
        found = {key: state[key] for key, first in known.waiting.items() if first < passed}
        return _release(found, now, lambda time: time < passed)

    def _go_back(
        self, state: Mapping[str, Any], known: Upstreams, name: str, event: Watermark
    ) -> Result:
        """While event time has gone back at some upstreams and not at others, nothing is decided.

        Two stretches of time would be mixed, by who was ahead. Once it has at all of them, what is
        left of the stretch that is undone is decided, in its order, before anything that is new.
        """
        gone = known.later.get(name, ())
        if event.wrong_since:
            gone = (*gone, Undone(event.wrong_since, event.time))
        elif gone:
            gone = (*gone[:-1], Undone(gone[-1].since, max(event.time, gone[-1].watermark)))
        else:
            time = max(event.time, known.watermarks.get(name, 0))
            known = msgspec.structs.replace(known, watermarks={**known.watermarks, name: time})
        later = {**known.later, name: gone} if gone else known.later
        if not self.upstreams <= later.keys():
            return Result({KEY: msgspec.structs.replace(known, later=later)})
        now = msgspec.structs.replace(
            known,
            watermarks={each: undone[0].watermark for each, undone in later.items()},
            tick=event.tick,
            later={each: undone[1:] for each, undone in later.items() if undone[1:]},
        )
        since = min(undone[0].since for undone in later.values())
        passed = now.least(self.upstreams)
        found = {key: state[key] for key in known.waiting}
        return _release(found, now, lambda time: time >= since or time < passed)


def _release(found: dict[str, Segment], now: Upstreams, due: Callable[[Micros], bool]) -> Result:
    """Decides what is due by when it was proven, on the segments ``found`` by their keys."""
    outputs: list[Output] = []
    for _, id_, revision, key in sorted(
        (i.decided_at, i.id, i.revision, key)
        for key, segment in found.items()
        for i in segment.waiting
        if due(i.decided_at)
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
    segment = incident.place.segment if incident.place else ""
    return Output(CORRELATED, incident, segment or incident.sources[0])
