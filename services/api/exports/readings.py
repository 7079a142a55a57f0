"""Readings as rows: what sensors measured, a row per source, time and metric."""

from datetime import datetime
from typing import Any, NamedTuple

from fastapi import Request

from services.alerts.store import Connection
from services.api.areas import sources_here
from services.api.exports.making import Rows, read
from services.api.queries import SQL
from streams.events import Origin, from_datetime, to_rfc3339

MOST = 600_000
"""More than a month of one metric each five seconds, and less than a spreadsheet has rows."""
COLUMNS = (
    *("time", "source", "metric", "value", "unit", "score", "late", "origin", "model", "gateway"),
    "device_time",
)


class Filter(NamedTuple):
    source: list[str] | None
    metric: list[str] | None
    origin: list[Origin] | None
    since: datetime
    until: datetime | None


def rows(request: Request, connection: Connection, asked: Filter) -> Rows:
    """Those that match, in the order of time; raises as ``read``."""
    wanted: dict[str, Any] = {
        "sources": sources_here(request, connection, asked.source),
        "metrics": asked.metric,
        "origins": asked.origin,
        "since": asked.since,
        "until": asked.until,
    }
    for time, *said, device_time in read(connection, SQL["readings_export"], wanted, MOST):
        yield [_time(time), *said, _time(device_time)]


def _time(moment: datetime | None) -> str | None:
    return None if moment is None else to_rfc3339(from_datetime(moment))
