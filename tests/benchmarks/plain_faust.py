"""The contender that a user of Faust would write: one agent, one JSON record a reading, no scores.

``python -m tests.benchmarks.plain_faust TOPIC`` stores until it is killed.
"""

import sys
from typing import Any

import faust
import psycopg
from psycopg import sql

from streams.settings import load
from tests.benchmarks.workloads import METRICS

BATCH = 500
"""Readings that are inserted at once."""


class Reading(faust.Record, serializer="json"):
    source: str
    gateway: str
    time: str
    flow: float
    occupancy: float
    speed: float


INSERT = (
    "INSERT INTO readings"
    " (time, source, metric, value, anomaly_score, late, origin, model, gateway)"
    " VALUES (%s, %s, %s, %s, NULL, false, 'simulated', '', %s)"
)


def main() -> None:
    settings = load()
    app = faust.App(
        f"{settings.namespace}.plain",
        broker=f"kafka://{settings.bootstrap}",
        store="memory://",
        datadir=str(settings.state_dir / "plain"),
        topic_partitions=settings.partitions,
        web_enabled=False,
        consumer_auto_offset_reset="earliest",
    )
    connection = psycopg.connect(settings.database)
    schema = sql.Identifier(settings.namespace)
    connection.execute(sql.SQL("SET search_path TO {}, public").format(schema))

    async def store(readings: Any) -> None:
        rows: list[tuple[Any, ...]] = []
        async for reading in readings:
            for metric in METRICS:
                value = getattr(reading, metric)
                rows.append((reading.time, reading.source, metric, value, reading.gateway))
            if len(rows) >= BATCH * len(METRICS):
                with connection.cursor() as cursor:
                    cursor.executemany(INSERT, rows)
                connection.commit()
                rows.clear()

    app.agent(app.topic(sys.argv[1], value_type=Reading))(store)
    faust.Worker(
        app, loglevel="WARN", redirect_stdouts=False, quiet=True
    ).execute_from_commandline()


if __name__ == "__main__":
    main()
