"""Connections to TimescaleDB, each inside one namespace's schema and by its part's own role."""

from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo
from psycopg.rows import TupleRow

from streams.settings import SettingError, Settings

CONNECT_SECONDS = 5
LINE = {
    "keepalives_idle": 10,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 20_000,
}
"""A server whose machine or network is gone is given up after some 20 seconds, not after hours."""


PARTS = ("alerts", "command", "gateway", "mqtt", "notifier", "poller", "receiver", "writer")
"""Roles by which what runs signs in; they own nothing (``deploy/database/rights.py``)."""
OWNER = "owner"
"""The role that owns schemas and tables; for migrations only."""
ANALYST = "analyst"

ROLES = {
    "alerts": "alerts",
    "alerts-api": "alerts",
    "alerts-live": "alerts",
    "alerts-pacing": "alerts",
    "alerts-pictures": "alerts",
    "alerts-pulse": "alerts",
    "alerts-watchdog": "alerts",
    "audit": "command",
    "control": "command",
    "footage": "command",
    "replay": "command",
    "status": "command",
    "gateway": "gateway",
    "mqtt": "mqtt",
    "notifier": "notifier",
    "poller": "poller",
    "receiver": "receiver",
    "hours": "writer",
    "writer": "writer",
    "writer-watchdog": "writer",
    "migrate": OWNER,
    "drop": OWNER,
}
"""Part, as it is given to ``connect``, to its role. Others sign in as ``settings.database`` says,
who may do everything: none that runs does (``tests/contract/test_rights.py``)."""


class NoSignInError(SettingError, psycopg.OperationalError):
    """A part's password is not there, or cannot be read: whoever waits for a database waits."""


def signs_in_as(role: str) -> str:
    """A role's name on the server."""
    return f"cityops_{role}"


def password_file(settings: Settings, role: str) -> Path:
    return settings.secret(f"database-{role}")


def address(settings: Settings, role: str) -> str:
    """Connection string of a role.

    Raises:
        NoSignInError: the database has not been prepared yet, or by another account.
    """
    file = password_file(settings, role)
    try:
        password = file.read_text().strip()
    except FileNotFoundError:
        raise NoSignInError(f"no sign-in of the database's for {role!r}: run 'make up'") from None
    except PermissionError:
        raise NoSignInError(f"{file} cannot be read: use the account that ran 'make up'") from None
    given = settings.database_url or f"postgresql://127.0.0.1:{settings.database_port}/cityops"
    return make_conninfo(given, user=signs_in_as(role), password=password)


def conninfo(
    settings: Settings, part: str, *, url: str | None = None, statement_seconds: int = 0
) -> str:
    """Connection string for a pool or an asynchronous connection.

    Unqualified table names mean the namespace's; the session's time zone is UTC.

    Args:
        part: shown by the server as ``application_name``; its role is that of ``ROLES``.
        url: another address; None: the part's own.
        statement_seconds: after so long the server gives a statement up; 0: never.

    Raises:
        NoSignInError: the database has not been prepared yet.
    """
    if url is None:
        url = address(settings, ROLES[part]) if part in ROLES else settings.database
    schema = settings.namespace.replace('"', '""')
    limit = f" -c statement_timeout={statement_seconds}s" if statement_seconds else ""
    return make_conninfo(
        url,
        application_name=f"cityops {settings.namespace} {part}",
        connect_timeout=CONNECT_SECONDS,
        options=f'-c search_path="{schema}",public -c timezone=UTC{limit}',
        **LINE,
    )


def connect(
    settings: Settings, part: str, *, autocommit: bool = False, url: str | None = None
) -> psycopg.Connection[TupleRow]:
    """A synchronous connection, as ``conninfo`` has it; raises psycopg.OperationalError where no
    server answers.
    """
    return psycopg.connect(conninfo(settings, part, url=url), autocommit=autocommit)
