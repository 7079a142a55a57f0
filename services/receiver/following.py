"""What is known of the city by who takes readings: its sources and the keys, as of a second ago.

While the database is away what was known last holds on: readings flow, and a key that is revoked
meanwhile is void once it is back.
"""

import logging
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import psycopg

from services.receiver import keys
from services.receiver.keys import Keys
from services.receiver.queries import SQL
from services.receiver.remembered import Remembered
from services.receiver.usage import Usage, today
from streams.configuration.configured import NOTHING, Configured, folded
from streams.configuration.log import published, read, topics_id
from streams.database import connect
from streams.forms import NewerFormError
from streams.kafka.clients import BrokerAwayError
from streams.settings import SettingError, Settings
from streams.stamps import wall_clock

LOOK_SECONDS = 1.0
STORE_SECONDS = 5.0
FORGET_SECONDS = 60.0
RETRY_SECONDS = 2.0
HANGS_SECONDS = 15.0

log = logging.getLogger(__name__)

Connection = psycopg.Connection[Any]


class Following:
    """In a thread of its own.

    Args:
        part: as it signs in to the database.
    """

    def __init__(self, settings: Settings, part: str) -> None:
        self._settings, self._part = settings, part
        self.known: Configured | None = None
        """None: not read yet. Only what the gateway has published: the stages know no more."""
        self._problem = "it has not read yet what is configured"
        self._looked = time.monotonic()
        self.began = 0.0
        """When the last look that has ended began, by the monotonic clock."""
        self.faults = 0
        """How often it had to begin anew for a reason that nobody foresaw."""
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="following", daemon=True)

    @property
    def problem(self) -> str:
        """Why it does not follow at the moment; empty: it does."""
        hangs = not self._problem and time.monotonic() - self._looked > HANGS_SECONDS
        return "the database does not answer" if hangs else self._problem

    def start(self) -> None:
        self._thread.start()

    def close(self, seconds: float) -> None:
        self._stop.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                topics = topics_id(self._settings)
                with connect(self._settings, self._part, autocommit=True) as connection:
                    self._follow(connection, topics)
            except (psycopg.Error, SettingError, NewerFormError, BrokerAwayError) as error:
                self._problem = " ".join(str(error).split())[:200] or type(error).__name__
                log.warning("%s", self._problem)
                self._stop.wait(RETRY_SECONDS)
            except Exception as error:  # else the thread would end, and what is known grow old
                self.faults += 1
                self._problem = f"a fault: {type(error).__name__} (its log says more)"
                log.exception("a fault while what is configured was followed")
                self._stop.wait(RETRY_SECONDS)

    def _follow(self, connection: Connection, topics: str) -> None:
        self._begin(connection)
        known = NOTHING
        while not self._stop.is_set():
            began = time.monotonic()
            reached = published(connection, topics)
            changes = (
                each for each in read(connection, known.sequence) if each.sequence <= reached
            )
            self._look(connection)
            self.known = known = folded(changes, known)
            self._tidy(connection)
            self._problem, self._looked, self.began = "", time.monotonic(), began
            self._stop.wait(LOOK_SECONDS)
        self._end(connection)

    def _begin(self, connection: Connection) -> None:
        """What is done with each new connection."""

    def _look(self, connection: Connection) -> None:
        """What else is read each time."""

    def _tidy(self, connection: Connection) -> None:
        """What is done after that."""

    def _end(self, connection: Connection) -> None:
        """What is done with the last connection."""


class FollowingKeys(Following):
    """The keys as well; also stores what was sent by each key."""

    def __init__(self, settings: Settings, part: str, usage: Usage, remembered: Remembered) -> None:
        super().__init__(settings, part)
        self._usage, self._remembered = usage, remembered
        self.keys: Keys = {}
        self._counted = False
        self._due = {"store": 0.0, "forget": 0.0}

    def _begin(self, connection: Connection) -> None:
        if not self._counted:
            self._usage.load(connection, today(wall_clock()))
            self._counted = True

    def _look(self, connection: Connection) -> None:
        self.keys = keys.read(connection)

    def _tidy(self, connection: Connection) -> None:
        tasks: Mapping[str, tuple[float, Callable[[], object]]] = {
            "store": (STORE_SECONDS, lambda: self._usage.store(connection)),
            "forget": (FORGET_SECONDS, lambda: self._forget(connection)),
        }
        for name, (every, task) in tasks.items():
            if time.monotonic() >= self._due[name]:
                task()
                self._due[name] = time.monotonic() + every

    def _forget(self, connection: Connection) -> None:
        self._remembered.forget(connection)
        connection.execute(SQL["usage_drop"])

    def _end(self, connection: Connection) -> None:
        self._usage.store(connection)
