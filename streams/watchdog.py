"""Ends what analysts ask once it takes too long: their own limits they can lift themselves.

The server does not do that of itself. So two parts look, each by itself: the writer and the alerts
service, whom a long query would hold up. The supervisor starts both again, and where neither runs
nobody is held up.
"""

import logging
import threading
from datetime import timedelta

import psycopg

from streams.database import connect
from streams.settings import SettingError, Settings

PATIENCE = timedelta(minutes=5)
LOOK_SECONDS = 15.0
RETRY_SECONDS = 5.0

log = logging.getLogger(__name__)


def start(settings: Settings, part: str, stopping: threading.Event) -> threading.Thread:
    """Looks every few seconds until ``stopping`` is set; ``part``: in whose process it does."""
    thread = threading.Thread(
        target=_run, args=(settings, part, stopping), name="watchdog", daemon=True
    )
    thread.start()
    return thread


def _run(settings: Settings, part: str, stopping: threading.Event) -> None:
    while not stopping.is_set():
        try:
            with connect(settings, f"{part}-watchdog", autocommit=True) as connection:
                while not stopping.wait(LOOK_SECONDS):
                    if ended := look(connection):
                        log.warning("ended %d queries of analysts older than %s", ended, PATIENCE)
        except (psycopg.Error, SettingError) as error:
            log.warning("watchdog: %s", str(error).strip().splitlines()[:1])
            stopping.wait(RETRY_SECONDS)


def look(connection: psycopg.Connection[tuple[object, ...]], older: timedelta = PATIENCE) -> int:
    """Ends the sessions of analysts whose statement or transaction is older; says how many."""
    row = connection.execute("SELECT end_long_queries(%s)", [older]).fetchone()
    return int(str(row[0])) if row else 0
