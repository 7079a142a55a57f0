"""Every table by itself; a new one is found here without being named.

What the database has of it is compared in ``tests/integration/test_tables.py``.
"""

import re
from pathlib import Path

import msgspec
import pytest

import deploy.database.tables
import streams.tables
from deploy.database.layouts import ALL, DIMENSIONS, KEPT
from deploy.database.migrate import _TABLE, read
from deploy.database.table import Dimension, Kept
from streams.events import LATE, TYPES, BadMessage, Scored
from streams.kinds.registry import all_kinds
from streams.settings import Settings, load
from streams.tables.rows import STORED, TABLES, in_doubt, rows_of
from streams.tables.search import LONGEST_KEY
from streams.tables.table import Described, Stored, Table
from streams.tables.writer import TOPICS
from tests.support.reserved import RESERVED
from tests.support.upstream import EXAMPLES

LONGEST_DAYS = 3650

FIRST_SILENT = "0035"
"""Earlier migrations have comments, which the modules have replaced."""

by_name = pytest.mark.parametrize("table", STORED, ids=lambda table: table.name)
of_events = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
of_all = pytest.mark.parametrize("described", ALL, ids=lambda described: described.name)


def test_each_is_registered_once() -> None:
    names = [table.name for table in STORED]
    assert names == sorted(set(names))


@by_name
def test_its_module_has_its_name(table: Stored) -> None:
    assert (Path(streams.tables.__path__[0]) / f"{table.name}.py").exists()


def migrated() -> str:
    """All migrations, in order, without their remarks, after the table that notes them."""
    made = "\n".join([_TABLE, *(migration.text for migration in read(community=False))])
    return re.sub(r"--.*", "", made)


def made(text: str) -> dict[str, set[str]]:
    """Table to its columns, as SQL makes and alters them; ``CREATE TABLE``, a column to a line."""
    found: dict[str, set[str]] = {}
    statement = r"CREATE TABLE (?:IF NOT EXISTS )?(\w+) \((.*?)\n\)|ALTER TABLE (\w+)\s(.*?);"
    for name, body, altered, change in re.findall(statement, text, re.DOTALL):
        if name:
            assert name not in found, f"two migrations make {name}"
            lines = re.findall(r"^    (\w+) ", body, re.MULTILINE)
            found[name] = {line for line in lines if not line.isupper()}  # no PRIMARY KEY, no CHECK
        else:
            found[altered] |= set(re.findall(r"ADD COLUMN (\w+)", change))
            found[altered] -= set(re.findall(r"DROP COLUMN (\w+)", change))
            for before, now in re.findall(r"RENAME COLUMN (\w+) TO (\w+)", change):
                found[altered] = found[altered] - {before} | {now}
    return found


MADE = made(migrated())
VIEWS = set(re.findall(r"CREATE (?:OR REPLACE )?VIEW (\w+)", migrated()))


def test_each_table_and_view_that_migrations_make_has_a_module_and_the_other_way_round() -> None:
    names = [described.name for described in ALL]
    assert len(names) == len(set(names))
    assert set(names) == set(MADE) | VIEWS, (
        "a table has one migration in deploy/database/, and one module: in streams/tables/ where"
        " the writer fills it, else in deploy/database/tables/"
    )


@pytest.mark.parametrize("kept", KEPT, ids=lambda kept: kept.name)
def test_the_module_of_one_that_the_writer_does_not_fill_has_its_name(kept: Kept) -> None:
    assert (Path(deploy.database.tables.__path__[0]) / f"{kept.name}.py").exists()
    assert len(kept.kept) > 4, "say how long its rows stay"


@of_all
def test_its_columns_are_those_that_migrations_make(described: Described) -> None:
    if described.name not in VIEWS:  # compared with the database's in tests/integration
        assert MADE[described.name] == set(described.columns)


def test_control_a_table_or_column_without_a_home_is_found() -> None:
    with_more = (
        migrated()
        + """
        CREATE TABLE more (
            a text NOT NULL,
            CHECK (a <> '')
        );
        ALTER TABLE metrics
            ADD COLUMN colour text, DROP COLUMN most;
        ALTER TABLE metrics RENAME COLUMN least TO lowest;
        """.replace("\n        ", "\n")
    )
    found = made(with_more)
    assert found["more"] == {"a"}
    assert found["metrics"] == MADE["metrics"] - {"most", "least"} | {"colour", "lowest"}
    assert set(found) - {described.name for described in ALL} == {"more"}


def test_no_new_migration_comments() -> None:
    """Of what it says the modules are the home."""
    silent = [each for each in read(community=True) if each.name.rpartition("/")[2] >= FIRST_SILENT]
    assert [each.name for each in silent if "COMMENT ON" in each.text] == []


@pytest.mark.parametrize("dimension", DIMENSIONS, ids=lambda dimension: dimension.name)
def test_rows_of_a_dimension_fit_its_columns_and_have_a_key_each(dimension: Dimension) -> None:
    rows = [*dimension.rows()]
    assert {len(row) for row in rows} == {len(dimension.columns)}
    at = [dimension.columns.index(name) for name in dimension.key]
    assert len({tuple(row[i] for i in at) for row in rows}) == len(rows)


@by_name
def test_a_migration_makes_a_hypertable_of_it(table: Stored) -> None:
    found = re.findall(rf"create_hypertable\(\s*'{table.name}',\s*'(\w+)'", migrated())
    assert len(found) == 1, f"call create_hypertable once for {table.name}: retention needs it"
    assert found[0] in table.columns


@by_name
def test_no_name_of_it_is_one_that_postgresql_keeps_for_itself(table: Stored) -> None:
    kept = RESERVED & {table.name, *table.columns}
    assert not kept, f"{table.name}: PostgreSQL refuses {sorted(kept)} as names: choose others"


@of_all
def test_it_and_each_column_say_what_they_hold(described: Described) -> None:
    assert len(set(described.columns)) == len(described.columns)
    said = [described.comment, *(column.comment for column in described.layout)]
    assert all(len(comment) > 7 and comment == comment.strip(" .") for comment in said)


@of_all
def test_no_comment_lists_kinds(described: Described) -> None:
    """Which there are changes; the comment would not."""
    said = " ".join([described.said, *(column.comment for column in described.layout)])
    named = {name for kind in all_kinds().values() for name in (kind.id, *kind.formerly)}
    assert not named & set(re.findall(r"\w+", said)), "say 'as in kinds.id'"


@of_events
def test_its_event_is_one_that_its_topic_brings(table: Table) -> None:
    assert table.event in TYPES.values()
    assert table.topic in TOPICS


@by_name
def test_how_long_its_rows_stay_is_a_setting(
    table: Stored, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert 1 <= table.kept_days(Settings()) <= LONGEST_DAYS
    for name in Settings.__struct_fields__:
        if name.endswith("retention_days"):
            monkeypatch.setenv(f"CITYOPS_{name.upper()}", "77")
    assert table.kept_days(load()) == 77


@of_events
def test_rows_of_an_example_fit_its_columns(table: Table) -> None:
    assert table.event in EXAMPLES, (
        f"no example of {table.event.__name__}: add an example to tests/support/upstream.py and"
        " its EXAMPLES"
    )
    rows = rows_of(EXAMPLES[table.event])[table]
    assert rows
    assert {len(row) for row in rows} == {len(table.columns)} == {len(table.types)}


@of_events
def test_what_may_be_stored_already_is_told_apart_by_its_first_columns(table: Table) -> None:
    if table.lookup is None:
        return
    key, told = table.lookup.identity
    assert table.columns[:3] == ("time", "source", "metric")
    assert 3 <= key <= len(table.columns)
    assert told is None or told >= key
    assert max(key, told or 0) < LONGEST_KEY + 1
    if table.event is Scored:
        late = msgspec.structs.replace(EXAMPLES[Scored], flags=bytes([LATE] * 2))
        assert [each.row for each in in_doubt(late)[table]]
        assert not rows_of(late)[table], "it would be stored twice"


@of_events
def test_another_event_leaves_nothing_in_it(table: Table) -> None:
    for event in EXAMPLES.values():
        if type(event) is not table.event:
            assert table not in rows_of(event)


def test_an_event_that_no_table_takes_is_refused() -> None:
    with pytest.raises(BadMessage, match="not stored"):
        rows_of(object())
