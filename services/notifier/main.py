"""The notifier as one process: messages out of the outbox, over channels, until SIGTERM."""

import logging
import signal
import threading
from collections.abc import Callable

import psycopg

from services.notifier.sending import Sender
from services.notifier.stored import SQL, Connection
from services.oncall import record
from streams import logs
from streams.database import connect
from streams.kafka.heartbeat import Beat
from streams.settings import Settings

PART = "notifier"
EVERY_SECONDS = 1.0
PATIENCE_SECONDS = 1.0
"""For which a round waits for who answers slowly; others are told meanwhile."""
RETRY_SECONDS = 2.0
ALONE_SECONDS = 5.0

Making = Callable[[Settings, Connection, Callable[[], None]], Sender]

log = logging.getLogger(__name__)


class Notifier:
    """Waits for messages, and out the loss of the database."""

    def __init__(
        self, settings: Settings, beat: Beat | None = None, making: Making = Sender
    ) -> None:
        self._settings, self._beat, self._making = settings, beat, making
        self._said: tuple[bool, str, int, dict[str, int] | None] | None = None

    def run(self, stop: threading.Event) -> None:
        """Returns when ``stop`` is set."""
        while not stop.is_set():
            try:
                with connect(self._settings, PART, autocommit=True) as connection:
                    self._session(connection, stop)
            except (psycopg.OperationalError, psycopg.InterfaceError) as error:
                reason = (str(error).strip().splitlines() or ["it is away"])[0]
                log.warning("waiting for the database: %s", reason)
                self._say(False, f"waiting for the database: {reason}")
                stop.wait(RETRY_SECONDS)

    def _session(self, connection: Connection, stop: threading.Event) -> None:
        sender = self._making(self._settings, connection, self._again)
        try:
            while not sender.alone():
                self._say(False, "another notifier is connected")
                if stop.wait(ALONE_SECONDS):
                    return
            name = psycopg.sql.Identifier(record.channel(self._settings.namespace))
            connection.execute(psycopg.sql.SQL("LISTEN {}").format(name))
            while not stop.is_set():
                sender.round(PATIENCE_SECONDS)
                sender.stations.look()
                row = connection.execute(SQL["waiting"]).fetchone()
                self._say(True, sender.problem, row[0] if row else 0, dict(sender.counts))
                for _ in connection.notifies(timeout=EVERY_SECONDS, stop_after=1):
                    pass
        finally:
            sender.close()

    def _again(self) -> None:
        """The same once more, while others are waited for."""
        if self._beat is not None and self._said is not None:
            self._beat.beat(*self._said)

    def _say(
        self, ok: bool, detail: str, lag: int = 0, counts: dict[str, int] | None = None
    ) -> None:
        self._said = ok, detail, lag, counts
        self._again()


def run(settings: Settings, making: Making = Sender) -> None:
    """Sends until SIGTERM."""
    logs.configure(logging.INFO)
    stop, beat = threading.Event(), Beat(settings, PART)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        Notifier(settings, beat, making).run(stop)
    finally:
        beat.close()
