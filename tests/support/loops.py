"""A small city of loops, and the ``score`` stage driven through it, for tests of that stage."""

from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from models.scorer import METRICS
from streams.events import (
    SECOND,
    ControlChange,
    Event,
    Incident,
    Micros,
    Place,
    Readings,
    Rule,
    Scored,
    Source,
    Tick,
)
from streams.feeds.registry import all_feeds
from streams.stage import Output, Position
from streams.stages.score import Score
from streams.topics import READINGS

LATENESS = all_feeds()["induction_loops"].lateness


START: Micros = 1_795_000_000 * SECOND
GATEWAY = "gw-1"
PERIOD = 5 * SECOND

Row = tuple[str, Micros, float, float, float]
"""Source, time, flow, occupancy, speed."""


class SumScorer:
    """A scorer whose result rests on every feature of its own row and on no other row."""

    id = "sum@1"

    def __init__(self) -> None:
        self.calls: list[int] = []

    def score(self, features: NDArray[np.float32]) -> NDArray[np.uint16]:
        self.calls.append(len(features))
        weights = np.arange(1, features.shape[1] + 1)
        return (np.abs(features.astype(np.float64) * weights).sum(axis=1) % 1000).astype(np.uint16)


def loop(name: str, gateway: str = GATEWAY, period: Micros = PERIOD) -> Source:
    place = Place(20.85, 106.68, f"street-{name}")
    return Source(name, "loop", name, name, "simulated", place, gateway, period=period)


def pack(rows: Sequence[Row], sequence: int, time: Micros = 0, gateway: str = GATEWAY) -> Readings:
    names = tuple(dict.fromkeys(row[0] for row in rows))
    return Readings(
        gateway=gateway,
        time=time or max((row[1] for row in rows), default=START),
        sequence=sequence,
        origin="simulated",
        sources=names,
        metrics=METRICS,
        source=np.array([names.index(row[0]) for row in rows], "<u2").tobytes(),
        times=np.array([row[1] for row in rows], "<i8").tobytes(),
        values=np.array([row[2:] for row in rows], "<f8").reshape(-1, 3).tobytes(),
    )


def controls(changes: Iterable[Any], first: int = 1, time: Micros = START) -> list[ControlChange]:
    return [ControlChange(first + number, time, change) for number, change in enumerate(changes)]


class Driver:
    """One partition of the stage; ``feed`` keeps what it emitted."""

    def __init__(self, stage: Score | None = None) -> None:
        self.stage = stage or Score({SumScorer.id: SumScorer()}, 1)
        self.state: dict[str, Any] = {}
        self.outputs: list[Output] = []
        self.counts: dict[str, int] = {}
        self.offset = 0

    def feed(self, *events: Event) -> "Driver":
        for event in events:
            result = self.stage.step(self.state, event, Position(READINGS, 0, self.offset))
            self.state.update(result.changes)
            self.outputs += result.outputs
            for name, count in result.counts.items():
                self.counts[name] = self.counts.get(name, 0) + count
            self.offset += 1
        return self

    def city(self, *sources: str, rules: Sequence[Rule] = ()) -> "Driver":
        return self.feed(*controls([*map(loop, sources), *rules]), Tick(START))

    def reload(self) -> None:
        """The state goes through its stored form."""
        decoder = msgspec.msgpack.Decoder(self.stage.state_type)
        self.state = {
            key: decoder.decode(msgspec.msgpack.encode(value)) for key, value in self.state.items()
        }

    def events(self, kind: type) -> list[Any]:
        return [output.event for output in self.outputs if isinstance(output.event, kind)]

    @property
    def incidents(self) -> list[Incident]:
        return self.events(Incident)

    @property
    def rows(self) -> list[tuple[str, Micros, tuple[float, ...], int, int]]:
        """(source, time, values, score, flags) of everything scored, in the order it came."""
        found = []
        for event in self.events(Scored):
            found += rows_of(event)
        return found


def rows_of(event: Scored) -> list[tuple[str, Micros, tuple[float, ...], int, int]]:
    source = np.frombuffer(event.source, "<u2").tolist()
    values = np.frombuffer(event.values, "<f8").reshape(len(source), len(event.metrics))
    measured = {metric: values[:, i] for i, metric in enumerate(event.metrics)}
    columns = [measured.get(metric, np.full(len(source), np.nan)) for metric in METRICS]
    times = np.frombuffer(event.times, "<i8").tolist()
    scores = np.frombuffer(event.scores, "<u2").tolist()
    flags = np.frombuffer(event.flags, "u1").tolist()
    return [
        (
            event.sources[source[i]],
            times[i],
            # NaN is not equal to itself; what is compared in tests should be.
            tuple(-1.0 if np.isnan(column[i]) else float(column[i]) for column in columns),
            scores[i],
            flags[i],
        )
        for i in range(len(source))
    ]
