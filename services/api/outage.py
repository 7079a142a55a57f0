"""How long each part that reads may be away, as measured every now and then."""

import threading
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress

from streams.events import Heartbeat
from streams.kafka.clients import BrokerAwayError
from streams.kafka.heartbeat import REMEMBERED_SECONDS, read_heartbeats
from streams.kafka.outage import Budget, Reached, budgets
from streams.kafka.partition_logs import Log, Place, Rates, measure
from streams.readers import READS
from streams.settings import Settings
from streams.stamps import steady_clock

MEASURED_SECONDS = 15.0
FIRST_SECONDS = 2.0
"""Between the first two measurements, before which no rate is known."""
ANSWER_SECONDS = 3.0


def measured(settings: Settings, rates: Rates) -> dict[Place, Log]:
    """The logs that somebody reads; empty where Kafka does not answer."""
    topics = sorted({topic for topics in READS.values() for topic in topics})
    try:
        logs = measure(settings, topics, ANSWER_SECONDS)
    except BrokerAwayError:
        return {}
    return rates.take(logs, steady_clock())


def now(settings: Settings, heartbeats: Mapping[str, Heartbeat]) -> list[Budget]:
    """For who does not run long: rates are those of the ``FIRST_SECONDS`` that this takes."""
    rates, reached = Rates(), Reached(READS)
    if not measured(settings, rates):
        return []
    time.sleep(FIRST_SECONDS)
    logs = measured(settings, rates)
    with suppress(BrokerAwayError):
        reached.hear(read_heartbeats(settings, REMEMBERED_SECONDS).values())
    reached.hear(heartbeats.values())
    return budgets(logs, reached.positions, READS)


class Outages:
    """Of a long-running process: measured in a thread of its own, as nobody waits for Kafka."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._rates, self._reached = Rates(), Reached(READS)
        self._logs: dict[Place, Log] = {}
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="outages", daemon=True)
        self._thread.start()

    def budgets(self, heartbeats: Iterable[Heartbeat]) -> list[Budget]:
        """As of the last measurement; none where Kafka did not answer."""
        self._reached.hear(heartbeats)
        return budgets(self._logs, dict(self._reached.positions), READS)

    def close(self) -> None:
        """Stops the thread; waits two seconds at most."""
        self._closing.set()
        self._thread.join(2)

    def _run(self) -> None:
        earlier = False
        while not self._closing.is_set():
            if not earlier:  # of a reader that has been away since before this process began
                with suppress(BrokerAwayError):
                    self._reached.hear(read_heartbeats(self._settings, REMEMBERED_SECONDS).values())
                    earlier = True
            first = not self._logs
            self._logs = measured(self._settings, self._rates)
            self._closing.wait(FIRST_SECONDS if first else MEASURED_SECONDS)
