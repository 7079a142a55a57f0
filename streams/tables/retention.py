"""Old rows leave the database a chunk at a time, on a schedule of ours: both editions can.

Age is measured from how far event time has come, not from the clock: a replay of last year's
recording keeps its rows. But what is deleted is gone, and a clock may be wrong: age is never
measured from a time ahead of this machine's clock, nor from one that most of what is stored has
not come near; and while the two clocks contradict each other nothing is deleted.
"""

import logging
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from psycopg.errors import LockNotAvailable

from streams import queries
from streams.clock import STEP, wall_clock
from streams.events import Micros, to_datetime
from streams.settings import Settings
from streams.tables.rows import STORED
from streams.topics import TICKED

EVERY_SECONDS = 3600.0
RECENT_SHARE = 0.1
"""Of all bytes stored, how much has to be as new as the time that age is measured from. A year of
readings keeps its rows where a clock was wrong for a day; after a month switched off, old rows
leave once the new ones are a tenth.
"""
LOCK_WAIT = "2s"
"""Longer than that a query holds the chunk: the next round will take it."""

_SQL = queries.load(Path(__file__).parent / "sql")

log = logging.getLogger(__name__)


def kept(settings: Settings) -> dict[str, timedelta]:
    """Hypertable to the event time for which its rows are kept, at least."""
    return {table.name: timedelta(days=table.kept_days(settings)) for table in STORED}


def measured_from(connection: psycopg.Connection[Any], wall: Micros) -> datetime | None:
    """The time that age is measured from; None: nothing may be deleted.

    Args:
        wall: what this machine's clock shows.
    """
    row = connection.execute(_SQL["retention_newest"].sql, {"ticked": sorted(TICKED)}).fetchone()
    if row is None or row[0] is None:
        return None
    newest: datetime = row[0]
    now = to_datetime(wall)
    if newest > now + timedelta(microseconds=STEP):
        log.warning(
            "nothing is deleted: event time has come to %s, and the clock says %s", newest, now
        )
        return None
    recent = connection.execute(_SQL["retention_recent"].sql, {"share": RECENT_SHARE}).fetchone()
    if recent is None or recent[0] is None:
        return None
    latest: datetime = recent[0]
    return min(newest, latest)


def drop_old(
    connection: psycopg.Connection[Any], settings: Settings, wall: Micros | None = None
) -> dict[str, int]:
    """Hypertable to the number of chunks dropped; empty where nothing may be deleted.

    That is so before the first tick was stored, and while event time is ahead of the clock.

    Args:
        connection: in autocommit mode.
        wall: what this machine's clock shows; None: asked now.
    """
    newest = measured_from(connection, wall_clock() if wall is None else wall)
    if newest is None:
        return {}
    dropped = {}
    for table, age in kept(settings).items():
        old = {"table": table, "before": newest - age}
        try:
            with connection.transaction():
                connection.execute(f"SET LOCAL lock_timeout = '{LOCK_WAIT}'")
                span = connection.execute(_SQL["retention_old"].sql, old).fetchone()
                found = connection.execute(_SQL["retention_drop"].sql, old).fetchone()
        except LockNotAvailable:
            log.warning("old rows of %s are being read; they are dropped next time", table)
            continue
        dropped[table] = found[0] if found else 0
        if dropped[table] and span:
            log.warning(
                "%s: deleted %d chunks with rows from %s to %s, past the %d days that are kept"
                " before %s",
                table,
                dropped[table],
                *span,
                age.days,
                newest,
            )
    return dropped
