"""Old rows leave the database a chunk at a time, on a schedule of ours: both editions can.

Age is measured from how far event time has come, not from the clock: a replay of last year's
recording keeps its rows.
"""

import logging
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg.errors import LockNotAvailable

from streams import queries
from streams.settings import Settings
from streams.tables.rows import STORED

EVERY_SECONDS = 3600.0
LOCK_WAIT = "2s"
"""Longer than that a query holds the chunk: the next round will take it."""

_SQL = queries.load(Path(__file__).parent / "sql")

log = logging.getLogger(__name__)


def kept(settings: Settings) -> dict[str, timedelta]:
    """Hypertable to the event time for which its rows are kept, at least."""
    return {table.name: timedelta(days=table.kept_days(settings)) for table in STORED}


def drop_old(connection: psycopg.Connection[Any], settings: Settings) -> dict[str, int]:
    """Hypertable to the number of chunks dropped; empty before the first tick was stored.

    Args:
        connection: in autocommit mode.
    """
    row = connection.execute(_SQL["retention_newest"].sql).fetchone()
    if row is None or row[0] is None:
        return {}
    dropped = {}
    for table, age in kept(settings).items():
        try:
            with connection.transaction():
                connection.execute(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
                found = connection.execute(
                    _SQL["retention_drop"].sql, {"table": table, "before": row[0] - age}
                ).fetchone()
        except LockNotAvailable:
            log.warning("old rows of %s are being read; they are dropped next time", table)
            continue
        dropped[table] = found[0] if found else 0
    return dropped
