"""What every other integration test rests on."""

from collections.abc import Iterator

import psycopg
import pytest

from streams.database import connect
from streams.settings import Settings
from tests.support.databases import cloned
from tests.support.renewing import renew, state


def test_a_test_has_a_schema_of_its_own_with_every_table(settings: Settings) -> None:
    with connect(settings, "test") as connection:
        hypertables = connection.execute(
            "SELECT hypertable_name FROM timescaledb_information.hypertables"
            " WHERE hypertable_schema = %s",
            (settings.namespace,),
        ).fetchall()
        applied = connection.execute("SELECT count(*) FROM migrations").fetchone()
    assert hypertables
    assert applied is not None
    assert applied[0] > 0


def test_tests_do_not_see_each_others_databases(database_url: str, settings: Settings) -> None:
    assert settings.database == database_url
    with psycopg.connect(database_url) as connection:
        connection.execute("CREATE TABLE left_behind ()")


def test_nothing_is_left_behind(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        found = connection.execute("SELECT to_regclass('left_behind')").fetchone()
    assert found == (None,)


USED = (
    "INSERT INTO readings (time, source, metric, late, origin, model, gateway)"
    " VALUES (now(), 'gauge-1', 'level', false, 'simulated', 'none', 'gw-1')",
    "INSERT INTO erasures (source, after, until, actor, reason)"
    " VALUES ('gauge-1', now(), now() + interval '1 day', 'lan', 'asked')",
    "DELETE FROM metrics",
)
"""What tests leave in a hypertable, where rows have numbers, and where there were some."""


@pytest.fixture
def copy(database_server: str, template_database: str) -> Iterator[str]:
    with cloned(database_server, template_database) as url:
        yield url


def use(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True, options="-csearch_path=template,public") as given:
        for statement in statements:
            given.execute(statement.replace("THIS", given.info.dbname))


def test_a_copy_that_is_used_again_is_as_a_new_one(copy: str) -> None:
    new = state(copy)
    use(copy, *USED)
    used = state(copy)
    assert {table for _, table in used.empty ^ new.empty} == {"readings", "erasures", "metrics"}
    assert used.numbers != new.numbers
    use(copy, "ALTER SCHEMA template RENAME TO test01234567")
    assert renew(copy, new)
    assert state(copy) == new


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TABLE more ()",
        "ALTER TABLE oncall_log DISABLE TRIGGER append_only",
        "ALTER TABLE audit_log ADD CONSTRAINT full_up CHECK (false) NOT VALID",
        "GRANT SELECT ON oncall_log TO PUBLIC",
        "ALTER DATABASE THIS SET work_mem = '1GB'",
        "CREATE OR REPLACE FUNCTION control_log_is_append_only() RETURNS trigger"
        " LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    ],
)
def test_control_what_differs_otherwise_is_not_used_again(copy: str, change: str) -> None:
    new = state(copy)
    use(copy, change)
    assert not renew(copy, new)
