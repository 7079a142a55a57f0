"""A seeded hour of everything that sources do wrong, and what whoever sends it knows of it."""

import math
import random
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import NamedTuple

import msgspec
import numpy as np

from models.scorer import METRICS
from streams.events import (
    DAY,
    HOUR,
    MINUTE,
    SECOND,
    ControlChange,
    Event,
    Micros,
    Place,
    Readings,
    Rule,
    Source,
    Tick,
    new_frame,
)
from streams.topics import FRAMES, READINGS
from tests.support import malformed

START: Micros = 1_800_000_000 * SECOND // HOUR * HOUR
STEP: Micros = 30 * SECOND
STEPS = HOUR // STEP
GATEWAYS, SENSORS = ("gw-a", "gw-b", "gw-c"), 6
CAMERAS = ("cam-1", "cam-2")
HELD = range(20, 60)
"""Steps of which a gateway without a link uploads everything later, twice, and in other packs."""
LINKED_AGAIN = 100
JAM_EVERY, JAM_LASTS, JAMMED = 15 * MINUTE, 5 * MINUTE, 3
"""Of each gateway's sensors those from this number on stand in a jam now and then."""
AFTER: Micros = 12 * MINUTE
"""Ticks go on until nothing waits and everything has been said."""

Row = tuple[str, Micros, tuple[float, ...]]


class Sent(NamedTuple):
    """A message of the hour: an event for everybody has no topic, and raw bytes no event."""

    topic: str
    key: str
    event: Event | None
    value: bytes = b""


class Hour:
    """Messages in order; what has been sent is noted as it is made.

    Args:
        seed: the same one makes the same hour.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._sequence = 0
        self.values: Counter[str] = Counter()
        """By source, empty for one that is not known: values, and pictures."""
        self.told: dict[tuple[str, str, Micros], set[float]] = defaultdict(set)
        """By source, metric and time that can be believed: everything that was said."""

    def sources(self) -> list[Source]:
        place = Place(20.85, 106.68, "street-1")
        loops = [
            Source(name, "loop", name, name, "simulated", place, gateway, period=STEP)
            for gateway in GATEWAYS
            for name in sensors(gateway)
        ]
        cameras = [
            Source(name, "camera", name, name, "simulated", place, period=STEP) for name in CAMERAS
        ]
        return loops + cameras

    def messages(self) -> Iterator[Sent]:
        rules = (
            Rule("jam", "congestion", "medium", parameters={"hold_seconds": 60.0}),
            Rule("quiet", "silence", "low"),
        )
        changes = (*self.sources(), *rules)
        yield from _all(Tick(START))
        for number, change in enumerate(changes, 1):
            yield from _all(ControlChange(number, START, change))
        picture = malformed.picture(self._random, 64, 36)
        held: list[Row] = []
        late: list[tuple[int, str, list[Row]]] = []
        for step in range(1, STEPS + 1):
            now = START + step * STEP
            for at in range(now - STEP + 5 * SECOND, now, 5 * SECOND):
                yield from _all(Tick(at))
            for gateway in GATEWAYS:
                rows = self._rows(gateway, now - SECOND)
                if gateway == GATEWAYS[-1] and step in HELD:
                    held += rows
                else:
                    yield from self._say(gateway, rows, late, step)
            due = [one for one in late if one[0] <= step]
            late = [one for one in late if one[0] > step]
            for _, gateway, rows in due:
                yield self._pack(gateway, rows)
            if step == LINKED_AGAIN:
                yield from self._upload(GATEWAYS[-1], held)
            for camera in CAMERAS:
                yield from self._pictures(camera, now - SECOND, picture)
            yield from _all(Tick(now))
        for at in range(START + HOUR + 5 * SECOND, START + HOUR + AFTER, 5 * SECOND):
            yield from _all(Tick(at))

    def _rows(self, gateway: str, time: Micros) -> list[Row]:
        chance = self._random
        jam = (time - START) % JAM_EVERY < JAM_LASTS
        rows: list[Row] = []
        for number, name in enumerate(sensors(gateway)):
            flow = 60.0 * chance.randrange(10, 20)
            stands = jam and number >= JAMMED
            values = (flow, 80.0, 3.0) if stands else (flow, float(chance.randrange(30)), 40.0)
            rows.append((name, time, values))
        return rows

    def _say(
        self, gateway: str, rows: list[Row], late: list[tuple[int, str, list[Row]]], step: int
    ) -> Iterator[Sent]:
        """The readings of a gateway, most of them with something wrong."""
        chance, (name, time, values) = self._random, rows[0]
        match chance.randrange(14):
            case 0:
                again = self._pack(gateway, rows)
                yield again
                yield self._note(again)
                return
            case 1:
                for metric, column in zip(METRICS, range(len(METRICS)), strict=True):
                    one = [(name, time, (values[column],)) for name, time, values in rows]
                    yield self._pack(gateway, one, (metric,))
                return
            case 2:  # the last one counts
                yield self._pack(gateway, [(name, time, (values[0] + 60, *values[1:]))])
            case 3:
                bad = chance.choice([math.inf, -math.inf, -5.0, 1e9])
                rows[0] = name, time, (values[0], bad, values[2])
            case 4:
                rows[0] = name, time, (math.nan,) * 3
            case 5:
                rows.append(("nobody", time, values))
            case 6:
                rows.append((rows[1][0], time - 90 * DAY, values))
                rows.append((rows[1][0], time + 2 * DAY, values))
            case 7:
                junk = tuple(f"m{number}" for number in range(30))
                one = [(name, time, (*values, *range(30)))]
                yield self._pack(gateway, one, (*METRICS, *junk))
                return
            case 8:  # its link is slow
                late.append((step + chance.randrange(1, 25), gateway, rows[3:]))
                rows = rows[:3]
            case 9:  # what is stored is corrected
                other = [(name, time, (values[0] + 1, *values[1:]))]
                late.append((step + chance.randrange(15, 25), gateway, other))
            case 10:
                self.values[""] += 1
                yield Sent(READINGS, gateway, None, b"\xc1" * chance.randrange(1, 40))
            case 11:  # something that cannot be used comes after what can
                yield self._pack(gateway, rows)
                rows = [(name, time, (math.inf, *values[1:]))]
            case 12:  # its clock is ahead
                rows[0] = name, time + 3 * MINUTE, values
        yield self._pack(gateway, rows)

    def _upload(self, gateway: str, rows: list[Row]) -> Iterator[Sent]:
        for size in (17, 11):
            self._random.shuffle(rows)
            for first in range(0, len(rows), size):
                yield self._pack(gateway, rows[first : first + size])

    def _pictures(self, camera: str, time: Micros, picture: bytes) -> Iterator[Sent]:
        self._sequence += 1
        frame = new_frame(camera, time, self._sequence, "simulated", picture)
        self.values[camera] += 1
        match self._random.randrange(8):
            case 0:
                self.values[camera] += 1
                yield Sent(FRAMES, camera, frame)
            case 1:
                broken = picture[: self._random.randrange(20, len(picture) // 2)]
                frame = new_frame(camera, time, self._sequence, "simulated", broken)
            case 2:
                frame = new_frame(camera, time - MINUTE, self._sequence, "simulated", picture)
        yield Sent(FRAMES, camera, frame)

    def _pack(self, gateway: str, rows: list[Row], metrics: tuple[str, ...] = METRICS) -> Sent:
        self._sequence += 1
        names = tuple(dict.fromkeys(name for name, _, _ in rows))
        pack = Readings(
            gateway,
            START + self._sequence,
            self._sequence,
            "simulated",
            names,
            metrics,
            np.array([names.index(name) for name, _, _ in rows], "<u2").tobytes(),
            np.array([time for _, time, _ in rows], "<i8").tobytes(),
            np.array([values for _, _, values in rows], "<f8").tobytes(),
        )
        return self._note(Sent(READINGS, gateway, pack))

    def _note(self, sent: Sent) -> Sent:
        """Counts what it says, without asking the product."""
        pack = msgspec.convert(sent.event, Readings, from_attributes=True)
        source, times, values = pack.arrays()
        for place, time, row in zip(source.tolist(), times.tolist(), values.tolist(), strict=True):
            name = pack.sources[place]
            said = {
                metric: value
                for metric, value in zip(pack.metrics, row, strict=True)
                if not math.isnan(value)
            }
            self.values["" if name == "nobody" else name] += max(1, len(said))
            for metric, value in said.items():
                if name != "nobody" and metric in METRICS and abs(time - START) < DAY:
                    self.told[name, metric, time].add(value)
        return sent


def sensors(gateway: str) -> list[str]:
    return [f"{gateway}-loop-{number}" for number in range(SENSORS)]


def _all(event: Event) -> Iterator[Sent]:
    yield Sent("", "", event)
