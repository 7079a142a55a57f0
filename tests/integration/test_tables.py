"""Every table and view as the real database has it: columns, types and what is said of them."""

from typing import Any

import psycopg
import pytest

from deploy.database.layouts import ALL
from deploy.database.migrate import migrate
from streams.database import connect
from streams.settings import Settings
from tests.support.reserved import RESERVED

COLUMNS = """
SELECT attname, atttypid::regtype::text, col_description(attrelid, attnum)
FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
"""
SAID = "SELECT obj_description(%s::regclass)"

NAMES = """
SELECT relname FROM pg_class
WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'f')
"""


def type_of(connection: psycopg.Connection[Any], name: str) -> str:
    """As the database spells it."""
    row = connection.execute("SELECT %s::regtype::text", [name]).fetchone()
    assert row is not None
    return str(row[0])


def test_the_database_has_just_these_columns(settings: Settings) -> None:
    """All in one database: making one takes longer than looking at it."""
    with connect(settings, "test") as connection:
        for table in ALL:
            found = connection.execute(COLUMNS, [table.name]).fetchall()
            wanted = {(name, type_of(connection, kind), said) for name, kind, said in table.layout}
            assert set(found) == wanted, table.name
            assert connection.execute(SAID, [table.name]).fetchone() == (table.said,), table.name


def test_the_database_has_no_table_or_view_that_no_module_describes(settings: Settings) -> None:
    with connect(settings, "test") as connection:
        found = {row[0] for row in connection.execute(NAMES)}
        assert found == {each.name for each in ALL}
        connection.execute("CREATE TABLE another (x integer)")
        assert {row[0] for row in connection.execute(NAMES)} - found == {"another"}
        connection.rollback()


def test_the_words_that_are_refused_as_names_are_those_of_the_server(settings: Settings) -> None:
    keywords = "SELECT word FROM pg_get_keywords() WHERE catcode IN ('R', 'T')"
    with connect(settings, "test") as connection:
        assert {row[0] for row in connection.execute(keywords)} <= RESERVED


@pytest.mark.parametrize("name", ["counts", "alerts", "incidents_latest"])
def test_comments_follow_the_code_at_the_next_migration(settings: Settings, name: str) -> None:
    (table,) = (each for each in ALL if each.name == name)
    column, what = table.layout[0], "VIEW" if name == "incidents_latest" else "TABLE"
    with connect(settings, "test", autocommit=True) as connection:
        connection.execute(f"COMMENT ON {what} {table.name} IS 'as it was said before'")
        connection.execute(f"COMMENT ON COLUMN {table.name}.{column.name} IS NULL")
        assert migrate(settings) == []
        assert connection.execute(SAID, [table.name]).fetchone() == (table.said,)
        said = {row[0]: row[2] for row in connection.execute(COLUMNS, [table.name])}
        assert said == {each.name: each.comment for each in table.layout}


def test_comments_that_are_right_are_not_written_again(settings: Settings) -> None:
    """A long query or a writer at work is not waited for."""
    with connect(settings, "test") as connection:
        for table in ALL:
            if table.name == "control_log":
                continue  # whoever migrates locks it, to read it to its end
            connection.execute(f"LOCK TABLE {table.name} IN SHARE UPDATE EXCLUSIVE MODE")
        assert migrate(settings) == []
