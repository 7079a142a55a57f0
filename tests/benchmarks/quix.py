"""The contender that a user of Quix Streams would write, as its documentation has it: an
application whose packs become rows, and a batching sink that stores them; no scores.

``python -m tests.benchmarks.quix`` stores until it is killed; several share the partitions.
"""

from typing import Any

from quixstreams import Application
from quixstreams.sinks import BatchingSink, SinkBatch

from streams.database import connect
from streams.events import Readings, decode
from streams.settings import load
from streams.topics import READINGS, physical
from tests.benchmarks.raw_loop import Connection, store, unpacked

COMMIT_SECONDS = 1.0
"""What is stored is committed so often, offsets with it; five seconds unless it is said."""


class Table(BatchingSink):
    """The table of readings."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._connection = connection

    def write(self, batch: SinkBatch) -> None:
        store(self._connection, (item.value for item in batch))


def rows(value: bytes, _key: Any, _timestamp: int, headers: Any) -> list[tuple[object, ...]]:
    event, _ = decode(headers, value)
    return unpacked(event) if isinstance(event, Readings) else []


def main() -> None:
    settings = load()
    application = Application(
        broker_address=settings.bootstrap,
        consumer_group=f"{settings.namespace}.quix",
        auto_offset_reset="earliest",
        auto_create_topics=False,
        commit_interval=COMMIT_SECONDS,
        loglevel="WARNING",
    )
    topic = application.topic(
        physical(settings.namespace, READINGS), key_deserializer="bytes", value_deserializer="bytes"
    )
    with connect(settings, "quix") as connection:
        frame = application.dataframe(topic)
        frame.apply(rows, expand=True, metadata=True).sink(Table(connection))
        application.run()


if __name__ == "__main__":
    main()
