"""Adds up what cameras saw, an hour at a time, once that is over.

Each hour is compared then with the same hour, by the city's clock, of days of its kind (Monday to
Friday, or the weekend) in the month before, but for the two days before: what has changed since
then has not become usual yet. Median and median deviation: one odd day changes neither.
"""

from datetime import datetime
from pathlib import Path
from typing import Any

import psycopg

from streams import queries

EVERY_SECONDS = 300.0
PICTURES = 30
"""An hour with fewer, or fewer things in them, says nothing of what is usual."""
DAYS = 4
"""Of a kind; with fewer nothing is usual yet."""
ZONE = "Asia/Ho_Chi_Minh"

_SQL = queries.load(Path(__file__).parent / "sql")


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
