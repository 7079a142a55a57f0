"""Migrations, what analysts may do, what is said of every column, and what retention takes."""

import re
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any, get_args

import msgspec
import psycopg
import pytest
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from deploy.database import analyst, migrate
from deploy.database.analyst import ROLE
from deploy.database.migrate import MigrationError, create_namespace, drop_namespace
from services.alerts.transitions import AlertEvent
from streams.database import ANALYST, connect, password_file
from streams.events import DAY, HOUR, MINUTE, SECOND, Counts, Micros, Scored, to_datetime
from streams.settings import Settings
from streams.tables import positions, retention
from streams.tables.positions import Progress
from streams.tables.rows import STORED, TABLES, rows_of
from streams.tables.table import Stored
from streams.tables.writer import PART, copy
from streams.topics import CORRELATED, DETECTIONS
from tests.support.servers import Servers
from tests.support.upstream import EXAMPLES, START, detections, incident, scored

OF_THE_NAMESPACE = """
    SELECT c.relname, a.attname, col_description(c.oid, a.attnum), obj_description(c.oid)
    FROM pg_class c
    LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
"""
MAY = "SELECT has_table_privilege(%s, c.oid, %s) FROM pg_class c WHERE c.oid = %s::regclass"

CHUNKS = """
    SELECT count(*) FROM timescaledb_information.chunks
    WHERE hypertable_schema = current_schema() AND hypertable_name = %s
"""
DIMENSION = """
    SELECT column_name, time_interval FROM timescaledb_information.dimensions
    WHERE hypertable_schema = current_schema() AND hypertable_name = %s
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two migrations, and one for the community edition."""
    (tmp_path / "community").mkdir()
    (tmp_path / "0001_a.sql").write_text("CREATE TABLE a (x integer);")
    (tmp_path / "0002_b.sql").write_text("CREATE TABLE b (y integer); INSERT INTO b VALUES (1);")
    (tmp_path / "community/0001_c.sql").write_text("SELECT add_job('x', '1d')")
    return tmp_path


@pytest.fixture
def fresh(settings: Settings) -> Settings:
    """A namespace that has not been migrated yet."""
    return msgspec.structs.replace(settings, namespace="another-one")


def test_each_migration_is_applied_once_in_order(fresh: Settings, folder: Path) -> None:
    assert migrate.migrate(fresh, folder=folder) == ["0001_a.sql", "0002_b.sql"]
    assert migrate.migrate(fresh, folder=folder) == []
    (folder / "0003_d.sql").write_text("CREATE TABLE d ();")
    assert migrate.migrate(fresh, folder=folder) == ["0003_d.sql"]


def test_a_changed_migration_is_refused(fresh: Settings, folder: Path) -> None:
    migrate.migrate(fresh, folder=folder)
    (folder / "0001_a.sql").write_text("CREATE TABLE a (x bigint);")
    with pytest.raises(MigrationError, match=r"0001_a\.sql has changed since it was applied"):
        migrate.migrate(fresh, folder=folder)


def test_a_migration_that_fails_leaves_nothing(fresh: Settings, folder: Path) -> None:
    (folder / "0002_b.sql").write_text("CREATE TABLE b (y integer); SELECT 1 / 0;")
    with pytest.raises(MigrationError, match=r"0002_b\.sql: division by zero"):
        migrate.migrate(fresh, folder=folder)
    with connect(fresh, "test") as connection:
        assert connection.execute("SELECT to_regclass('a')::text, to_regclass('b')").fetchone() == (
            "a",
            None,
        )


def test_the_comment_names_every_kind_of_transition(settings: Settings) -> None:
    with connect(settings, "test", autocommit=True) as connection:
        told = connection.execute(OF_THE_NAMESPACE).fetchall()
    (comment,) = (text for table, column, text, _ in told
                  if (table, column) == ("alert_transitions", "kind"))  # fmt: skip
    tags = {str(kind.__struct_config__.tag) for kind in get_args(AlertEvent)}
    assert tags <= set(re.findall(r"\w+", comment))


def test_processes_that_migrate_at_once_do_not_meet(fresh: Settings, folder: Path) -> None:
    applied: list[str] = []
    threads = [
        threading.Thread(target=lambda: applied.extend(migrate.migrate(fresh, folder=folder)))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(applied) == ["0001_a.sql", "0002_b.sql"]


def test_community_features_wait_for_the_community_edition(folder: Path) -> None:
    apache = [each.name for each in migrate.read(community=False, folder=folder)]
    both = [each.name for each in migrate.read(community=True, folder=folder)]
    assert both == [*apache, "community/0001_c.sql"]


@pytest.mark.parametrize("name", ["", "Live", "a b", "1st", 'x"; DROP', "a" * 41])
def test_a_namespace_has_a_plain_name(name: str) -> None:
    with pytest.raises(MigrationError, match="use lower-case letters"):
        create_namespace(Settings(database_url="postgresql://nowhere"), name)


def test_namespaces_do_not_share_rows_and_go_without_a_trace(settings: Settings) -> None:
    create_namespace(settings, "replay-1")
    replay = msgspec.structs.replace(settings, namespace="replay-1")
    chunks = "SELECT count(*) FROM timescaledb_information.chunks"
    with connect(replay, "test") as connection:
        for table, rows in rows_of(scored(1)).items():
            copy(connection, table, rows)
    with connect(settings, "test") as connection:
        assert connection.execute("SELECT count(*) FROM readings").fetchone() == (0,)
        assert connection.execute(chunks).fetchone() == (1,)
        connection.commit()
        drop_namespace(settings, "replay-1")
        assert connection.execute(chunks).fetchone() == (0,)


def test_every_table_and_column_says_what_it_holds(settings: Settings) -> None:
    with connect(settings, "test") as connection:
        found = connection.execute(OF_THE_NAMESPACE).fetchall()
    assert {*(table.name for table in TABLES), "alerts"} <= {row[0] for row in found}
    silent = [f"{table}.{column}" for table, column, said, _ in found if column and not said]
    silent += sorted({table for table, _, _, said in found if not said})
    assert silent == []


def test_analysts_read_what_is_stored_and_write_nothing(settings: Settings) -> None:
    tables = (*(table.name for table in TABLES), "incidents_latest", "kinds", "metrics", "units")
    with connect(settings, "test") as connection:
        for event in EXAMPLES.values():
            for table, rows in rows_of(event).items():
                copy(connection, table, rows)
        connection.commit()
        connection.execute(f"SET ROLE {ROLE}")
        for name in (*tables, "assets", "positions", "alerts"):
            connection.execute(f"SELECT * FROM {name}").fetchall()
        for name in tables:
            assert connection.execute(f"SELECT count(*) > 0 FROM {name}").fetchone() == (True,)
        connection.commit()
        connection.execute(f"SET ROLE {ROLE}")
        for statement in (
            "DELETE FROM readings",
            "UPDATE incidents SET kind = 'x'",
            "INSERT INTO positions VALUES ('a', 'b', 0)",
            "TRUNCATE detections",
            "CREATE TABLE mine ()",
            "SELECT drop_chunks('readings', now())",
        ):
            with pytest.raises((InsufficientPrivilege, psycopg.errors.RaiseException)):
                connection.execute(statement)
            connection.rollback()
            connection.execute(f"SET ROLE {ROLE}")
        connection.rollback()
        every = connection.execute(OF_THE_NAMESPACE).fetchall()
        for name in sorted({row[0] for row in every}):
            for right in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
                assert connection.execute(MAY, [ROLE, right, name]).fetchone() == (False,), name


def test_analysts_see_no_secrets(settings: Settings) -> None:
    with connect(settings, "test") as connection:
        for table in ("users", "sessions", "camera_addresses", "pictures", "evidence"):
            assert connection.execute(MAY, [ROLE, "SELECT", table]).fetchone() == (False,), table


def test_analysts_sign_in_to_the_local_database_with_a_generated_password(
    servers: Servers, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is in a file, for ``psql`` and its like, and nowhere else."""
    settings = servers.database()
    for _ in range(2):  # the second time it keeps its password
        migrate.migrate(settings)
        line = analyst.query_line(settings, "psql")
        password = password_file(settings, ANALYST).read_text().strip()
        assert password not in line
        found = re.fullmatch(r"PGSERVICEFILE=(\S+) psql (service=\S+)", line)
        assert found is not None
        file, service = found.groups()
        assert Path(file).stat().st_mode & 0o077 == 0
        monkeypatch.setenv("PGSERVICEFILE", file)
        with psycopg.connect(service) as connection:
            assert connection.execute("SELECT count(*) FROM readings").fetchone() == (0,)
            assert connection.execute("SHOW timezone").fetchone() == ("Asia/Ho_Chi_Minh",)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(service, password="analyst")


def test_retention_takes_old_chunks_only(settings: Settings) -> None:
    """Whatever the clock says: age counts from the newest tick."""
    now: Micros = START - 400 * DAY
    days = msgspec.structs.replace(settings, retention_days=30, detection_retention_days=7)
    ages = (0, 6, 8, 29, 32, 40)
    with connect(settings, "test", autocommit=True) as connection:
        assert retention.drop_old(connection, days) == {}  # no tick yet: nothing is old
        for age in ages:
            then = now - age * DAY
            reading = msgspec.structs.replace(
                EXAMPLES[Scored], time=then, times=then.to_bytes(8, "little") * 2
            )
            frame = msgspec.structs.replace(detections(0), time=now - age * DAY)
            for event in (reading, frame, incident(age, start=now - age * DAY)):
                for table, rows in rows_of(event).items():
                    copy(connection, table, rows)
        positions.load(connection, PART, DETECTIONS, 0)
        progress = Progress(next_offset=1, newest=now)
        positions.advance(connection, PART, DETECTIONS, 0, before=0, progress=progress)
        before = {table: chunks_and_ages(connection, table, now) for table in STORED}
        assert sum(stored == set(ages) for _, stored in before.values()) >= 4  # those of the events
        dropped = retention.drop_old(connection, days)
        after = {table: chunks_and_ages(connection, table, now) for table in STORED}
        assert dropped == {table.name: before[table][0] - after[table][0] for table in STORED}
        assert retention.drop_old(connection, days) == dict.fromkeys(dropped, 0)
        for table in STORED:
            _, width = connection.execute(DIMENSION, [table.name]).fetchone()
            kept, stored, left = table.kept_days(days), before[table][1], after[table][1]
            assert left >= {age for age in stored if age <= kept}, table.name
            assert all(age < kept + width.days for age in left), table.name
        assert [dropped[name] for name in ("readings", "frames", "incidents")] == [2, 4, 0]


def chunks_and_ages(
    connection: psycopg.Connection[Any], table: Stored, now: Micros
) -> tuple[int, set[int]]:
    """How many chunks a table has, and how many days old its rows are."""
    (chunks,) = connection.execute(CHUNKS, [table.name]).fetchone()
    column, _ = connection.execute(DIMENSION, [table.name]).fetchone()
    times = connection.execute(
        sql.SQL("SELECT DISTINCT {} FROM {}").format(
            sql.Identifier(column), sql.Identifier(table.name)
        )
    )
    return chunks, {round((to_datetime(now) - time) / timedelta(days=1)) for (time,) in times}


def test_retention_lets_a_long_query_finish(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "LOCK_WAIT", "50ms")
    event = Counts("c", "", START - 100 * DAY, HOUR, "live", "car", 1, 1)
    with (
        connect(settings, "test", autocommit=True) as connection,
        connect(settings, "analyst") as reader,
    ):
        for table, rows in rows_of(event).items():
            copy(connection, table, rows)
        positions.load(connection, PART, DETECTIONS, 0)
        progress = Progress(next_offset=1, newest=START)
        positions.advance(connection, PART, DETECTIONS, 0, before=0, progress=progress)
        for number in range(20):  # most of what is stored is new
            event = Counts(f"c-{number}", "", START, HOUR, "live", "car", 1, 1)
            for table, rows in rows_of(event).items():
                copy(connection, table, rows)
        assert reader.execute("SELECT count(*) FROM counts").fetchone() == (21,)
        assert "counts" not in retention.drop_old(connection, settings, START)
        reader.rollback()
        assert retention.drop_old(connection, settings, START)["counts"] == 1


def stored(connection: psycopg.Connection[Any], *times: Micros, newest: Micros) -> None:
    """Readings at those times, and event time as the writer has seen it."""
    for time in times:
        reading = msgspec.structs.replace(scored(0), times=time.to_bytes(8, "little") * 2)
        for table, rows in rows_of(reading).items():
            copy(connection, table, rows)
    progress = positions.load(connection, PART, DETECTIONS, 0)
    before = progress.next_offset
    progress.next_offset, progress.newest = before + 1, newest
    positions.advance(connection, PART, DETECTIONS, 0, before=before, progress=progress)


def days_left(connection: psycopg.Connection[Any], now: Micros) -> list[int]:
    found = connection.execute("SELECT DISTINCT time FROM readings")
    return sorted(round((to_datetime(now) - time) / timedelta(days=1)) for (time,) in found)


def test_a_clock_that_was_ahead_deletes_nothing(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    """Event time was 40 days ahead for two seconds."""
    now, days = START - 400 * DAY, range(29)
    with connect(settings, "test", autocommit=True) as connection:
        stored(connection, *(now - day * DAY for day in days), newest=now)
        stored(connection, now + 40 * DAY, newest=now + 40 * DAY)
        everything = [-40, *days]
        # The clock is right again, or goes back a week, or is as far ahead as event time was.
        for wall in (now, now - 7 * DAY, now + 40 * DAY - MINUTE):
            assert retention.drop_old(connection, settings, wall) == {}
            assert "nothing is deleted" in caplog.text
            caplog.clear()
        # Even where the clock stays ahead: most of what is stored has not come near.
        assert not any(retention.drop_old(connection, settings, now + 40 * DAY).values())
        assert days_left(connection, now) == everything
        # The control: where all of it has, the old goes, and that is said.
        stored(connection, *(now + day * DAY for day in range(32, 41)), newest=now + 40 * DAY)
        dropped = retention.drop_old(connection, settings, now + 40 * DAY)
        assert dropped["readings"] > 20
        assert re.search(r"readings: deleted \d+ chunks with rows from \d{4}-", caplog.text)
        assert min(days_left(connection, now)) == -40
        assert max(days_left(connection, now)) <= 0


def test_once_event_time_has_gone_back_age_is_measured_from_there(settings: Settings) -> None:
    """Who reads no ticks knows of it only when something happens."""
    now = START - 400 * DAY
    with connect(settings, "test", autocommit=True) as connection:
        stored(connection, now - 35 * DAY, now + 40 * DAY, newest=now + 40 * DAY)
        ahead = positions.load(connection, "alerts", CORRELATED, 0)
        ahead.next_offset, ahead.newest = 1, now + 40 * DAY
        positions.advance(connection, "alerts", CORRELATED, 0, before=0, progress=ahead)
        assert retention.drop_old(connection, settings, now) == {}
        stored(connection, *(now - day * DAY for day in range(29)), newest=now)
        assert retention.drop_old(connection, settings, now)["readings"] == 1
        assert days_left(connection, now) == [-40, *range(29)]
    ahead.saw(now - SECOND)
    assert ahead.newest == now - SECOND
    ahead.saw(now - MINUTE)
    assert ahead.newest == now - SECOND


def test_a_clock_that_is_ahead_alone_deletes_nothing(settings: Settings) -> None:
    now = START - 400 * DAY
    with connect(settings, "test", autocommit=True) as connection:
        stored(connection, *(now - day * DAY for day in range(29)), newest=now)
        assert not any(retention.drop_old(connection, settings, now + 90 * DAY).values())
        assert days_left(connection, now) == list(range(29))


def test_every_stored_table_has_a_retention(settings: Settings) -> None:
    with connect(settings, "test") as connection:
        found = connection.execute(
            "SELECT hypertable_name FROM timescaledb_information.hypertables"
            " WHERE hypertable_schema = current_schema()"
        )
        assert {row[0] for row in found} == set(retention.kept(settings))
    assert min(retention.kept(settings).values()) >= timedelta(days=7)
