"""The alerts service as one process: incidents in, alerts out over HTTP, until SIGTERM."""

import logging
import signal
import threading
from typing import Any

import psycopg
from psycopg.errors import UndefinedTable

from services.alerts.consumer import Consumer
from services.alerts.pacing import Pacing
from services.api import users
from services.api.app import create_app, event_time_of, event_time_stalled_since
from services.api.provider import people
from services.audit.recorder import Recorder
from services.privacy.keeper import Keeper
from services.privacy.vault import Vault
from services.web.server import Server, server_of
from streams import logs, watchdog
from streams.database import connect
from streams.kafka.heartbeat import Beat
from streams.settings import SettingError, Settings

PART = "alerts"
RETRY_SECONDS = 1.0
JOIN_SECONDS = 15.0

log = logging.getLogger(__name__)


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
        try:
            app = create_app(self._settings)
        except SettingError as error:
            log.error("%s", error)
            return 1
        beat = Beat(self._settings, PART)
        vault: Vault = app.state.vault
        recorder: Recorder = app.state.recorder
        consumer = Consumer(
            self._settings,
            beat,
            lambda: event_time_stalled_since(app),
            vault,
            lambda: recorder.said,
            now=lambda: event_time_of(app),
        )
        app.state.problem = lambda: consumer.problem or str(self._failure or "")
        server = server_of(app, self._settings, app.state.live.close_soon)
        reading = threading.Thread(
            target=self._read, args=(consumer, server), name="consumer", daemon=True
        )
        keeping = threading.Thread(
            target=Keeper(self._settings, vault).run, args=(self._stop,), name="keeper", daemon=True
        )
        pacing = threading.Thread(
            target=self._pace,
            args=(Pacing(self._settings, lambda: event_time_of(app)), server),
            name="pacing",
            daemon=True,
        )
        reading.start()
        keeping.start()
        pacing.start()
        watchdog.start(self._settings, PART, self._stop)
        try:
            server.run()
        finally:
            self._stop.set()
            reading.join(JOIN_SECONDS)
            keeping.join(JOIN_SECONDS)
            pacing.join(JOIN_SECONDS)
            beat.close()
        return 1 if self._failure or not server.started else 0

    def _ready(self) -> bool:
        """Waits for the database, and lets the first user in."""
        while not self._stop.is_set():
            try:
                with connect(self._settings, PART, autocommit=True) as connection:
                    users.first_start(connection, self._settings)
                    for role in people.unknown_roles(connection, self._settings):
                        log.warning("CITYOPS_OIDC_GROUPS: there is no role %r", role)
                return True
            except psycopg.OperationalError as error:
                log.warning("waiting for the database: %s", str(error).splitlines()[:1])
                self._stop.wait(RETRY_SECONDS)
            except UndefinedTable:
                log.error("namespace %s has no tables: run 'make up'", self._settings.namespace)
                return False
            except SettingError as error:
                log.error("%s", error)
                return False
        return False

    def _read(self, consumer: Consumer, server: Server) -> None:
        try:
            consumer.run(self._stop)
        except Exception as error:
            log.exception("reading incidents failed")
            self._failure = error
            server.end()

    def _pace(self, pacing: Pacing, server: Server) -> None:
        try:
            pacing.run(self._stop)
        except Exception as error:  # else nobody would be told of what falls due
            log.exception("deciding who is told failed")
            self._failure = error
            server.end()

    def _told_to_stop(self, _number: int, _frame: Any) -> None:
        self._stop.set()


def run(settings: Settings) -> None:
    """Serves until SIGTERM; raises SystemExit with the exit status."""
    logs.configure(logging.INFO)
    raise SystemExit(Service(settings).run())
