"""Fills the tables that say what ids stand for: the dimensions, and assets from before them.

What has gone stays, as old rows still name it.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from deploy.database.layouts import DIMENSIONS
from deploy.database.table import Dimension
from streams import queries
from streams.configuration import assets
from streams.configuration.log import catch_up

_SQL = queries.load(Path(__file__).parent / "sql")


def fill(connection: psycopg.Connection[Any]) -> None:
    """Brings them up to date, all or none; the connection is in autocommit."""
    with connection.transaction():
        for dimension in DIMENSIONS:
            for row in dimension.rows():
                connection.execute(_put(dimension), row)
        connection.execute(_SQL["metrics_without_feed"].sql)
        assets.name_feeds(connection)
    catch_up(connection)


def _put(dimension: Dimension) -> sql.Composed:
    """A row as it is called now."""
    others = [name for name in dimension.columns if name not in dimension.key]
    return sql.SQL(
        "INSERT INTO {} ({}) VALUES ({}) ON CONFLICT ({}) DO UPDATE SET ({}) = ROW ({})"
    ).format(
        sql.Identifier(dimension.name),
        _listed(dimension.columns),
        sql.SQL(", ").join(sql.Placeholder() * len(dimension.columns)),
        _listed(dimension.key),
        _listed(others),
        sql.SQL(", ").join(sql.Identifier("excluded", name) for name in others),
    )


def _listed(names: Iterable[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))
