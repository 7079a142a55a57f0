"""What became of what is told of one by one: rows that add up, by hour, source and kind."""

from streams.events import CaseHours, to_datetime
from streams.tables.table import ORIGIN, Column, Row, Table, text
from streams.topics import SCORED


def rows(event: CaseHours) -> list[Row]:
    whole = text(event.feed), text(event.gateway), event.origin
    said = to_datetime(event.time)
    return [
        (
            to_datetime(row.hour),
            text(row.source),
            *whole,
            row.procedure,
            *(row.begun, row.forwarded, row.ended, row.in_time),
            said,
            row.amount,
        )
        for row in event.rows
    ]


TABLE = Table(
    "case_hours",
    "What became of cases, or of what is over as it happens: rows that add up, so that"
    " the sum of an hour's is what happened in it; what comes late, or was not so, is a row more",
    (
        Column("time", "timestamptz", "Start of the hour of the events' own time (UTC)"),
        Column("source", "text", "Id of the office, or of what else tells of them"),
        Column("feed", "text", "Id of its feed"),
        Column("gateway", "text", "Id of the gateway that delivers it"),
        Column("origin", "text", f"Of the source: {ORIGIN}"),
        Column(
            "procedure",
            "int4",
            "Kind of procedure (number of), as who told of them numbers it; 0: not said",
        ),
        Column("begun", "int4", "Cases that began, or happened (number of); below 0: taken back"),
        Column("forwarded", "int4", "That went on to who decides (number of)"),
        Column("ended", "int4", "That ended, of those known to have begun (number of)"),
        Column(
            "in_time",
            "int4",
            "Of these: in the working time promised; or done, and not failed (number of)",
        ),
        Column("said", "timestamptz", "Event time at which it was said (UTC)"),
        Column(
            "amount", "int8", "What those that were done come to (đồng); 0 where nothing is paid"
        ),
    ),
    lambda settings: settings.retention_days,
    SCORED,
    CaseHours,
    rows,
)
