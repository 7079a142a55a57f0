"""Whom to call about an asset: kept beside the log of changes, since it may be a person.

What is in the log stays there for ever, and is published and recorded; this is neither, and goes
when somebody says so (decision 0071).
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import psycopg

from streams import queries

_SQL = queries.load(Path(__file__).parent / "sql")


def read(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """By asset id; of assets that nobody is known for there is none."""
    return dict(connection.execute(_SQL["contacts"].sql).fetchall())


def put(connection: psycopg.Connection[Any], contacts: Mapping[str, str]) -> None:
    """Those that are to be known; an empty one is forgotten."""
    with connection.cursor() as cursor:
        cursor.executemany(_SQL["contact_put"].sql, [each for each in contacts.items() if each[1]])
    forget(connection, *(asset for asset, contact in contacts.items() if not contact))


def forget(connection: psycopg.Connection[Any], *assets: str) -> None:
    connection.execute(_SQL["contacts_drop"].sql, {"assets": list(assets)})
