"""Adds up what cameras saw, an hour at a time, once that is over.

Each hour is compared then with the same hour, by the city's clock, of days of its kind (Monday to
Friday, or the weekend) in the month before, but for the two days before: what has changed since
then has not become usual yet. Median and median deviation: one odd day changes neither.

That takes seconds with many cameras, so it has a thread and a connection of its own: nothing that
is to be stored waits for it, and what is wrong with it stops nothing.
"""

import logging
import threading
from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from streams import queries
from streams.database import connect
from streams.settings import Settings

EVERY_SECONDS = 300.0
PICTURES = 30
"""An hour with fewer, or fewer things in them, says nothing of what is usual."""
DAYS = 4
"""Of a kind; with fewer nothing is usual yet."""
ZONE = "Asia/Ho_Chi_Minh"

_SQL = queries.load(Path(__file__).parent / "sql")

log = logging.getLogger(__name__)


def start(settings: Settings, stopping: threading.Event) -> threading.Thread:
    """Adds up whatever is over, every few minutes, until ``stopping`` is set."""
    thread = threading.Thread(target=_run, args=(settings, stopping), name="hours", daemon=True)
    thread.start()
    return thread


def _run(settings: Settings, stopping: threading.Event) -> None:
    while not stopping.is_set():
        try:
            with connect(settings, "hours", autocommit=True) as connection:
                while not stopping.is_set() and add_up(connection) is not None:
                    pass
        except psycopg.Error as error:
            log.warning("the cameras' hours are added up later: %s", error)
        stopping.wait(EVERY_SECONDS)


def add_up(connection: psycopg.Connection[Any]) -> datetime | None:
    """The first hour that is over and not added up yet; None: there was none.

    Args:
        connection: in autocommit mode.
    """
    row = connection.execute(_SQL["camera_hours_next"].sql).fetchone()
    if row is None or row[0] is None:
        return None
    hour: datetime = row[0]
    asked = {"hour": hour, "pictures": PICTURES, "days": DAYS, "zone": ZONE}
    connection.execute(_SQL["camera_hours_add"].sql, asked)
    return hour
