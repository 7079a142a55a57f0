"""The analysts' sign-in to the local database: a role that reads, with a generated password.

On a database that CityOps does not run, ``cityops_analyst`` stays a group without a sign-in of
its own: the database's owner grants it to whom it should serve.
"""

import secrets
from typing import Any

import psycopg
from psycopg import sql

from streams.secrets import write_secret
from streams.settings import SettingError, Settings

ROLE = "cityops_analyst"
SECRET = "analyst"
LOCAL_ZONE = "Asia/Ho_Chi_Minh"
"""Where Hải Phòng's days begin and end."""
STATEMENT_SECONDS = 60
"""A query that takes longer is cancelled: it must not hold up the writers for ever."""


def address(settings: Settings) -> str:
    """Connection string for analysts on the local database.

    Raises:
        SettingError: the database is not ours, or has not been migrated yet.
    """
    if not settings.runs_database:
        raise SettingError(f"analysts sign in with their own role, which is granted {ROLE}")
    try:
        password = settings.secret(SECRET).read_text().strip()
    except FileNotFoundError:
        raise SettingError("no sign-in for analysts yet: run 'make up' first") from None
    return f"postgresql://{ROLE}:{password}@127.0.0.1:{settings.database_port}/cityops"


def let_in(connection: psycopg.Connection[Any], settings: Settings) -> None:
    """Opens the namespace's tables to the role, and gives it a password the first time."""
    row = connection.execute(
        "SELECT rolcanlogin FROM pg_roles WHERE rolname = %s", [ROLE]
    ).fetchone()
    role, database = sql.Identifier(ROLE), sql.Identifier(connection.info.dbname)
    session = {
        "search_path": sql.SQL("{}, public").format(sql.Identifier(settings.namespace)),
        "timezone": sql.Literal(LOCAL_ZONE),
        "default_transaction_read_only": sql.Literal("on"),
        "statement_timeout": sql.Literal(f"{STATEMENT_SECONDS}s"),
    }
    for name, value in session.items():
        connection.execute(
            sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}").format(
                role, database, sql.Identifier(name), value
            )
        )
    if row != (True,):
        password = secrets.token_urlsafe(18)
        write_secret(settings.secret(SECRET), password)
        verifier = connection.pgconn.encrypt_password(
            password.encode(), ROLE.encode(), b"scram-sha-256"
        )
        connection.execute(
            sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(role, sql.Literal(verifier.decode()))
        )
