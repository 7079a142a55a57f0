"""Readings a second from Kafka, scored and judged, into committed rows; against five contenders."""

import json
from contextlib import closing

from deploy.local import ports
from streams.events import Readings, to_rfc3339
from streams.kafka.clients import administering
from streams.kafka.publisher import Publisher
from streams.topics import physical
from tests.benchmarks import copying, report
from tests.benchmarks.bed import Bed, Ground
from tests.benchmarks.raw_loop import unpacked
from tests.benchmarks.report import Figure, compared
from tests.benchmarks.rounds import Rate, in_turn
from tests.benchmarks.workloads import (
    METRICS,
    READINGS_A_SECOND,
    START,
    Published,
    announced,
    measurements,
    sensors,
)

SECONDS = 90
"""Of readings; a run takes about half a minute. After 36 of its readings a loop is scored."""
PLAIN_SHARE = 30
"""Plain Faust gets so small a part of it: it is that much slower."""
PLAIN_TOPIC = "plain"
PARTS = (("writer", "writer"), ("streams", "streams-1"))
RIVALS = ("quix", "bytewax")
"""Stream processors that a city could take instead."""
RIVAL_PROCESSES = 2
"""As many as ours: a worker and a writer."""
GOALS = {"plain_faust": 10.0, "raw_loop": 0.5, "quix": 3.0, "bytewax": 3.0}
ABOUT = "readings from Kafka through score to committed rows"


def measure(bed: Bed, rounds: int) -> dict[str, Figure]:
    """The figure ``readings_e2e``."""
    work = measurements(SECONDS)
    some = measurements(SECONDS // PLAIN_SHARE)
    found = in_turn(
        {
            "ours": lambda: _ours(bed, work),
            "plain_faust": lambda: _plain_faust(bed, some),
            "raw_loop": lambda: _raw_loop(bed, work),
            "quix": lambda: _quix(bed, work),
            "bytewax": lambda: _bytewax(bed, work),
            "database_alone": lambda: _database_alone(bed, work),
        },
        rounds,
    )
    ours = found.pop("ours")
    unit, per = "readings/s", report.READINGS
    return {"readings_e2e": compared(ours, found, GOALS, unit=unit, per=per, about=ABOUT)}


def _ours(bed: Bed, work: list[Published]) -> Rate:
    with bed.namespace() as ground:
        ground.announce(announced(sensors(), START), *PARTS)
        ground.publish(work)
        for part, name in PARTS:
            ground.run(part, name)
        return _stored(ground, SECONDS * READINGS_A_SECOND)


def _raw_loop(bed: Bed, work: list[Published]) -> Rate:
    with bed.namespace() as ground:
        ground.publish(work)
        ground.fleet.start("raw_loop", "-m", "tests.benchmarks.raw_loop")
        return _stored(ground, SECONDS * READINGS_A_SECOND)


def _quix(bed: Bed, work: list[Published]) -> Rate:
    """Processes of one group share the partitions."""
    with bed.namespace() as ground:
        ground.publish(work)
        for number in range(1, RIVAL_PROCESSES + 1):
            ground.rival(f"quix-{number}", "-m", "tests.benchmarks.quix")
        return _stored(ground, SECONDS * READINGS_A_SECOND)


def _bytewax(bed: Bed, work: list[Published]) -> Rate:
    """Processes of a cluster that know each other's addresses."""
    with bed.namespace() as ground:
        ground.publish(work)
        addresses = ";".join(f"127.0.0.1:{ports.free()}" for _ in range(RIVAL_PROCESSES))
        for number in range(RIVAL_PROCESSES):
            module = "-m", "tests.benchmarks.bytewax_flow"
            ground.rival(f"bytewax-{number + 1}", *module, str(number), addresses)
        return _stored(ground, SECONDS * READINGS_A_SECOND)


def _database_alone(bed: Bed, work: list[Published]) -> Rate:
    with bed.namespace() as ground:
        rows = [
            row for _, event, _ in work if isinstance(event, Readings) for row in unpacked(event)
        ]
        path = ground.fleet.logs / "rows"
        copying.encode(ground.settings, rows, path)
        ground.fleet.start("database_alone", "-m", "tests.benchmarks.copying", str(path))
        return _stored(ground, SECONDS * READINGS_A_SECOND)


def _plain_faust(bed: Bed, work: list[Published]) -> Rate:
    with bed.namespace() as ground:
        values = [
            value
            for _, event, _ in work
            if isinstance(event, Readings)
            for value in _one_by_one(event)
        ]
        topic = physical(ground.settings.namespace, PLAIN_TOPIC)
        with administering(ground.settings) as client:
            client.create_topics({topic: {"num_partitions": ground.settings.partitions}})
        with closing(Publisher(ground.settings, "bench")) as publisher:
            for number, value in enumerate(values):
                partition = number % ground.settings.partitions
                publisher.publish_raw(PLAIN_TOPIC, partition, [], value)
            publisher.flush()
        ground.fleet.start("plain_faust", "-m", "tests.benchmarks.plain_faust", topic)
        return _stored(ground, len(values))


def _one_by_one(pack: Readings) -> list[bytes]:
    source, times, values = pack.arrays()
    return [
        json.dumps(
            {
                "source": pack.sources[index],
                "gateway": pack.gateway,
                "time": to_rfc3339(time),
                **dict(zip(pack.metrics, measured, strict=True)),
            }
        ).encode()
        for index, time, measured in zip(
            source.tolist(), times.tolist(), values.tolist(), strict=True
        )
    ]


def _stored(ground: Ground, readings: int) -> Rate:
    """Of readings; each gives a row for each metric."""
    rows = ground.committed("readings", readings * len(METRICS))
    return Rate(rows.value / len(METRICS), rows.cores)
