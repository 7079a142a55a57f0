"""What is stored of a long period of an indicator, and which of it counts."""

from services.api.queries import SQL
from streams.database import connect
from streams.events import HOUR, MINUTE, SECOND, Indicated, Micros, to_datetime
from streams.settings import Settings
from streams.tables.rows import rows_of
from streams.tables.writer import copy

START: Micros = 1_795_003_200 * SECOND


def test_of_a_month_that_was_said_of_often_the_last_counts(settings: Settings) -> None:
    said = [
        Indicated(
            "red_lane",
            "live",
            START,
            START + 720 * HOUR,
            START + number * 5 * MINUTE,
            "running",
            revision=0,
            numerator=number,
            denominator=1,
            readings=1,
            unplaced=0,
            value=number,
        )
        for number in range(1, 1200)
    ]
    wanted = {"indicator": "red_lane", "origin": "live", "time": to_datetime(START)}
    with connect(settings, "test") as connection:
        for event in said:
            for table, rows in rows_of(event).items():
                copy(connection, table, rows)
        found = connection.execute(SQL["indicator_revisions"], wanted).fetchall()
    assert [row[5] for row in found] == list(range(200, 1200)), "in order, up to the last"
