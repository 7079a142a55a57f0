"""Readings a second from Kafka, scored and judged, into committed rows; against two contenders."""

import json
from contextlib import closing

from streams.events import Readings, to_rfc3339
from streams.kafka.clients import administering
from streams.kafka.publisher import Publisher
from streams.topics import physical
from tests.benchmarks.bed import Bed, Ground, Rate
from tests.benchmarks.report import Figure, compared
from tests.benchmarks.workloads import METRICS, READINGS_A_SECOND, Published, measurements

SECONDS = 90
"""Of readings; a run takes about half a minute. After 36 of its readings a loop is scored."""
PLAIN_SHARE = 30
"""Plain Faust gets so small a part of it: it is that much slower."""
PLAIN_TOPIC = "plain"
GOALS = {"plain_faust": 10.0, "raw_loop": 0.5}
ABOUT = "readings from Kafka through score to committed rows"


def measure(bed: Bed, rounds: int) -> dict[str, Figure]:
    """The figure ``readings_e2e``."""
    work = measurements(SECONDS)
    some = measurements(SECONDS // PLAIN_SHARE)
    ours, plain, raw = [], [], []
    cores: dict[str, float] = {}
    for _ in range(rounds):
        rate, cores = _ours(bed, work)
        ours.append(rate)
        plain.append(_plain_faust(bed, some).value)
        raw.append(_raw_loop(bed, work).value)
    others = {
        name: [rate / len(METRICS) for rate in rates]
        for name, rates in (("plain_faust", plain), ("raw_loop", raw))
    }
    ours = [rate / len(METRICS) for rate in ours]
    figure = compared(ours, others, GOALS, unit="readings/s", about=ABOUT, cores=cores)
    return {"readings_e2e": figure}


def _ours(bed: Bed, work: list[Published]) -> Rate:
    with bed.namespace() as ground:
        ground.publish(work)
        ground.run("writer")
        ground.run("streams", "streams-1")
        return _stored(ground, SECONDS * READINGS_A_SECOND)


def _raw_loop(bed: Bed, work: list[Published]) -> Rate:
    with bed.namespace() as ground:
        ground.publish(work)
        ground.fleet.start("raw_loop", "-m", "tests.benchmarks.raw_loop")
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
    """Of rows, one for each metric."""
    return ground.committed("readings", readings * len(METRICS))
