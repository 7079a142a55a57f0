"""Incidents in, correlated incidents out; for now each passes through as it was announced."""

from collections.abc import Mapping
from typing import Any

import msgspec

from streams.events import BadMessage, Incident, Micros, Watermark
from streams.stage import Output, Position, Result
from streams.stages.control import KEY
from streams.topics import CORRELATED, INCIDENTS


class Upstreams(msgspec.Struct, frozen=True, tag="upstreams"):
    """The last watermark of every upstream (stage, topic, partition), written ``a/b/0``."""

    watermarks: dict[str, Micros] = {}

    @property
    def tick(self) -> Micros:
        """How far event time has come at the furthest upstream."""
        return max(self.watermarks.values(), default=0)


class Correlate:
    """Grouping across sources will wait for the watermark; announcing never does."""

    name = "correlate"
    reads = INCIDENTS
    state_type = Upstreams
    blocking = False
    prepare = None

    def step(self, state: Mapping[str, Any], event: Any, at: Position) -> Result:  # noqa: ARG002
        match event:
            case Incident():
                segment = event.place.segment if event.place else ""
                output = Output(CORRELATED, event, segment or event.sources[0])
                return Result(outputs=(output,), counts={"accepted": 1})
            case Watermark():
                upstream = f"{event.stage}/{event.topic}/{event.partition}"
                known: Upstreams = state.get(KEY, Upstreams())
                if event.time <= known.watermarks.get(upstream, 0):
                    return Result()
                return Result({KEY: Upstreams({**known.watermarks, upstream: event.time})})
        raise BadMessage("wrong_type", f"{type(event).__name__} is no incident")
