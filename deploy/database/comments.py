"""What the database says of the stored tables: taken from their modules, at every migration.

So the words follow the code, and no migration is needed where only they change.
"""

from typing import Any

import psycopg
from psycopg import sql

from streams.tables.rows import TABLES
from streams.tables.table import Table

_SAID = """
SELECT '', coalesce(obj_description(to_regclass(%(table)s)), '')
WHERE to_regclass(%(table)s) IS NOT NULL
UNION ALL
SELECT attname, coalesce(col_description(attrelid, attnum), '') FROM pg_attribute
WHERE attrelid = to_regclass(%(table)s) AND attnum > 0 AND NOT attisdropped
"""


def apply(connection: psycopg.Connection[Any]) -> None:
    """Writes the comments that differ; a table or column that is not there is passed over.

    Nothing is locked where all of them are right already.
    """
    for table in TABLES:
        said = dict(connection.execute(_SAID, {"table": table.name}).fetchall())
        for column, comment in _wanted(table).items():
            if column in said and said[column] != comment:
                connection.execute(_statement(table, column, comment))


def _wanted(table: Table) -> dict[str, str]:
    """By column; '' is the table itself."""
    return {"": table.comment} | {column.name: column.comment for column in table.layout}


def _statement(table: Table, column: str, comment: str) -> sql.Composed:
    of = sql.SQL("COLUMN {}") if column else sql.SQL("TABLE {}")
    name = sql.Identifier(table.name, column) if column else sql.Identifier(table.name)
    return sql.SQL("COMMENT ON {} IS {}").format(of.format(name), sql.Literal(comment))
