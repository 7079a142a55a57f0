"""The contender that a user of Bytewax would write, as its documentation has it: a dataflow from
its Kafka source to a sink of our own, in batches; no scores.

``python -m tests.benchmarks.bytewax_flow NUMBER ADDRESSES`` stores until it is killed: the
process of that number, of a cluster at these addresses.
"""

import sys
from typing import Any

from bytewax import operators
from bytewax.connectors.kafka import KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.run import cli_main

from streams.database import connect
from streams.events import Readings, decode
from streams.settings import Settings, load
from streams.topics import READINGS, physical
from tests.benchmarks.raw_loop import store, unpacked

PACKS = 16
"""That become one COPY; a thousand unless it is said, which is all there is."""
Rows = list[tuple[object, ...]]


class Part(StatelessSinkPartition[Any]):
    """One worker's connection."""

    def __init__(self, settings: Settings) -> None:
        self._connection = connect(settings, "bytewax").__enter__()

    def write_batch(self, items: list[Any]) -> None:
        store(self._connection, items)

    def close(self) -> None:
        self._connection.close()


class Table(DynamicSink[Any]):
    """The table of readings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def build(self, _step_id: str, _worker_index: int, _worker_count: int) -> Part:
        return Part(self._settings)


def rows(messages: list[Any]) -> Rows:
    found: Rows = []
    for message in messages:
        if isinstance(message, KafkaSourceMessage):
            event, _ = decode(message.headers, message.value)
            if isinstance(event, Readings):
                found += unpacked(event)
    return found


def flow(settings: Settings) -> Dataflow:
    found = Dataflow("readings")
    topics = [physical(settings.namespace, READINGS)]
    source = KafkaSource([settings.bootstrap], topics, batch_size=PACKS)
    packs = operators.input("packs", found, source)
    operators.output("table", operators.flat_map_batch("rows", packs, rows), Table(settings))
    return found


if __name__ == "__main__":
    cli_main(flow(load()), process_id=int(sys.argv[1]), addresses=sys.argv[2].split(";"))
