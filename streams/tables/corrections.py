"""Values of readings that were replaced by another one, which came too late to be decided with."""

from streams.tables import table
from streams.tables.doubtful import METRIC, SOURCE, TIME, Correction
from streams.tables.readings import TABLE as READINGS
from streams.tables.table import Column, Row, Stored


def row(correction: Correction) -> Row:
    """Of a row of ``readings``."""
    assert READINGS.lookup is not None
    now = correction.now
    return (
        now.row[TIME],
        now.row[SOURCE],
        now.row[METRIC],
        correction.before,
        READINGS.lookup.identity.says(now.row),
        now.decided_at,
        now.origin,
        now.gateway,
    )


TABLE = Stored(
    "corrections",
    "Values of readings that another value has replaced, in the order in which they came; what was"
    " decided with the old one stands",
    (
        Column("time", "timestamptz", "Event time of the measurement (UTC), as in readings"),
        Column("source", "text", "Id of the sensor"),
        Column("metric", "text", "What was measured, as in metrics.id of the source's feed"),
        Column("old", "float8", "What readings had until then, in the metric's unit"),
        Column("new", "float8", "What it has had since, in the metric's unit"),
        Column("decided_at", "timestamptz", "Event time at which it was corrected (UTC)"),
        Column("origin", "text", table.ORIGIN),
        Column("gateway", "text", "Id of the gateway that delivered the new value"),
    ),
    lambda settings: settings.retention_days,
)
