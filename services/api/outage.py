"""How long each part that reads may be away, as measured every now and then."""

import threading
from collections.abc import Iterable

from streams.events import Heartbeat
from streams.kafka.clients import BrokerAwayError
from streams.kafka.outage import Budget, Reads, budgets
from streams.kafka.partition_logs import Log, Place, measure
from streams.pipeline import PATH
from streams.settings import Settings
from streams.tables.writer import PART as WRITER
from streams.tables.writer import TOPICS
from streams.topics import CORRELATED

MEASURED_SECONDS = 15.0
ANSWER_SECONDS = 3.0

READS: Reads = {
    **{step.stage: (step.reads,) for step in PATH},
    WRITER: TOPICS,
    "alerts": (CORRELATED,),
}


def measured(settings: Settings) -> dict[Place, Log]:
    """The logs that somebody reads; empty where Kafka does not answer."""
    topics = sorted({topic for topics in READS.values() for topic in topics})
    try:
        return measure(settings, topics, ANSWER_SECONDS)
    except BrokerAwayError:
        return {}


class Outages:
    """Of a long-running process: measured in a thread of its own, as nobody waits for Kafka."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._logs: dict[Place, Log] = {}
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="outages", daemon=True)
        self._thread.start()

    def budgets(self, heartbeats: Iterable[Heartbeat]) -> list[Budget]:
        """As of the last measurement; none where Kafka did not answer."""
        return budgets(self._logs, heartbeats, READS)

    def close(self) -> None:
        """Stops the thread; waits two seconds at most."""
        self._closing.set()
        self._thread.join(2)

    def _run(self) -> None:
        while not self._closing.is_set():
            self._logs = measured(self._settings)
            self._closing.wait(MEASURED_SECONDS)
