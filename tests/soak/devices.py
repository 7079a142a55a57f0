"""Devices whose links are slow, that repeat, correct and send what cannot be used, as time goes by.

Unlike ``tests/support/hour.py`` they go by the clock: for a stack that runs.
"""

import math
import random
from collections import Counter

import numpy as np

from models.scorer import METRICS
from streams.events import DAY, MINUTE, SECOND, Micros, Readings
from streams.kafka.publisher import Publisher
from streams.topics import READINGS

GATEWAY, SENSORS = "gw-soak", 24
EVERY: Micros = 5 * SECOND
OUTAGE, OUTAGE_LASTS = 10 * MINUTE, 2 * MINUTE
"""Once in so long a third of them have no link, and upload everything afterwards, twice."""

Row = tuple[str, Micros, tuple[float, ...]]


class Devices:
    """Args: ``began``: event time, from which outages are counted."""

    def __init__(self, publisher: Publisher, seed: int, began: Micros) -> None:
        self._publisher, self._random, self._began = publisher, random.Random(seed), began
        self._sequence = 0
        self._late: list[tuple[Micros, list[Row]]] = []
        self._held: list[Row] = []
        self.sent: Counter[str] = Counter()
        """Values by source; under no name those of none that is known."""

    @staticmethod
    def names() -> list[str]:
        return [f"{GATEWAY}-{number}" for number in range(SENSORS)]

    def step(self, now: Micros) -> None:
        chance = self._random
        rows = [
            (name, now, (60.0 * chance.randrange(20), float(chance.randrange(60)), 40.0))
            for name in self.names()
        ]
        if (now - self._began) % OUTAGE < OUTAGE_LASTS:
            self._held += rows[: SENSORS // 3]
            rows = rows[SENSORS // 3 :]
        elif self._held:
            self._upload()
        due = [late for at, late in self._late if at <= now]
        self._late = [one for one in self._late if one[0] > now]
        for late in due:
            self._pack(late, now)
        name, time, values = rows[-1]
        match chance.randrange(8):
            case 0:
                self._pack(rows, now)
            case 1:
                self._late.append((now + chance.randrange(10, 400) * SECOND, rows[-6:]))
                rows = rows[:-6]
            case 2:
                again = [(name, time, (values[0] + 60, *values[1:]))]
                self._late.append((now + chance.randrange(60, 400) * SECOND, again))
            case 3:
                rows[-1] = name, time, (values[0], chance.choice([math.inf, -7.0, 1e9]), math.nan)
            case 4:
                rows[-1] = name, time, (math.nan,) * 3
            case 5:
                rows += [("nobody", time, values), (name, time - 90 * DAY, values)]
        self._pack(rows, now)

    def finish(self, now: Micros) -> None:
        """Everything that is held back is sent."""
        self._upload()
        for _, late in self._late:
            self._pack(late, now)
        self._late = []
        self._publisher.flush()

    def _upload(self) -> None:
        for size in (97, 41):
            self._random.shuffle(self._held)
            for first in range(0, len(self._held), size):
                self._pack(self._held[first : first + size], self._held[first][1])
        self._held = []

    def _pack(self, rows: list[Row], now: Micros) -> None:
        self._sequence += 1
        names = tuple(dict.fromkeys(name for name, _, _ in rows))
        pack = Readings(
            GATEWAY,
            now + self._sequence,
            self._sequence,
            "simulated",
            names,
            METRICS,
            np.array([names.index(name) for name, _, _ in rows], "<u2").tobytes(),
            np.array([time for _, time, _ in rows], "<i8").tobytes(),
            np.array([values for _, _, values in rows], "<f8").tobytes(),
        )
        self._publisher.publish(READINGS, pack, GATEWAY)
        for name, _, values in rows:
            said = sum(not math.isnan(value) for value in values)
            self.sent["" if name == "nobody" else name] += max(1, said)
