"""The analysts' queries on known incidents, around midnight in Hải Phòng (17:00 UTC)."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import msgspec
import psycopg
import pytest

from services import history
from streams.configuration.log import append_missing
from streams.database import connect
from streams.events import (
    MINUTE,
    CaseHour,
    CaseHours,
    Micros,
    Place,
    Source,
    from_rfc3339,
    to_datetime,
)
from streams.settings import Settings
from streams.tables import positions
from streams.tables.accounts import TABLE as ACCOUNTS
from streams.tables.case_hours import TABLE as CASE_HOURS
from streams.tables.corrections import TABLE as CORRECTIONS
from streams.tables.incidents import TABLE as INCIDENTS
from streams.tables.positions import Progress
from streams.tables.quality import TABLE as QUALITY
from streams.tables.rows import rows_of
from streams.tables.table import Row
from streams.tables.writer import PART, copy
from streams.topics import DETECTIONS
from tests.support.upstream import incident

# kind, start, minutes it lasted (None: it lasts still)
KNOWN: tuple[tuple[str, str, float | None], ...] = (
    ("stopped_vehicle", "2026-11-15T16:59:59.999999Z", 1),  # Sunday the 15th, local 23:59
    ("stopped_vehicle", "2026-11-15T17:00:00Z", 2),  # Monday the 16th, local 00:00
    ("stopped_vehicle", "2026-11-16T01:10:00Z", 4),  # Monday, local 08:10
    ("crowd", "2026-11-16T16:59:59.999999Z", 10),  # Monday, local 23:59
    ("crowd", "2026-11-16T17:00:00Z", 10),  # Tuesday the 17th: in neither day compared
    ("stopped_vehicle", "2026-11-22T16:59:59Z", 3),  # Sunday the 22nd
    ("stopped_vehicle", "2026-11-22T17:00:00Z", 6),  # Monday the 23rd, local 00:00
    ("stopped_vehicle", "2026-11-23T01:00:00Z", None),  # Monday, local 08:00
    ("congestion", "2026-11-23T01:20:00Z", 20),  # Monday, local 08:20
)
NOW = "2026-11-23T01:30:00Z"  # Monday the 23rd, local 08:30


@pytest.fixture
def connection(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    with connect(settings, "test") as connection:
        events = []
        for number, (kind, began, minutes) in enumerate(KNOWN):
            start = from_rfc3339(began)
            events.append(incident(number, kind=kind, start=start))
            if minutes is not None:
                end: Micros = start + int(minutes * MINUTE)
                events.append(incident(number, kind=kind, start=start, end=end, revision=1))
        copy(connection, INCIDENTS, [row for event in events for row in rows_of(event)[INCIDENTS]])
        positions.load(connection, PART, DETECTIONS, 0)
        progress = Progress(next_offset=1, newest=from_rfc3339(NOW))
        positions.advance(connection, PART, DETECTIONS, 0, before=0, progress=progress)
        connection.commit()
        yield connection


def test_every_query_says_what_it_answers() -> None:
    assert sorted(history.QUERIES) == [
        "blind_hours",
        "corrections",
        "drifting_cameras",
        "gated_frames",
        "incident_durations",
        "incidents_by_asset",
        "incidents_per_hour",
        "readings_of_all_times",
        "readings_with_units",
        "refused_values",
        "today_and_last_week",
        "unused_values",
    ]
    assert all(len(query.description) > 40 for query in history.QUERIES.values())


def test_readings_of_all_times(connection: psycopg.Connection[Any]) -> None:
    connection.execute(
        "INSERT INTO imported_readings (time, source, metric, value, imported_by)"
        " VALUES ('2003-01-01T01:00Z', 't1', 'level', 1, 'lan'),"
        " ('2003-01-01T02:00Z', 't1', 'level', 3, 'lan'),"
        " ('2003-01-01T02:00Z', 't2', 'level', 9, 'lan')"
    )
    connection.execute(
        "INSERT INTO readings (time, source, metric, value, late, origin, model, gateway)"
        " VALUES ('2026-01-01T01:00Z', 't1', 'level', 5, false, 'live', '', 'gw')"
    )
    rows = history.ask(connection, "readings_of_all_times")
    found = [
        (row["day"].year, row["least"], row["mean"], row["most"], row["readings"]) for row in rows
    ]
    assert found == [(2003, 1, 2, 3, 2), (2026, 5, 5, 5, 1)]


def test_incidents_per_hour(connection: psycopg.Connection[Any]) -> None:
    rows = history.ask(connection, "incidents_per_hour")
    found = [(f"{row['local_hour']:%Y-%m-%d %H}", row["kind"], row["incidents"]) for row in rows]
    assert found == [
        ("2026-11-15 23", "stopped_vehicle", 1),
        ("2026-11-16 00", "stopped_vehicle", 1),
        ("2026-11-16 08", "stopped_vehicle", 1),
        ("2026-11-16 23", "crowd", 1),
        ("2026-11-17 00", "crowd", 1),
        ("2026-11-22 23", "stopped_vehicle", 1),
        ("2026-11-23 00", "stopped_vehicle", 1),
        ("2026-11-23 08", "congestion", 1),
        ("2026-11-23 08", "stopped_vehicle", 1),
    ]
    assert {row["origin"] for row in rows} == {"simulated"}


def test_how_long_they_lasted(connection: psycopg.Connection[Any]) -> None:
    rows = history.ask(connection, "incident_durations")
    minutes = timedelta(minutes=1)
    assert [tuple(row.values()) for row in rows] == [
        (date(2026, 11, 15), "stopped_vehicle", "simulated", 1, 0, minutes, minutes),
        (date(2026, 11, 16), "crowd", "simulated", 1, 0, 10 * minutes, 10 * minutes),
        # of 2 and 4 minutes: the middle, and 95 % of the way from the one to the other
        (date(2026, 11, 16), "stopped_vehicle", "simulated", 2, 0, 3 * minutes, 3.9 * minutes),
        (date(2026, 11, 17), "crowd", "simulated", 1, 0, 10 * minutes, 10 * minutes),
        (date(2026, 11, 22), "stopped_vehicle", "simulated", 1, 0, 3 * minutes, 3 * minutes),
        (date(2026, 11, 23), "congestion", "simulated", 1, 0, 20 * minutes, 20 * minutes),
        (date(2026, 11, 23), "stopped_vehicle", "simulated", 1, 1, 6 * minutes, 6 * minutes),
    ]


def test_today_against_the_same_day_last_week(connection: psycopg.Connection[Any]) -> None:
    rows = history.ask(connection, "today_and_last_week")
    assert [tuple(row.values()) for row in rows] == [
        ("congestion", "simulated", 1, 0, 0),
        ("crowd", "simulated", 0, 0, 1),
        ("stopped_vehicle", "simulated", 2, 2, 2),
    ]


def test_which_readings_were_corrected(connection: psycopg.Connection[Any]) -> None:
    now = to_datetime(from_rfc3339(NOW))
    tail = ("live", "gw-1")
    rows = [
        (
            now - timedelta(hours=hours),
            "loop-1",
            "flow",
            600.0,
            new,
            now - timedelta(hours=late),
            *tail,
        )
        for hours, late, new in ((2, 1, 700.0), (30, 2, 800.0), (30, 25, 900.0))
    ]
    copy(connection, CORRECTIONS, rows)
    found = history.ask(connection, "corrections")
    assert [(row["old"], row["new"], row["after"]) for row in found] == [
        (600.0, 700.0, timedelta(hours=1)),
        (600.0, 800.0, timedelta(hours=28)),
    ]


def test_which_values_were_refused_and_why(connection: psycopg.Connection[Any]) -> None:
    now = to_datetime(from_rfc3339(NOW))
    tail = (False, "live", "gw-1")
    rows = [
        (now - timedelta(hours=hours), "loop-1", "speed", value, reason, *tail)
        for hours, value, reason in (
            (3, 65535.0, "out_of_range"),
            (2, 65534.0, "out_of_range"),
            (1, None, "not_measured"),
            (25, 65533.0, "out_of_range"),
        )
    ]
    copy(connection, QUALITY, rows)
    found = history.ask(connection, "refused_values")
    assert [(row["source"], row["reason"], row["refused"], row["last_value"]) for row in found] == [
        ("loop-1", "out_of_range", 2, 65534.0),
        ("loop-1", "not_measured", 1, None),
    ]


def test_incidents_by_asset(connection: psycopg.Connection[Any], settings: Settings) -> None:
    place = Place(20.86, 106.68, "segment-3")
    camera = Source("cam-1", "camera", "Ngã tư", "Crossroads", "simulated", place)
    append_missing(settings, [camera], "test")
    old = incident(99, kind="silence", start=from_rfc3339(NOW))
    joined = msgspec.structs.replace(incident(98, kind="crowd"), part_of=old.id)
    copy(connection, INCIDENTS, [row for one in (old, joined) for row in rows_of(one)[INCIDENTS]])
    rows = history.ask(connection, "incidents_by_asset")
    # loop-1, which proves them too, is not an asset that anybody announced
    assert {(row["asset"], row["name_vi"], row["segment"]) for row in rows} == {
        ("cam-1", "Ngã tư", "segment-3")
    }
    assert [(row["kind"], row["incidents"]) for row in rows] == [
        ("stopped_vehicle", 6),
        ("crowd", 2),
        ("congestion", 1),
        ("no_data", 1),
    ]


def test_a_kind_that_had_another_name_is_counted_once(connection: psycopg.Connection[Any]) -> None:
    now = from_rfc3339(NOW)
    both = [incident(90 + n, kind=kind, start=now) for n, kind in enumerate(("silence", "no_data"))]
    copy(connection, INCIDENTS, [row for one in both for row in rows_of(one)[INCIDENTS]])
    for query, column in (
        ("incidents_per_hour", "incidents"),
        ("incident_durations", "still_lasting"),
        ("today_and_last_week", "today"),
    ):
        rows = history.ask(connection, query)
        found = [
            (row["kind"], row[column]) for row in rows if row["kind"] in ("no_data", "silence")
        ]
        assert found == [("no_data", 2)], query


def test_analysts_ask_the_same_in_their_own_time_zone(
    connection: psycopg.Connection[Any],
) -> None:
    """Answers do not rest on the session's zone."""
    before = {name: history.ask(connection, name) for name in history.QUERIES}
    connection.execute("SET timezone = 'Asia/Ho_Chi_Minh'")
    assert {name: history.ask(connection, name) for name in history.QUERIES} == before


def test_now_is_event_time(connection: psycopg.Connection[Any]) -> None:
    connection.execute("UPDATE positions SET newest = newest - INTERVAL '7 days'")
    rows = history.ask(connection, "today_and_last_week")
    assert [tuple(row.values()) for row in rows] == [("stopped_vehicle", "simulated", 2, 0, 0)]


def test_of_which_sources_much_was_not_used(connection: psycopg.Connection[Any]) -> None:
    now = to_datetime(from_rfc3339(NOW))
    hour = now.replace(minute=0)

    def row(source: str, fate: str, number: int, ago: int = 0, reason: str = "") -> Row:
        time = hour - timedelta(hours=ago)
        return (time, source, "score", fate, reason, number, now)

    copy(
        connection,
        ACCOUNTS,
        [
            row("loop-1", "accepted", 60),
            row("loop-1", "late", 40, 2),
            row("loop-1", "late", -10, 2),  # the writer has found them stored
            row("loop-1", "repeated", 10, 2),
            row("loop-2", "accepted", 10),
            row("loop-2", "refused", 30, 3, "infinite"),
            row("loop-3", "accepted", 100),
            row("loop-3", "refused", 100, 26, "infinite"),  # the day before
            # Who starts says what is open, and again when it starts again: all of it counts.
            row("desk-1", "accepted", 4),
            row("desk-1", "late", 60, 1),
            row("desk-1", "repeated", 90),
            row("desk-2", "late", 30, 1),
            row("desk-2", "refused", 10, 1, "absurd_time"),
            row("desk-2", "repeated", 60),
            row("loop-4", "accepted", 9),
            row("loop-4", "repeated", 91),
        ],
    )
    at = from_rfc3339(NOW)
    happened = CaseHour("desk-1", at, 1, 1, 0, 0, 0), CaseHour("desk-2", at, 1, 1, 0, 0, 0)
    event = CaseHours("gw", "desks", "simulated", at, happened)
    copy(connection, CASE_HOURS, rows_of(event)[CASE_HOURS])
    found = history.ask(connection, "unused_values")
    names = ("source", "came", "late", "late_counted", "repeated", "refused")
    assert [tuple(one[name] for name in names) for one in found] == [
        ("loop-2", 40, 0, 0, 0, 30),
        ("loop-1", 100, 30, 0, 10, 0),
        ("desk-2", 100, 0, 30, 60, 10),
    ]
    assert [float(one["unused_share"]) for one in found] == [0.75, 0.333, 0.25]
