"""Event time goes on, and who has not been told yet is: the steps of policies, as they fall due.

A thread of the alerts service. How far event time has come is what workers say; where it stands,
steps wait with it, which is an alarm of its own.
"""

import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from time import monotonic

import psycopg

from services.alerts import store
from services.alerts.store import Connection
from services.oncall import record
from streams.database import connect
from streams.events import Micros
from streams.settings import Settings
from streams.stamps import wall_clock
from streams.tables import retention

PART = "alerts-pacing"
EVERY_SECONDS = 1.0
RETRY_SECONDS = 2.0

log = logging.getLogger(__name__)


class Pacing:
    def __init__(self, settings: Settings, event_time: Callable[[], Micros | None]) -> None:
        """``event_time``: how far it has come; None: nobody says."""
        self._settings, self._event_time = settings, event_time
        self._noted: Micros = 0
        self._prunes_at = 0.0

    def run(self, stop: threading.Event) -> None:
        """Until ``stop`` is set; waits out the loss of the database."""
        while not stop.is_set():
            try:
                with connect(self._settings, PART, autocommit=True) as connection:
                    while not stop.wait(EVERY_SECONDS):
                        if monotonic() >= self._prunes_at:
                            self.prune(connection)
                            self._prunes_at = monotonic() + retention.EVERY_SECONDS
                        time = self._event_time()
                        if time is not None:
                            self.tick(connection, time)
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                log.warning("waiting for the database: %s", str(error).splitlines()[:1])
                stop.wait(RETRY_SECONDS)

    def prune(self, connection: Connection) -> None:
        """Lets go of what was told longer ago than the settings say; where that cannot be, it is
        logged, as nobody is to be told later for that."""
        try:
            now = retention.measured_from(connection, wall_clock())
            if now is None:
                return
            with connection.transaction():
                store.lock(connection)
                before = now - timedelta(days=self._settings.message_retention_days)
                messages, lines = record.prune(connection, before)
        except (psycopg.OperationalError, psycopg.InterfaceError):
            raise
        except Exception:
            log.exception("what was told long ago cannot be let go of")
            return
        if messages or lines:
            log.info("let go of %d messages and %d lines of how they were decided", messages, lines)

    def tick(self, connection: Connection, time: Micros) -> int:
        """Gives how many were told."""
        if abs(time - self._noted) >= record.CLOCK_EVERY:
            record.advance_clock(connection, time)
            self._noted = time
        if not record.is_due(connection, time):
            return 0
        with connection.transaction():
            store.lock(connection)
            return record.ticked(connection, time)
