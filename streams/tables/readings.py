"""Scored readings: one row per source, time and metric; what a sensor did not say leaves none."""

from collections.abc import Iterable
from datetime import datetime
from itertools import repeat

from models.measured import NOT_MEASURED
from models.measured import rows as to_rows
from models.scorer import NOT_SCORED
from streams.events import BAD, LATE, NOT_SAID, REPEATED, Scored, to_datetime
from streams.tables import packs, table
from streams.tables.doubtful import Doubtful, Identity
from streams.tables.packs import Pack
from streams.tables.table import Column, Lookup, Row, Table, text
from streams.topics import SCORED

_LATE = 5
"""Column that says whether a row is late."""


def rows(event: Scored) -> list[Row]:
    """Of what is certainly new. Only values that are there, and that nothing is wrong with."""
    pack = Pack.of(event)
    return _rows(event, pack.take(~packs.doubtful(event)))


def doubtful(event: Scored) -> list[Doubtful]:
    which = packs.doubtful(event)
    if not which.any():
        return []
    moment = to_datetime(event.time)
    return [
        Doubtful(row, moment, event.origin, event.gateway, row[_LATE])
        for row in _rows(event, Pack.of(event).take(which))
    ]


def _rows(event: Scored, pack: Pack) -> list[Row]:
    gateway, model = text(event.gateway), text(event.model)
    told = pack.values
    there = pack.there()
    if not there.all():
        told = told.copy()
        told[~there] = NOT_MEASURED
    said: Iterable[datetime | None] = repeat(None, len(pack.times))
    if pack.device is not None:
        said = [None if time == NOT_SAID else to_datetime(time) for time in pack.device.tolist()]
    found: list[Row] = []
    for i, time, score, flags, values, device in zip(
        pack.source.tolist(),
        pack.times.tolist(),
        pack.scores.tolist(),
        pack.flags.tolist(),
        to_rows(told),
        said,
        strict=True,
    ):
        if flags & (REPEATED | BAD):
            continue
        moment, name, late = to_datetime(time), pack.sources[i], bool(flags & LATE)
        unusual = None if score == NOT_SCORED else score / 1000
        found += [
            (moment, name, metric, value, unusual, late, event.origin, model, gateway, device)
            for metric, value in zip(pack.metrics, values, strict=True)
            if value is not None
        ]
    return found


TABLE = Table(
    "readings",
    "What sensors measured: one row per source, time and metric, with the newest value that came",
    (
        Column("time", "timestamptz", "Event time of the measurement (UTC)"),
        Column("source", "text", "Id of the sensor"),
        Column("metric", "text", "What was measured, as in metrics.id of the source's feed"),
        Column(
            "value",
            "float8",
            "The measurement, in the metric's unit, as it was corrected last; null only where an"
            " earlier release stored that nothing was measured",
        ),
        Column(
            "anomaly_score",
            "float4",
            "How unusual the reading was, all its metrics together, 0 to 1; null: not scored",
        ),
        Column("late", "bool", f"{table.LATE}; what it replaced, if anything, is in corrections"),
        Column("origin", "text", table.ORIGIN),
        Column("model", "text", "Model that gave the score, name@version"),
        Column("gateway", "text", "Id of the gateway that delivered it"),
        Column(
            "device_time",
            "timestamptz",
            "What the device's own clock said (UTC), where time is when the reading arrived, as its"
            " feed goes by arrival; null: time is what was said",
        ),
    ),
    lambda settings: settings.retention_days,
    SCORED,
    Scored,
    rows,
    Lookup(Identity(key=3, told=3), doubtful),
)
