"""The table of assets follows the log of changes, and what ids stand for can be looked up."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import msgspec
import psycopg
import pytest

from deploy.database import dimensions
from deploy.database.analyst import ROLE
from streams.configuration.check import InvalidChangeError
from streams.configuration.log import append, read
from streams.database import connect
from streams.events import NOWHERE as UNKNOWN
from streams.events import ControlChange, Place, Removed, Shape, Source, Zone, to_datetime
from streams.feeds.registry import metrics
from streams.kinds.registry import all_kinds
from streams.settings import Settings

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
    found = database.execute("SELECT id, unit_vi, unit_en, least, most FROM metrics ORDER BY id")
    assert found.fetchall() == [
        (name, *metric.unit, *metric.range) for name, metric in sorted(metrics().items())
    ]


def test_analysts_look_ids_up(database: psycopg.Connection[Any]) -> None:
    append(database, [CAMERA], "test")
    database.execute(f"SET ROLE {ROLE}")
    for name in ("assets", "kinds", "metrics"):
        assert database.execute(f"SELECT count(*) > 0 FROM {name}").fetchone() == (True,)
