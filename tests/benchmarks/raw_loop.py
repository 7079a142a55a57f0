"""The contender that does no more than it must: the same packs from Kafka into the same table.

kafka-python with crc32c, msgspec, binary COPY; no scores, no order, nothing kept across a crash.
``python -m tests.benchmarks.raw_loop`` stores until it is killed.
"""

from collections.abc import Iterable
from typing import Any

import numpy as np
import psycopg
from kafka import KafkaConsumer, TopicPartition

from streams.database import connect
from streams.events import Readings, decode, to_datetime
from streams.settings import load
from streams.tables.readings import TABLE
from streams.topics import READINGS, physical

Connection = psycopg.Connection[Any]
BATCH = 20_000
STATEMENT = f"COPY {TABLE.name} ({', '.join(TABLE.columns)}) FROM STDIN (FORMAT BINARY)"


def main() -> None:
    settings = load()
    consumer = KafkaConsumer(
        bootstrap_servers=settings.bootstrap, group_id=None, enable_auto_commit=False
    )
    topic = physical(settings.namespace, READINGS)
    consumer.assign([TopicPartition(topic, n) for n in range(settings.partitions)])
    consumer.seek_to_beginning()
    rows: list[tuple[object, ...]] = []
    with connect(settings, "raw_loop") as connection:
        while True:
            came = consumer.poll(timeout_ms=200)
            for records in came.values():
                for record in records:
                    event, _ = decode(record.headers, record.value)
                    if isinstance(event, Readings):
                        rows += unpacked(event)
            if rows and (len(rows) >= BATCH or not came):
                store(connection, rows)
                rows = []


def store(connection: Connection, rows: Iterable[tuple[object, ...]]) -> None:
    """By binary COPY, committed."""
    with connection.cursor() as cursor, cursor.copy(STATEMENT) as copying:
        copying.set_types(TABLE.types)
        for row in rows:
            copying.write_row(row)
    connection.commit()


def unpacked(pack: Readings) -> list[tuple[object, ...]]:
    source, times, values = pack.arrays()
    names = [pack.sources[index] for index in source.tolist()]
    values = np.asarray(values)
    return [
        (to_datetime(time), name, metric, value, None, False, pack.origin, "", pack.gateway, None)
        for name, time, measured in zip(names, times.tolist(), values.tolist(), strict=True)
        for metric, value in zip(pack.metrics, measured, strict=True)
    ]


if __name__ == "__main__":
    main()
