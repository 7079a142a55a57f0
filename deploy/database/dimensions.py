"""Fills the tables that say what ids stand for: kinds, metrics, and assets from before them.

A kind or metric that has gone stays, as old rows still name it.
"""

from pathlib import Path
from typing import Any

import psycopg

from streams import queries
from streams.configuration.log import catch_up
from streams.feeds.registry import metrics
from streams.kinds.registry import all_kinds

_SQL = queries.load(Path(__file__).parent / "sql")


def fill(connection: psycopg.Connection[Any]) -> None:
    """Brings them up to date, all or none; the connection is in autocommit."""
    with connection.transaction():
        for kind in all_kinds().values():
            connection.execute(
                _SQL["kind_put"].sql,
                {
                    "id": kind.id,
                    "name_vi": kind.name.vi,
                    "name_en": kind.name.en,
                    "category": kind.category,
                    "formerly": list(kind.formerly),
                },
            )
        for name, metric in metrics().items():
            connection.execute(
                _SQL["metric_put"].sql,
                {
                    "id": name,
                    "name_vi": metric.name.vi,
                    "name_en": metric.name.en,
                    "unit_vi": metric.unit.vi,
                    "unit_en": metric.unit.en,
                    "least": metric.range[0],
                    "most": metric.range[1],
                },
            )
    catch_up(connection)
