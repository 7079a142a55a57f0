"""What became of every value, by source and hour, as each part says: numbers to add up."""

from collections.abc import Iterable
from typing import NamedTuple

from streams.accounts.entries import Entry, rebooked
from streams.events import FATES, HOUR, Accounts, Fate, Micros, from_datetime, to_datetime
from streams.tables.doubtful import METRIC, SOURCE, TIME, Doubtful, Outcome
from streams.tables.quality import REASON
from streams.tables.quality import TABLE as QUALITY
from streams.tables.table import INT8, Column, Row, Table, text, within
from streams.topics import COUNTS

NOT_MEASURED = "not_measured"


def rows(event: Accounts) -> list[Row]:
    counted = to_datetime(event.time)
    return [
        (
            to_datetime(row.hour),
            text(row.source),
            text(event.stage),
            row.fate,
            text(row.reason),
            within(row.number, INT8),
            counted,
        )
        for row in event.rows
    ]


class Looked(NamedTuple):
    """A row that may have been stored already, and what it came to."""

    table: Table
    doubtful: Doubtful
    outcome: Outcome


def rebooked_rows(looked: Iterable[Looked], stage: str) -> list[Row]:
    """The rows that say what became of values which had been said to be late, or accepted.

    Args:
        looked: in the order in which they came.
        stage: who says so.
    """
    sums: dict[tuple[str, Micros, Fate, str, Micros], int] = {}
    before: tuple[object, ...] = ()
    for table, each, outcome in looked:
        row, refused = each.row, table is QUALITY
        # A reading without any value is refused once, and leaves a row for each of its metrics.
        reading = row[TIME], row[SOURCE], refused and row[REASON] == NOT_MEASURED
        again = reading[2] and reading == before[:3] and before[3] < row[METRIC]
        before = (*reading, row[METRIC])
        if outcome == "new" or again:
            continue
        said: Fate = "refused" if refused else "late" if each.late else "accepted"
        fate: Fate = "repeated" if outcome == "repeated" else "corrected"
        now = Entry(row[SOURCE], from_datetime(row[TIME]), fate)
        for entry in rebooked(now, said, row[REASON] if refused else ""):
            place = (
                entry.source,
                entry.time // HOUR * HOUR,
                entry.fate,
                entry.reason,
                from_datetime(each.decided_at),
            )
            sums[place] = sums.get(place, 0) + entry.number
    return [
        (to_datetime(hour), source, stage, fate, reason, number, to_datetime(counted))
        for (source, hour, fate, reason, counted), number in sorted(sums.items())
    ]


TABLE = Table(
    "accounts",
    "What became of every value of a reading, and of every picture, by source and hour: add the"
    " numbers of all stages; accounts_by_hour has the sums",
    (
        Column("time", "timestamptz", "Start of the hour of the values' own event time (UTC)"),
        Column("source", "text", "Id of the sensor or camera; empty: of none that is known"),
        Column("stage", "text", "Who says so: a stage, writer, or whoever publishes"),
        Column("fate", "text", f"What became of them: one of {', '.join(FATES)}"),
        Column("reason", "text", "Why they were refused or shed; empty for others"),
        Column(
            "number",
            "int8",
            "How many (number of); negative: so many came to something else than said before",
        ),
        Column("counted", "timestamptz", "Event time at which they were added up (UTC)"),
    ),
    lambda settings: settings.retention_days,
    COUNTS,
    Accounts,
    rows,
)
