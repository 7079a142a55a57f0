"""Scored readings: one row per source, time and metric."""

import numpy as np

from models import measured
from models.scorer import NOT_SCORED
from streams.events import BAD, LATE, REPEATED, Scored, to_datetime
from streams.tables import table
from streams.tables.table import Column, Row, Table, text
from streams.topics import SCORED


def rows(event: Scored) -> list[Row]:
    """Repetitions and readings that are bad are left out, late ones flagged."""
    n, width = len(event.flags), len(event.metrics)
    sizes = (len(event.source), len(event.times), len(event.scores), len(event.values))
    if sizes != (2 * n, 8 * n, 2 * n, 8 * n * width):
        raise ValueError("the columns of a pack differ in length")
    source = np.frombuffer(event.source, "<u2")
    if n and int(source.max()) >= len(event.sources):
        raise ValueError("a row names a source that the pack does not list")
    gateway, model = text(event.gateway), text(event.model)
    sources = [text(name) for name in event.sources]
    metrics = [text(name) for name in event.metrics]
    values = measured.rows(np.frombuffer(event.values, "<f8").reshape(n, width))
    found: list[Row] = []
    for i, time, score, flags, told in zip(
        source.tolist(),
        np.frombuffer(event.times, "<i8").tolist(),
        np.frombuffer(event.scores, "<u2").tolist(),
        np.frombuffer(event.flags, "u1").tolist(),
        values,
        strict=True,
    ):
        if flags & (REPEATED | BAD):
            continue
        moment, name, late = to_datetime(time), sources[i], bool(flags & LATE)
        unusual = None if score == NOT_SCORED else score / 1000
        found += [
            (moment, name, metric, value, unusual, late, event.origin, model, gateway)
            for metric, value in zip(metrics, told, strict=True)
        ]
    return found


TABLE = Table(
    "readings",
    "What sensors measured: one row per source, time and metric",
    (
        Column("time", "timestamptz", "Event time of the measurement (UTC)"),
        Column("source", "text", "Id of the sensor"),
        Column("metric", "text", "What was measured, as in metrics.id of the source's feed"),
        Column("value", "float8", "The measurement, in the metric's unit; null: not measured"),
        Column(
            "anomaly_score",
            "float4",
            "How unusual the reading was, all its metrics together, 0 to 1; null: not scored",
        ),
        Column("late", "bool", table.LATE),
        Column("origin", "text", table.ORIGIN),
        Column("model", "text", "Model that gave the score, name@version"),
        Column("gateway", "text", "Id of the gateway that delivered it"),
    ),
    SCORED,
    Scored,
    rows,
    lambda settings: settings.retention_days,
)
