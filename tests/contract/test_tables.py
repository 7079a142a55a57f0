"""Every stored table by itself; a new one is found here without being named.

What the database has of it is compared in ``tests/integration/test_tables.py``.
"""

import re
from pathlib import Path

import pytest

import streams.tables
from deploy.database.migrate import read
from streams.events import TYPES, BadMessage
from streams.kinds.registry import all_kinds
from streams.settings import Settings, load
from streams.tables.rows import TABLES, rows_of
from streams.tables.table import Table
from streams.tables.writer import TOPICS
from tests.support.reserved import RESERVED
from tests.support.upstream import EXAMPLES

LONGEST_DAYS = 3650

ROOT = Path(__file__).parents[2]
by_name = pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)


def test_each_is_registered_once() -> None:
    names = [table.name for table in TABLES]
    assert names == sorted(set(names))


@by_name
def test_its_module_has_its_name(table: Table) -> None:
    assert (Path(streams.tables.__path__[0]) / f"{table.name}.py").exists()


def migrated() -> str:
    """All migrations, in order, without their remarks."""
    made = "\n".join(migration.text for migration in read(community=False))
    return re.sub(r"--.*", "", made)


@by_name
def test_a_migration_makes_it_with_its_columns(table: Table) -> None:
    bodies = re.findall(rf"CREATE TABLE {table.name} \((.*?)\n\)", migrated(), re.DOTALL)
    assert len(bodies) == 1, (
        f"{len(bodies)} migrations make {table.name}: one in deploy/database/ is to, with"
        f" `CREATE TABLE {table.name} (` and a line per column"
    )
    lines = re.findall(r"^    (\w+) ", bodies[0], re.MULTILINE)
    added = re.findall(rf"ALTER TABLE {table.name} ADD COLUMN (\w+)", migrated())
    made = {name for name in (*lines, *added) if not name.isupper()}  # no PRIMARY KEY, no CHECK
    assert made == set(table.columns), "layout and migration name other columns"


@by_name
def test_a_migration_makes_a_hypertable_of_it(table: Table) -> None:
    found = re.findall(rf"create_hypertable\(\s*'{table.name}',\s*'(\w+)'", migrated())
    assert len(found) == 1, f"call create_hypertable once for {table.name}: retention needs it"
    assert found[0] in table.columns


@by_name
def test_no_name_of_it_is_one_that_postgresql_keeps_for_itself(table: Table) -> None:
    kept = RESERVED & {table.name, *table.columns}
    assert not kept, f"{table.name}: PostgreSQL refuses {sorted(kept)} as names: choose others"


@by_name
def test_it_and_each_column_say_what_they_hold(table: Table) -> None:
    assert len(set(table.columns)) == len(table.columns)
    said = [table.comment, *(column.comment for column in table.layout)]
    assert all(len(comment) > 8 and comment == comment.strip() for comment in said)


@by_name
def test_no_comment_lists_kinds(table: Table) -> None:
    """Which there are changes; the comment would not."""
    said = " ".join([table.comment, *(column.comment for column in table.layout)])
    assert not set(all_kinds()) & set(re.findall(r"\w+", said))


def test_no_comment_in_force_lists_kinds() -> None:
    """Of any table, those that no module of ours describes too: the last one of each counts."""
    said: dict[str, str] = {}
    for path in sorted((ROOT / "deploy/database").glob("*.sql")):
        found = re.findall(r"COMMENT ON (\w+ [\w.]+) IS\s+'((?:[^']|'')*)'", path.read_text())
        said |= dict(found)
    assert len(said) > 50
    own = {f"COLUMN {table.name}.{column.name}" for table in TABLES for column in table.layout}
    named = {name for kind in all_kinds().values() for name in (kind.id, *kind.formerly)}
    listing = {
        place
        for place, text in said.items()
        if place not in own and named & set(re.findall(r"\w+", text))
    }
    assert not listing, "say 'as in kinds.id' in a new migration"


@by_name
def test_its_event_is_one_that_its_topic_brings(table: Table) -> None:
    assert table.event in TYPES.values()
    assert table.topic in TOPICS


@by_name
def test_how_long_its_rows_stay_is_a_setting(table: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    assert 1 <= table.kept_days(Settings()) <= LONGEST_DAYS
    for name in Settings.__struct_fields__:
        if name.endswith("retention_days"):
            monkeypatch.setenv(f"CITYOPS_{name.upper()}", "77")
    assert table.kept_days(load()) == 77


@by_name
def test_rows_of_an_example_fit_its_columns(table: Table) -> None:
    assert table.event in EXAMPLES, (
        f"no example of {table.event.__name__}: add an example to tests/support/upstream.py and"
        " its EXAMPLES"
    )
    rows = rows_of(EXAMPLES[table.event])[table]
    assert rows
    assert {len(row) for row in rows} == {len(table.columns)} == {len(table.types)}


@by_name
def test_another_event_leaves_nothing_in_it(table: Table) -> None:
    for event in EXAMPLES.values():
        if type(event) is not table.event:
            assert table not in rows_of(event)


def test_an_event_that_no_table_takes_is_refused() -> None:
    with pytest.raises(BadMessage, match="not stored"):
        rows_of(object())
