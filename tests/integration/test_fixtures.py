"""What every other integration test rests on."""

import psycopg

from streams.database import connect
from streams.settings import Settings


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
