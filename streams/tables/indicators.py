"""What the city's indicators have come to: a row each time that one says something new."""

from streams.events import INDICATOR_STATES, Indicated, to_datetime
from streams.indicators.indicator import THOUSANDTHS
from streams.tables.table import INT4, INT8, ORIGIN, Column, Row, Table, text, within
from streams.topics import CORRELATED


def rows(event: Indicated) -> tuple[Row]:
    return (
        (
            to_datetime(event.start),
            text(event.indicator),
            event.origin,
            to_datetime(event.end),
            to_datetime(event.time),
            event.state,
            within(event.revision, INT4),
            within(event.numerator, INT8),
            within(event.denominator, INT8),
            within(event.readings, INT8),
            within(event.unplaced, INT8),
            *map(_unit, (event.value, event.low, event.high)),
        ),
    )


def _unit(value: int | None) -> float | None:
    return None if value is None else within(value, INT8) / THOUSANDTHS


TABLE = Table(
    "indicators",
    "What the city's indicators came to, by period: the row that was computed last counts; 'cityops"
    " indicators show' says how the numbers are computed anew from readings",
    (
        Column("time", "timestamptz", "Start of the period (UTC; days are the city's)"),
        Column("indicator", "text", "Id of the indicator, as 'cityops indicators list' has it"),
        Column("origin", "text", f"Of the readings: {ORIGIN}"),
        Column("end_time", "timestamptz", "End of the period (UTC)"),
        Column("computed_at", "timestamptz", "Event time at which it was computed (UTC)"),
        Column("state", "text", f"Of the period: one of {', '.join(INDICATOR_STATES)}"),
        Column("revision", "int4", "0 until it closes; each restatement one more"),
        Column("numerator", "int8", "Sum of what is divided; values in thousandths (number)"),
        Column(
            "denominator",
            "int8",
            "What it is divided by: readings, or their weights; sources of which the newest count"
            " (number)",
        ),
        Column("readings", "int8", "So many are in it (number of)"),
        Column(
            "unplaced",
            "int8",
            "So many came too late to know whether they had come before, and are not in it (number"
            " of)",
        ),
        Column("value", "float8", "In the indicator's unit; null: nothing was measured"),
        Column("low", "float8", "What it is to be at the period's end, at least; null: not known"),
        Column("high", "float8", "The same, at most; null: not known"),
    ),
    lambda settings: settings.retention_days,
    CORRELATED,
    Indicated,
    rows,
)
