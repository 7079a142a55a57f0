"""Cameras that come to see other things than usual are named, on a month of made-up days.

At four hours of each local day; half past midnight and six in the morning are still the day before
by UTC.
"""

import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import psycopg
import pytest

from services import history
from streams.database import connect
from streams.events import Verdict, from_datetime
from streams.settings import Settings
from streams.tables import hours, positions
from streams.tables.detections import TABLE as DETECTIONS
from streams.tables.frames import TABLE as FRAMES
from streams.tables.positions import Progress
from streams.tables.table import Row
from streams.tables.writer import PART, copy
from streams.topics import DETECTIONS as TOPIC

LOCAL = ZoneInfo("Asia/Ho_Chi_Minh")
TODAY = datetime(2026, 11, 24, tzinfo=LOCAL)
"""A Tuesday: with Monday one of the two days that are compared."""
NOW = TODAY + timedelta(hours=22)
DAYS = 33
HOURS = (0, 6, 12, 20)
PICTURES = 32


class Shows(NamedTuple):
    """What a camera shows in an hour; None instead: it is not there."""

    things: float
    score: float = 0.8
    bad: float = 0.0
    verdict: Verdict = "dark"
    model: str = "m@1"
    gated: bool = False
    """Behind each picture comes one in which nothing has changed."""


Camera = Callable[[datetime], Shows | None]


def lately(local: datetime) -> bool:
    return local >= TODAY - timedelta(days=1)


def busy(local: datetime) -> float:
    """Things in a picture of a usual street."""
    return {0: 0.1, 6: 3.0, 12: 4.0, 20: 3.0}[local.hour]


CAMERAS: dict[str, Camera] = {
    "steady": lambda t: Shows(busy(t)),
    "gated": lambda t: Shows(busy(t), gated=lately(t)),
    "weekday": lambda t: Shows(busy(t) if t.weekday() < 5 else busy(t) / 6),
    "quiet": lambda _: Shows(0.05),
    "past-holiday": lambda t: Shows(busy(t) / (10 if t.day == 12 else 1)),
    "new": lambda t: Shows(busy(t)) if t >= TODAY - timedelta(days=2) else None,
    "holiday": lambda t: Shows(busy(t) / (10 if t >= TODAY else 1)),
    "another-model": lambda t: Shows(busy(t) / 5, model="m@2") if lately(t) else Shows(busy(t)),
    "turned": lambda t: Shows(0.2 if lately(t) else busy(t)),
    "dirty": lambda t: Shows(busy(t), score=0.55 if lately(t) else 0.8),
    "failing": lambda t: Shows(busy(t), bad=0.4 if lately(t) else 0.0),
    "night": lambda t: Shows(busy(t), bad=0.9 if t.hour in {0, 20} else 0.0),
}
DRIFT = {("turned", "things"), ("dirty", "score"), ("failing", "bad")}


@pytest.fixture
def connection(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    with connect(settings, "test", autocommit=True) as connection:
        yield connection


def store(connection: psycopg.Connection[Any], cameras: dict[str, Camera]) -> None:
    rng = random.Random(1)
    frames: list[Row] = []
    boxes: list[Row] = []
    for back in range(DAYS, -1, -1):
        for hour in HOURS:
            local = TODAY - timedelta(days=back) + timedelta(hours=hour)
            for name, camera in cameras.items():
                shows = camera(local)
                if shows is not None:
                    _add(frames, boxes, rng, name, local, shows)
    with connection.transaction():
        copy(connection, FRAMES, frames)
        copy(connection, DETECTIONS, boxes)
        positions.load(connection, PART, TOPIC, 0)
        progress = Progress(next_offset=1, newest=from_datetime(NOW))
        positions.advance(connection, PART, TOPIC, 0, before=0, progress=progress)
    added = []
    while (found := hours.add_up(connection)) is not None:
        added.append(found)
    assert len(added) == len(set(added)) == (DAYS + 1) * len(HOURS)


def _add(
    frames: list[Row], boxes: list[Row], rng: random.Random, name: str, at: datetime, shows: Shows
) -> None:
    mean = shows.things * rng.uniform(0.8, 1.2)
    for number in range(PICTURES):
        time, bad = at + timedelta(seconds=100 * number), rng.random() < shows.bad
        seen = 0 if bad else int(mean) + (rng.random() < mean % 1)
        verdict = shows.verdict if bad else "good"
        frames.append(
            (time, name, number, seen, 64, 36, False, "live", shows.model, 0, 0, b"", None, verdict)
        )
        if shows.gated:
            after, of = time + timedelta(seconds=1), (shows.model, 0, 0, b"", time, "good")
            frames.append((after, name, number, None, 64, 36, False, "live", *of))
        for _ in range(seen):
            score = min(1.0, max(0.0, rng.gauss(shows.score, 0.05)))
            edges = 0.0, 0.0, 9.0, 9.0
            boxes.append((time, name, "car", score, *edges, False, "live", shows.model, 0, 0))


def test_only_those_that_drift_are_named_and_in_what(connection: psycopg.Connection[Any]) -> None:
    store(connection, CAMERAS)
    rows = history.ask(connection, "drifting_cameras")
    by = {(row["source"], row["measure"]): row for row in rows}
    assert {place for place, row in by.items() if row["state"] == "drifts"} == DRIFT
    turned = by["turned", "things"]
    assert float(turned["found"]) == pytest.approx(0.2, abs=0.15)
    assert float(turned["usual"]) == pytest.approx(3.0, abs=0.5)
    assert turned["since"].astimezone(LOCAL) == TODAY - timedelta(hours=18)
    for name in ("new", "another-model"):
        assert by[name, "bad"]["state"] == "not known yet"
        assert by[name, "things"]["state"] == "not known yet"
    for name in ("steady", "gated"):
        assert by[name, "things"]["state"] == "as usual"
    assert ("quiet", "things") not in by  # next to nothing is usual there


def test_a_holiday_of_the_whole_city_is_no_drift(connection: psycopg.Connection[Any]) -> None:
    """Nor is one camera named that sees it too; but one whose pictures go bad meanwhile is."""
    festive: Camera = lambda t: Shows(busy(t) / (10 if lately(t) else 1))  # noqa: E731
    cameras = {f"cam-{number}": festive for number in range(4)}
    store(connection, cameras | {"failing": CAMERAS["failing"]})
    rows = history.ask(connection, "drifting_cameras")
    found = [(row["source"], row["measure"]) for row in rows if row["state"] == "drifts"]
    assert found == [("failing", "bad")]


def test_with_too_little_history_nobody_drifts(connection: psycopg.Connection[Any]) -> None:
    """A week: of the weekend, one before; of other days, three that are not the last two."""
    begin = TODAY - timedelta(days=5)
    young = {
        name: (lambda t, camera=camera: camera(t) if t >= begin else Shows(1.0, model="before"))
        for name, camera in CAMERAS.items()
    }
    store(connection, young)
    states = {row["state"] for row in history.ask(connection, "drifting_cameras")}
    assert "drifts" not in states
    assert "not known yet" in states


def test_control_what_is_usual_is_the_median_of_days_of_the_same_kind(
    connection: psycopg.Connection[Any],
) -> None:
    store(connection, {"weekday": CAMERAS["weekday"]})
    asked = """
        SELECT extract(isodow FROM time AT TIME ZONE 'Asia/Ho_Chi_Minh') >= 6 AS weekend,
               max(days), avg(usual_boxes)
        FROM camera_hours
        WHERE time > %s AND extract(hour FROM time AT TIME ZONE 'Asia/Ho_Chi_Minh') = 6
        GROUP BY weekend
    """
    rows = {row[0]: row[1:] for row in connection.execute(asked, [TODAY - timedelta(days=6)])}
    assert rows[True][0] in range(6, 9)
    assert float(rows[True][1]) == pytest.approx(0.5, abs=0.15)
    assert float(rows[False][1]) == pytest.approx(3.0, abs=0.3)
