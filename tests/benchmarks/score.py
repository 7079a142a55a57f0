"""How many readings the ``score`` stage takes, with its model and three rules, without Kafka.

python -m tests.benchmarks.score
"""

import sys
import time

import numpy as np

from streams.events import SECOND, Event, Readings, Rule, Tick
from streams.settings import Settings
from streams.stages.score import Score
from tests.support.loops import GATEWAY, METRICS, START, Driver, controls, loop

SECONDS = 20
CASES = ((50, 100, 5_000), (5_000, 1, 5_000), (1_000, 5, 500), (24, 1, 24))
"""Sources, readings of each a second, rows in a pack."""
RULES = (
    Rule("jam", "congestion", "low"),
    Rule("odd", "anomaly", "low"),
    Rule("s", "silence", "low"),
)


def events(sources: int, rate: int, rows: int) -> list[Event]:
    random = np.random.default_rng(0)
    names = tuple(f"loop-{number}" for number in range(sources))
    made: list[Event] = []
    total = sources * rate
    for second in range(SECONDS):
        begin = START + second * SECOND
        source = np.tile(np.arange(sources), rate).astype("<u2")
        times = begin + 1 + np.repeat(np.arange(rate) * (SECOND // rate), sources)
        flow = random.integers(0, 3, total) * 720.0
        values = np.stack((flow, random.uniform(0, 10, total), random.uniform(30, 50, total)), 1)
        for first in range(0, total, rows):
            part = slice(first, first + rows)
            made.append(
                Readings(
                    GATEWAY,
                    begin + 1 + first,
                    len(made),
                    "simulated",
                    names,
                    METRICS,
                    source[part].tobytes(),
                    times[part].astype("<i8").tobytes(),
                    values[part].tobytes(),
                )
            )
        made.append(Tick(begin + SECOND))
    return made


def main() -> None:
    stage = Score.from_settings(Settings(partitions=1))
    for sources, rate, rows in CASES:
        announced = [loop(f"loop-{number}", period=SECOND) for number in range(sources)]
        driver = Driver(stage).feed(*controls([*announced, *RULES]), Tick(START))
        given = events(sources, rate, rows)
        begin = time.process_time()
        driver.feed(*given)
        took = time.process_time() - begin
        sys.stdout.write(
            f"{sources:5} sources, {rate:3} readings/s each, {rows:4} a pack:"
            f" {sources * rate * SECONDS / took:9,.0f} readings a second of processor time\n"
        )


if __name__ == "__main__":
    main()
