"""Readings that come an hour late, as after an outage: looked for before they are stored."""

from streams.events import HOUR, SECOND, Tick
from streams.topics import READINGS
from tests.benchmarks import report
from tests.benchmarks.bed import Bed
from tests.benchmarks.readings import PARTS
from tests.benchmarks.report import Figure, compared
from tests.benchmarks.rounds import Rate, in_turn
from tests.benchmarks.workloads import (
    METRICS,
    READINGS_A_SECOND,
    START,
    Loops,
    Published,
    announced,
    everywhere,
    measurements,
    sensors,
)

SECONDS = 30
RESUMED = range(8)
"""Seconds of ticks after the hour: until five are over, what is under way is not late."""
ABOUT = "readings that come an hour late, from Kafka to committed rows that were looked for first"


def measure(bed: Bed, rounds: int) -> dict[str, Figure]:
    """The figure ``readings_late``, beside the same readings in time."""
    contenders = {"late": late(), "in_time": measurements(SECONDS)}
    found = in_turn(
        {name: lambda work=work: _stored(bed, work) for name, work in contenders.items()}, rounds
    )
    ours = found.pop("late")
    unit, per = "readings/s", report.READINGS
    return {"readings_late": compared(ours, found, {}, unit=unit, per=per, about=ABOUT)}


def late() -> list[Published]:
    made: list[Published] = []
    for second in RESUMED:
        made += everywhere(Tick(START + HOUR + second * SECOND, True))
    city = Loops()
    for second in range(SECONDS):
        made += [(READINGS, pack, pack.gateway) for pack in city.packs(second, offset=SECOND // 2)]
    return made


def _stored(bed: Bed, work: list[Published]) -> Rate:
    with bed.namespace() as ground:
        ground.announce(announced(sensors(), START), *PARTS)
        ground.publish(work)
        for part, name in PARTS:
            ground.run(part, name)
        rows = ground.committed("readings", SECONDS * READINGS_A_SECOND * len(METRICS))
    return Rate(rows.value / len(METRICS), rows.cores)
