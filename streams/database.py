"""Connections to TimescaleDB, each inside one namespace's schema."""

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

from streams.settings import Settings

CONNECT_SECONDS = 5


def conninfo(settings: Settings, part: str, *, url: str | None = None) -> str:
    """Connection string for a pool or an asynchronous connection.

    Unqualified table names mean the namespace's; the session's time zone is UTC.

    Args:
        part: shown by the server as ``application_name``.
        url: another role's address; None: the owner's, ``settings.database``.

    Raises:
        SettingError: the local database has not been started yet.
    """
    schema = settings.namespace.replace('"', '""')
    return make_conninfo(
        settings.database if url is None else url,
        application_name=f"cityops {settings.namespace} {part}",
        connect_timeout=CONNECT_SECONDS,
        options=f'-c search_path="{schema}",public -c timezone=UTC',
    )


def connect(
    settings: Settings, part: str, *, autocommit: bool = False, url: str | None = None
) -> psycopg.Connection[TupleRow]:
    """A synchronous connection; raises psycopg.OperationalError where no server answers."""
    return psycopg.connect(conninfo(settings, part, url=url), autocommit=autocommit)
