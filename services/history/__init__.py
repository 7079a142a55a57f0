"""What analysts ask of the history: named queries, each a file that ``psql -f`` runs as it is."""

from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import dict_row

from streams import queries

QUERIES = queries.load(Path(__file__).parent / "queries")
"""By name; the description says what a query answers."""


def ask(connection: psycopg.Connection[Any], name: str) -> list[dict[str, Any]]:
    """The rows of a named query, by column.

    Raises:
        KeyError: there is no such query.
    """
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(QUERIES[name].sql).fetchall()
