"""The alerts service as one process: incidents in, alerts out over HTTP, until SIGTERM."""

import logging
import signal
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any

import psycopg
import uvicorn
from psycopg.errors import UndefinedTable

from services.alerts.consumer import Consumer
from services.api import users
from services.api.app import create_app, event_time_stalled_since
from streams import logs
from streams.database import connect
from streams.kafka.heartbeat import Beat
from streams.settings import Settings

PART = "alerts"
RETRY_SECONDS = 1.0
GRACE_SECONDS = 3
"""For requests that are being answered when the service is told to stop."""
JOIN_SECONDS = 15.0

log = logging.getLogger(__name__)


class Server(uvicorn.Server):
    """Ends the live streams when it is told to stop: they would be waited for otherwise."""

    def __init__(self, config: uvicorn.Config, ending: Callable[[], None]) -> None:
        super().__init__(config)
        self._ending = ending

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        self._ending()

    def end(self) -> None:
        """As SIGTERM does; from any thread."""
        self.should_exit = True
        self._ending()


class Service:
    """The HTTP interface in the main thread, the consumer of incidents in one of its own."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stop = threading.Event()
        self._failure: BaseException | None = None

    def run(self) -> int:
        """The exit status: 0 after SIGTERM or SIGINT, 1 where it cannot go on."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._told_to_stop)
        if not self._ready():
            return 0 if self._stop.is_set() else 1
        app = create_app(self._settings)
        beat = Beat(self._settings, PART)
        consumer = Consumer(self._settings, beat, lambda: event_time_stalled_since(app))
        app.state.problem = lambda: consumer.problem or str(self._failure or "")
        config = uvicorn.Config(
            app,
            host=self._settings.http_host,
            port=self._settings.http_port,
            log_config=None,
            access_log=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            server_header=False,
        )
        server = Server(config, app.state.live.close_soon)
        reading = threading.Thread(
            target=self._read, args=(consumer, server), name="consumer", daemon=True
        )
        reading.start()
        try:
            server.run()
        finally:
            self._stop.set()
            reading.join(JOIN_SECONDS)
            beat.close()
        return 1 if self._failure or not server.started else 0

    def _ready(self) -> bool:
        """Waits for the database, and lets the first user in."""
        while not self._stop.is_set():
            try:
                with connect(self._settings, PART, autocommit=True) as connection:
                    users.first_start(connection, self._settings)
                return True
            except psycopg.OperationalError as error:
                log.warning("waiting for the database: %s", str(error).splitlines()[:1])
                self._stop.wait(RETRY_SECONDS)
            except UndefinedTable:
                log.error("namespace %s has no tables: run 'make up'", self._settings.namespace)
                return False
        return False

    def _read(self, consumer: Consumer, server: Server) -> None:
        try:
            consumer.run(self._stop)
        except Exception as error:
            log.exception("reading incidents failed")
            self._failure = error
            server.end()

    def _told_to_stop(self, _number: int, _frame: Any) -> None:
        self._stop.set()


def run(settings: Settings) -> None:
    """Serves until SIGTERM; raises SystemExit with the exit status."""
    logs.configure(logging.INFO)
    raise SystemExit(Service(settings).run())
