"""A city of a few counted systems, whose readings come in and out of time; what is made of it."""

import random
from collections.abc import Iterable, Sequence

import numpy as np

from streams.events import (
    MINUTE,
    SECOND,
    ControlChange,
    Event,
    Micros,
    Origin,
    Place,
    Readings,
    Source,
    Tick,
)
from streams.indicators.summing import EVERY
from streams.runtime.offline import Offline
from streams.runtime.partition import Partition
from streams.stages.correlate import Correlate
from streams.stages.explain import Explain
from streams.stages.score import Score
from streams.stages.upstreams import upstream
from streams.topics import INCIDENTS, READINGS

HOUR_START: Micros = 1_795_003_200 * SECOND
"""2026-11-18T12:00:00Z."""
START = HOUR_START - 2 * EVERY

Row = tuple[str, Micros, dict[str, float]]
Told = tuple[str, Event, str]


def source(name: str, kind: str, gateway: str) -> Source:
    return Source(
        *(name, kind, name, name, "simulated", Place(20.85, 106.68), gateway),
        period=60 * SECOND,
    )


def pack(
    gateway: str, rows: Sequence[Row], sequence: int, time: Micros, origin: Origin = "simulated"
) -> Readings:
    """Rows that measure the same metrics."""
    metrics = tuple(rows[0][2])
    names = tuple(dict.fromkeys(row[0] for row in rows))
    return Readings(
        gateway=gateway,
        time=time,
        sequence=sequence,
        origin=origin,
        sources=names,
        metrics=metrics,
        source=np.array([names.index(row[0]) for row in rows], "<u2").tobytes(),
        times=np.array([row[1] for row in rows], "<i8").tobytes(),
        values=np.array([[row[2][name] for name in metrics] for row in rows], "<f8").tobytes(),
    )


def stages(partitions: int) -> list[Score | Correlate | Explain]:
    return [
        Score({}, partitions),
        Correlate(upstream("score", READINGS, number) for number in range(partitions)),
        Explain(upstream("correlate", INCIDENTS, number) for number in range(partitions)),
    ]


class Reloading(Offline):
    """Each partition goes through its stored form after every event."""

    def drain(self) -> None:
        for place, run in enumerate(self.runs):
            log = self.logs[run.stage.reads, run.number]
            now = run
            while now.next_offset < len(log):
                self._step(now, *log[now.next_offset])
                now = Partition.decode(now.stage, now.number, self.partitions, now.encode())
            self.runs[place] = now


def ran(events: Iterable[Told], partitions: int = 3, *, reload: bool = False) -> Offline:
    offline = (Reloading if reload else Offline)(stages(partitions), partitions)
    for topic, event, key in events:
        if isinstance(event, Tick | ControlChange):
            offline.publish_everywhere(event)
            if isinstance(event, Tick):
                offline.drain()
        else:
            offline.publish(topic, event, key)
    return offline


def connected(*sources: Source) -> list[Told]:
    return [
        (READINGS, ControlChange(number, START, each), "")
        for number, each in enumerate(sources, start=1)
    ]


STATIONS = {f"bts-{n}": f"operator-{n % 3}" for n in range(7)}
GATES = {"gate-1": "port", "gate-2": "port", "gate-3": "customs-side"}
SEGMENTS = {"segment-1": "maps", "segment-2": "maps"}


def city() -> list[Source]:
    kinds = ((STATIONS, "base_station"), (GATES, "port_gate"), (SEGMENTS, "travel_segment"))
    return [source(name, kind, gw) for of, kind in kinds for name, gw in of.items()]


def day(minutes: int, seed: int = 1, down: Sequence[int] = ()) -> list[Told]:
    """So many minutes of the city: some readings late, some twice, some corrected.

    Args:
        down: minutes in which no base station works.
    """
    chance = random.Random(seed)
    events = [*connected(*city()), (READINGS, Tick(START), "")]
    sequence, late = 0, list[tuple[int, str, Row]]()
    for minute in range(minutes):
        now = START + minute * MINUTE
        events.append((READINGS, Tick(now + MINUTE), ""))
        due: dict[str, list[Row]] = {}
        for name, gateway in STATIONS.items():
            up = 0.0 if minute in down or chance.random() < 0.02 else 1.0
            row: Row = (name, now + chance.randrange(50) * SECOND, {"in_service": up})
            _route(chance, late, due, minute, gateway, row)
        for name, gateway in GATES.items():
            row = (name, now + 7 * SECOND, {"lorries_waiting": float(chance.randrange(50))})
            due.setdefault(gateway, []).append(row)
        for name, gateway in SEGMENTS.items():
            values = {
                "sampled_vehicles": float(chance.randrange(1, 900)),
                "speed": round(chance.uniform(7, 40), 2),
            }
            _route(chance, late, due, minute, gateway, (name, now + 9 * SECOND, values))
        for when, gateway, row in [each for each in late if each[0] <= minute]:
            late.remove((when, gateway, row))
            due.setdefault(gateway, []).append(row)
        for gateway in sorted(due):
            for metrics in sorted({tuple(row[2]) for row in due[gateway]}):
                rows = [row for row in due[gateway] if tuple(row[2]) == metrics]
                sequence += 1
                packed = pack(gateway, rows, sequence, now + 55 * SECOND + sequence % 1000)
                events.append((READINGS, packed, gateway))
    return events


def _route(
    chance: random.Random,
    late: list[tuple[int, str, Row]],
    due: dict[str, list[Row]],
    minute: int,
    gateway: str,
    row: Row,
) -> None:
    """Most come in time, some late, some late and again with another value."""
    draw = chance.random()
    if draw < 0.04:
        late.append((minute + chance.randrange(4, 15), gateway, row))
        return
    due.setdefault(gateway, []).append(row)
    if draw < 0.08:
        again = (row[0], row[1], {name: value / 2 for name, value in row[2].items()})
        late.append((minute + chance.randrange(4, 15), gateway, again if draw < 0.06 else row))
