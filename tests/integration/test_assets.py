"""The table of assets follows the log of changes, and what ids stand for can be looked up."""

import struct
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import pytest

from deploy.database import dimensions
from deploy.database.analyst import ROLE
from deploy.database.migrate import migrate
from deploy.database.migrate import read as read_migrations
from services import history
from streams.configuration.check import InvalidChangeError
from streams.configuration.log import append, read
from streams.database import connect
from streams.events import NOWHERE as UNKNOWN
from streams.events import ControlChange, Place, Removed, Shape, Source, Zone, to_datetime
from streams.feeds.registry import all_feeds
from streams.kinds.registry import all_kinds
from streams.settings import Settings
from streams.tables import positions
from streams.tables.positions import Progress
from streams.tables.rows import rows_of
from streams.tables.writer import PART, copy
from streams.topics import DETECTIONS
from tests.support.extension import extended
from tests.support.upstream import START, scored

CAMERA = Source("cam-1", "camera", "Ngã tư", "Crossroads", "live", Place(20.86, 106.68, "s-1"))
NOWHERE = Source("loop-1", "induction_loop", "Vòng", "Loop", "simulated", Place(0.0, 0.0), "gw")
COLUMNS = (
    "id, type, name_vi, name_en, latitude, longitude, segment, origin, since, removed_at, sequence"
)


@pytest.fixture
def database(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    with connect(settings, "test", autocommit=True) as connection:
        yield connection


def assets(database: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    return database.execute(f"SELECT {COLUMNS} FROM assets ORDER BY id").fetchall()


def moment(change: ControlChange) -> datetime:
    return to_datetime(change.time)


def test_an_asset_is_there_with_the_change_that_announced_it(
    database: psycopg.Connection[Any],
) -> None:
    first, second = append(database, [CAMERA, NOWHERE], "test")
    assert assets(database) == [
        ("cam-1", "camera", "Ngã tư", "Crossroads", 20.86, 106.68, "s-1", "live",
         moment(first), None, 1),
        # where it is nobody said, and that is not a point in the ocean
        ("loop-1", "induction_loop", "Vòng", "Loop", None, None, None, "simulated",
         moment(second), None, 2),
    ]  # fmt: skip
    (row,) = database.execute("SELECT ward, owner FROM assets WHERE id = 'cam-1'").fetchall()
    assert row == (None, None)


def test_an_asset_has_its_shape_ward_owner_and_parents(database: psycopg.Connection[Any]) -> None:
    shape = Shape("line", ((20.85, 106.68), (20.87, 106.68)))
    road = msgspec.structs.replace(
        CAMERA, id="road", place=UNKNOWN, shape=shape, ward="Ngô Quyền", owner="Sở Xây dựng"
    )
    append(database, [road, msgspec.structs.replace(CAMERA, parents=("road",))], "test")
    rows = database.execute(
        "SELECT id, latitude, longitude, shape, ward, owner, parents FROM assets ORDER BY id"
    ).fetchall()
    assert rows == [
        ("cam-1", 20.86, 106.68, None, None, None, ["road"]),
        ("road", 20.86, 106.68, "LINESTRING (106.68 20.85, 106.68 20.87)", "Ngô Quyền",
         "Sở Xây dựng", []),
    ]  # fmt: skip


def test_a_change_that_cannot_stand_leaves_no_asset(database: psycopg.Connection[Any]) -> None:
    with pytest.raises(InvalidChangeError):
        append(database, [CAMERA, Zone("z", "cam-2", "a", "b", ((0, 0), (1, 0), (1, 1)))], "test")
    assert assets(database) == []


def test_what_is_removed_stays_and_may_come_back(database: psycopg.Connection[Any]) -> None:
    (announced,) = append(database, [CAMERA], "test")
    (removed,) = append(database, [Removed("source", "cam-1")], "test")
    assert assets(database)[0][-3:] == (moment(announced), moment(removed), 2)
    again, renamed = append(
        database,
        [CAMERA, Source("cam-1", "camera", "Khác", "Another", "live", CAMERA.place)],
        "test",
    )
    (row,) = assets(database)
    assert row[3] == "Another"
    assert row[-3:] == (moment(again), None, renamed.sequence)


def test_what_was_logged_before_there_was_a_table_is_taken_over(
    database: psycopg.Connection[Any],
) -> None:
    append(database, [CAMERA, NOWHERE, Removed("source", "loop-1")], "test")
    wanted = assets(database)
    database.execute("DELETE FROM assets")
    dimensions.fill(database)
    assert assets(database) == wanted
    dimensions.fill(database)
    assert assets(database) == wanted
    assert len(read(database)) == 3


def test_every_kind_and_metric_has_its_words(database: psycopg.Connection[Any]) -> None:
    kinds = database.execute("SELECT id, name_vi, name_en, formerly FROM kinds ORDER BY id")
    assert kinds.fetchall() == [
        (kind.id, *kind.name, list(kind.formerly)) for kind in all_kinds().values()
    ]
    found = database.execute(
        "SELECT feed, metrics.id, metrics.name_vi, units.name_vi, units.name_en, least, most"
        " FROM metrics JOIN units ON units.id = unit ORDER BY feed, metrics.id"
    )
    assert found.fetchall() == [
        (feed.id, name, metric.name.vi, *metric.unit, *metric.range)
        for feed in all_feeds().values()
        for name, metric in sorted(feed.metrics.items())
    ]


RADARS = """
id: radars
version: 1
name: {vi: Ra đa, en: Radars}
carries: readings
clock: source
lateness_seconds: 2
asset_types: {radar: {formerly: [gun], name: {vi: ra đa, en: radar}}}
metrics:
  flow: {name: {vi: số xe, en: vehicles}, unit: {vi: xe/giờ, en: vehicles/h}, range: [0, 99]}
"""


@pytest.fixture
def extension(tmp_path: Path) -> Path:
    """With a feed that measures what another one measures too, in other bounds."""
    (tmp_path / "feeds/radars").mkdir(parents=True)
    (tmp_path / "feeds/radars/feed.yaml").write_text(RADARS)
    return tmp_path


@pytest.fixture
def radars(extension: Path) -> Iterator[None]:
    with extended(extension):
        yield


def readings(database: psycopg.Connection[Any], *sources: str) -> None:
    """One of each source, of ``flow`` and of a metric that no feed declares."""
    for source in sources:
        event = msgspec.structs.replace(
            scored(0),
            sources=(source,),
            source=bytes(2),
            times=START.to_bytes(8, "little"),
            scores=bytes(2),
            flags=bytes(1),
            metrics=("flow", "undeclared"),
            values=struct.pack("<2d", 7.0, 8.0),
        )
        for table, rows in rows_of(event).items():
            copy(database, table, rows)
    positions.load(database, PART, DETECTIONS, 0)
    progress = Progress(next_offset=1, newest=START)
    positions.advance(database, PART, DETECTIONS, 0, before=0, progress=progress)


def named(database: psycopg.Connection[Any]) -> list[tuple[Any, ...]]:
    rows = history.ask(database, "readings_with_units")
    told = ("source", "metric", "source_en", "metric_en", "unit_vi", "most")
    return [tuple(row[name] for name in told) for row in rows]


def test_a_reading_has_the_words_unit_and_bounds_of_its_sources_feed(
    database: psycopg.Connection[Any], radars: None
) -> None:
    dimensions.fill(database)
    radar = Source("radar-1", "gun", "Ra đa", "Radar", "live", Place(0.0, 0.0), "gw")
    append(database, [NOWHERE, radar], "test")
    readings(database, "loop-1", "radar-1", "unknown")
    assert named(database) == [
        ("loop-1", "flow", "Loop", "flow", "xe/giờ", 20000.0),
        ("loop-1", "undeclared", "Loop", None, None, None),
        ("radar-1", "flow", "Radar", "vehicles", "xe/giờ", 99.0),
        ("radar-1", "undeclared", "Radar", None, None, None),
        ("unknown", "flow", None, None, None, None),
        ("unknown", "undeclared", None, None, None, None),
    ]
    assert database.execute("SELECT count(*) FROM readings").fetchone() == (6,)


def test_what_a_feed_has_declared_stays_when_the_feed_goes(
    database: psycopg.Connection[Any], extension: Path
) -> None:
    with extended(extension):
        dimensions.fill(database)
        radar = Source("radar-1", "radar", "Ra đa", "Radar", "live", Place(0.0, 0.0), "gw")
        append(database, [radar], "test")
    dimensions.fill(database)
    readings(database, "radar-1")
    assert named(database)[0] == ("radar-1", "flow", "Radar", "vehicles", "xe/giờ", 99.0)


def test_an_older_database_gets_units_and_feeds(
    settings: Settings, tmp_path: Path, radars: None
) -> None:
    """What a feed declares is its own from now on; what none declares any more keeps its words."""
    older = tmp_path / "older"
    for migration in read_migrations(community=True):
        if migration.name.rpartition("/")[2] < "0035":
            path = older / migration.name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(migration.text)
    settings = msgspec.structs.replace(settings, namespace="older")
    migrate(settings, folder=older)
    with connect(settings, "test", autocommit=True) as database:
        for name, unit in (("flow", "vehicles/h"), ("depth", "m")):
            database.execute(
                "INSERT INTO metrics VALUES (%s, 'cũ', 'old', %s, %s, 0, 1)", [name, unit, unit]
            )
        for source, kind in (("loop-1", "induction_loop"), ("r", "gun"), ("well-1", "well")):
            database.execute(
                "INSERT INTO assets (id, type, name_vi, name_en, origin, since, sequence)"
                " VALUES (%s, %s, 'a', 'b', 'live', now(), 1)",
                [source, kind],
            )
        assert "0035_units.sql" in migrate(settings)
        assert database.execute(
            "SELECT feed, id, unit, most FROM metrics WHERE id IN ('flow', 'depth') ORDER BY feed"
        ).fetchall() == [
            ("", "depth", "m", 1.0),
            ("induction_loops", "flow", "vehicles/h", 20000.0),
            ("radars", "flow", "vehicles/h", 99.0),
        ]
        assert database.execute("SELECT id, type, feed FROM assets ORDER BY id").fetchall() == [
            ("loop-1", "induction_loop", "induction_loops"),
            ("r", "radar", "radars"),
            ("well-1", "well", ""),
        ]
        units = "SELECT name_vi FROM units WHERE id = 'vehicles/h'"
        assert database.execute(units).fetchone() == ("xe/giờ",)
        assert migrate(settings) == []


def test_analysts_look_ids_up(database: psycopg.Connection[Any]) -> None:
    append(database, [CAMERA], "test")
    database.execute(f"SET ROLE {ROLE}")
    for name in ("assets", "kinds", "metrics", "units"):
        assert database.execute(f"SELECT count(*) > 0 FROM {name}").fetchone() == (True,)
