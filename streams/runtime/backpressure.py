"""A worker waits before what it sends would push out what is still to be read of it.

Inputs are refused in time (``streams/refusing.py``). But workers that were away come back to hours
of inputs, and send on what they make of them faster than whoever comes back with them may read it.
Bytes decide when a worker waits, not only what was measured last: nobody knows how fast it is.
"""

import math
import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from contextlib import suppress

from streams.events import Heartbeat
from streams.kafka import unread as overdue
from streams.kafka.clients import BrokerAwayError
from streams.kafka.heartbeat import REMEMBERED_SECONDS, HeartbeatFollower
from streams.kafka.outage import FULL, Budget, Reached, Reads, everywhere
from streams.kafka.partition_logs import Log, Place
from streams.kafka.unread import Unread, measured_logs, told, unread
from streams.settings import Settings
from streams.topics import SHUFFLED

AGAIN_SECONDS = 0.5
"""While a worker waits it is measured so often."""
UNMEASURED_BYTES = 2**19
"""What may be sent to a partition before anything is measured: less than ``1 - FULL`` of the least
that the broker keeps."""


class Backpressure:
    """Measures in a thread of its own; the rest is for the one that sends.

    Args:
        reads: who reads what, and has to go on.
    """

    def __init__(self, settings: Settings, reads: Reads) -> None:
        self._settings, self._reads = settings, reads
        self._reached = Reached(reads)
        self._sent: Counter[Place] = Counter()
        self._until: dict[Place, int] = {}
        """Of ``_sent``: the bytes at which to wait."""
        self._unknown: float = UNMEASURED_BYTES
        """The same where nothing was measured; then: where nobody reads."""
        self._full: Unread = frozenset()
        self._waits = threading.Event()
        self._closing = threading.Event()
        self._follower = HeartbeatFollower(settings, REMEMBERED_SECONDS)
        self._thread = threading.Thread(target=self._run, name="backpressure", daemon=True)
        self._thread.start()

    def sent(self, topic: str, partition: int, size: int) -> None:
        """So many bytes were handed over for this partition of a logical topic."""
        self._sent[topic, partition] += size

    def why(self, topics: Iterable[str], partition: int) -> str:
        """Why a stage that writes ``topics`` has to wait, for people; empty: it may go on.

        Args:
            partition: that it reads; what is read elsewhere goes anywhere.
        """
        for topic in topics:
            numbers = range(self._settings.partitions) if topic in SHUFFLED else (partition,)
            for number in numbers:
                place = topic, number
                if self._sent[place] >= self._until.get(place, self._unknown):
                    self._waits.set()
                    return self._reason(place)
        return ""

    def close(self) -> None:
        """Waits a few seconds at most."""
        self._closing.set()
        self._waits.set()  # so that the thread looks
        self._follower.close()
        self._thread.join(2)

    def _reason(self, place: Place) -> str:
        readers = sorted(reader for reader, at in self._full if at == place)
        away = " and ".join(told(reader, place[0]) for reader in readers)
        return f"waits: {away or f'{place[0]} is not measured yet'}, which the broker would delete"

    def _measure(self, heartbeats: Iterable[Heartbeat]) -> None:
        """Raises BrokerAwayError where Kafka does not answer."""
        # Before it is measured: what is sent meanwhile counts twice rather than never.
        sent = dict(self._sent)
        self._reached.hear(heartbeats)
        logs = measured_logs(self._settings, self._reads)
        found = list(everywhere(logs, self._reached.positions, self._reads))
        self._full = unread(self._full, found)
        self._until = until(found, self._full, logs, sent)
        self._unknown = math.inf

    def _run(self) -> None:
        while not self._closing.is_set():
            with suppress(BrokerAwayError):  # nothing is sent then either
                self._measure(self._follower.latest().values())
            if self._waits.wait(overdue.EVERY_SECONDS):
                self._waits.clear()
                self._closing.wait(AGAIN_SECONDS)


def until(
    found: Iterable[Budget], full: Unread, logs: Mapping[Place, Log], sent: Mapping[Place, int]
) -> dict[Place, int]:
    """At how many bytes sent, all told, to wait: when the slowest reader has ``FULL`` unread.

    Args:
        full: where it has to have read much of that first.
        sent: so many had been when it was measured.
    """
    most: dict[Place, int] = {}
    for one in found:
        place = one.topic, one.partition
        left = 0.0 if (one.reader, place) in full else (FULL - one.used) * logs[place].kept_bytes
        least = sent.get(place, 0) + int(left)
        most[place] = min(least, most.get(place, least))
    return most
