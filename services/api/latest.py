"""The newest value of each source, for a list of thousands of them.

Readings have no index by source, which would halve the rate at which they come in; so nobody asks
for the newest of one. Those of all are read once, and from then on what has come since.
"""

import threading
import time
from collections.abc import Collection, Mapping
from typing import NamedTuple

import psycopg
from psycopg_pool import ConnectionPool

from services.alerts.store import Connection
from services.api.queries import SQL
from streams.events import HOUR, MINUTE, SECOND, Micros, to_datetime
from streams.feeds.registry import all_feeds

ASKED_SECONDS = 5.0
"""For so long an answer of the database is good enough."""
FIRST: Micros = 2 * HOUR
"""So far back is read at most, when the service begins and after nobody has asked for long; what
speaks more seldom is shown once it does."""
OFTEN: Micros = 16 * MINUTE
"""So far back is read each time: what nearly all feeds may be late by, and a minute."""
SELDOM: Micros = 10 * MINUTE
"""So often all of it is read, as feeds that deliver hours late are not worth more."""
LEAST: Micros = MINUTE
"""Where so many readings come that even this takes the database too long."""


class Value(NamedTuple):
    metric: str
    time: Micros
    value: float


class Latest:
    """Asked anew every few seconds, while anybody asks; thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._asked = -ASKED_SECONDS
        self._until: Micros | None = None
        """Up to when all is known."""
        self._whole: Micros = 0
        """When all of it was read."""
        self._values: dict[str, dict[str, Value]] = {}

    def of(
        self, pool: ConnectionPool, known: Collection[str], now: Micros
    ) -> Mapping[str, Mapping[str, Value]]:
        """By source and metric. Who waits for another's question holds no connection.

        Args:
            known: sources that there are; of others nothing is kept.

        Raises:
            psycopg.OperationalError: the database does not answer.
        """
        with self._lock:
            if time.monotonic() - self._asked >= ASKED_SECONDS:
                with pool.connection() as connection:
                    self._take(connection, known, now)
                self._asked = time.monotonic()
            return self._values

    def _take(self, connection: Connection, known: Collection[str], now: Micros) -> None:
        back = now - FIRST  # nobody may have asked for a night: what is older is no news of it
        since = back
        if self._until is not None and abs(now - self._whole) < SELDOM:
            # Event time may go back: what is new then lies before what had been read.
            since = max(back, min(self._until, now) - min(_slowest(), OFTEN))
        if since == back:
            self._whole = now
        try:
            rows = _read(connection, since)
        except psycopg.errors.QueryCanceled:
            rows = _read(connection, now - LEAST)
        values = {name: dict(of) for name, of in self._values.items() if name in known}
        for source, metric, (seconds, value) in rows:
            of = values.setdefault(source, {}) if source in known else {}
            found = Value(metric, round(seconds * SECOND), value)
            of[metric] = max(found, of.get(metric, found), key=lambda one: one.time)
        self._values, self._until = values, now


def _read(connection: Connection, since: Micros) -> list[tuple[str, str, list[float]]]:
    return connection.execute(SQL["measured_newest"], {"since": to_datetime(since)}).fetchall()


def _slowest() -> Micros:
    """How long after its time a reading may come at most and still be judged."""
    return max(feed.lateness for feed in all_feeds().values()) + MINUTE
