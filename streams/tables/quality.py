"""Values that were refused, one by one, while what else their readings say is used."""

import numpy as np

from models.measured import measured
from streams.events import FAULTS, LATE, REPEATED, Scored, to_datetime
from streams.tables import packs, table
from streams.tables.doubtful import Doubtful, Identity
from streams.tables.packs import Pack
from streams.tables.table import Column, Lookup, Row, Table, text
from streams.topics import SCORED

REASON = 4
"""Column that says why."""
_LATE = 5
"""Column that says whether a row is late."""


def rows(event: Scored) -> list[Row]:
    return _rows(event, Pack.of(event).take(~packs.doubtful(event))) if event.faults else []


def doubtful(event: Scored) -> list[Doubtful]:
    if not event.faults or not (which := packs.doubtful(event)).any():
        return []
    moment = to_datetime(event.time)
    return [
        Doubtful(row, moment, event.origin, event.gateway, row[_LATE])
        for row in _rows(event, Pack.of(event).take(which))
    ]


def _rows(event: Scored, pack: Pack) -> list[Row]:
    gateway = text(event.gateway)
    refused = (pack.faults > 0) & ((pack.flags & REPEATED) == 0)[:, None]
    sent = measured(pack.values)
    found: list[Row] = []
    for row, column in np.argwhere(refused).tolist():
        found.append(
            (
                to_datetime(int(pack.times[row])),
                pack.sources[pack.source[row]],
                pack.metrics[column],
                float(pack.values[row, column]) if sent[row, column] else None,
                FAULTS[pack.faults[row, column] - 1],
                bool(pack.flags[row] & LATE),
                event.origin,
                gateway,
            )
        )
    return found


TABLE = Table(
    "quality",
    "Values of sensors that were refused: one row per value; nothing was decided with it, and"
    " readings has the other metrics of the same time",
    (
        Column("time", "timestamptz", "Event time of the measurement (UTC)"),
        Column("source", "text", "Id of the sensor"),
        Column("metric", "text", "What was to be measured, as in metrics.id of the source's feed"),
        Column(
            "value",
            "float8",
            "What was sent, in the metric's unit; null: that nothing was measured",
        ),
        Column("reason", "text", f"Why it was refused: one of {', '.join(FAULTS)}"),
        Column("late", "bool", "True: it came after the allowed lateness"),
        Column("origin", "text", table.ORIGIN),
        Column("gateway", "text", "Id of the gateway that delivered it"),
    ),
    lambda settings: settings.retention_days,
    SCORED,
    Scored,
    rows,
    Lookup(Identity(key=5), doubtful),
)
