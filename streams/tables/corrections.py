"""Values of readings that were replaced by another one, which came too late to be decided with."""

from streams.events import Correction, from_datetime, to_datetime
from streams.tables import table
from streams.tables.doubtful import METRIC, SOURCE, TIME, Replaced
from streams.tables.readings import TABLE as READINGS
from streams.tables.table import Column, Row, Stored


def event(replaced: Replaced) -> Correction:
    """Of a value in ``readings``."""
    assert READINGS.lookup is not None
    now = replaced.now
    return Correction(
        now.row[SOURCE],
        now.row[METRIC],
        from_datetime(now.row[TIME]),
        replaced.before,
        READINGS.lookup.identity.says(now.row),
        from_datetime(now.decided_at),
        now.origin,
        now.gateway,
    )


def row(correction: Correction) -> Row:
    return (
        to_datetime(correction.time),
        correction.source,
        correction.metric,
        correction.old,
        correction.new,
        to_datetime(correction.decided_at),
        correction.origin,
        correction.gateway,
    )


TABLE = Stored(
    "corrections",
    "Values of readings that another value has replaced, in the order in which they came; what was"
    " decided with the old one stands",
    (
        Column("time", "timestamptz", "Event time of the measurement (UTC), as in readings"),
        Column("source", "text", "Id of the sensor"),
        Column("metric", "text", "What was measured, as in metrics.id of the source's feed"),
        Column(
            "old",
            "float8",
            "What readings had until then, in the metric's unit; null: that nothing was measured,"
            " as an earlier release stored it",
        ),
        Column("new", "float8", "What it has had since, in the metric's unit"),
        Column("decided_at", "timestamptz", "Event time at which it was corrected (UTC)"),
        Column("origin", "text", table.ORIGIN),
        Column("gateway", "text", "Id of the gateway that delivered the new value"),
    ),
    lambda settings: settings.retention_days,
)
