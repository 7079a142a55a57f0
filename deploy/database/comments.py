"""What the database says of its tables and views: taken from their modules, at every migration.

So the words follow the code, and no migration is needed where only they change.
"""

from typing import Any

import psycopg
from psycopg import sql

from deploy.database.layouts import ALL
from streams.tables.table import Described

_SAID = """
SELECT '', coalesce(obj_description(oid), ''), relkind = 'v'
FROM pg_class WHERE oid = to_regclass(%(table)s)
UNION ALL
SELECT attname, coalesce(col_description(attrelid, attnum), ''), FALSE FROM pg_attribute
WHERE attrelid = to_regclass(%(table)s) AND attnum > 0 AND NOT attisdropped
"""


def apply(connection: psycopg.Connection[Any]) -> None:
    """Writes the comments that differ; a table or column that is not there is passed over.

    Nothing is locked where all of them are right already.
    """
    for described in ALL:
        wanted = _wanted(described)
        rows = connection.execute(_SAID, {"table": described.name}).fetchall()
        for column, said, is_view in rows:
            if column in wanted and said != wanted[column]:
                what = "COLUMN" if column else "VIEW" if is_view else "TABLE"
                connection.execute(_statement(what, described, column, wanted[column]))


def _wanted(described: Described) -> dict[str, str]:
    """By column; '' is the table itself."""
    return {"": described.said} | {column.name: column.comment for column in described.layout}


def _statement(what: str, described: Described, column: str, comment: str) -> sql.Composed:
    name = sql.Identifier(described.name, *filter(None, [column]))
    return sql.SQL("COMMENT ON {} {} IS {}").format(sql.SQL(what), name, sql.Literal(comment))
