"""Roles of the database for people: each reads the views of ``deploy.database.by_ward``, as far as
their area goes, and nothing else. Made by who administers the server, on its own machine.
"""

from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from deploy.database import analyst, by_ward, roles
from streams.database import OWNER, password_file, signs_in_as
from streams.settings import Settings

AT_ONCE = 2
"""Connections of one person."""


def services(settings: Settings, role: str) -> Path:
    """Their file for ``PGSERVICEFILE``: where, who and the password."""
    return settings.secret(f"psql-{role}")


def make(settings: Settings, role: str) -> Path:
    """Makes somebody's role, or gives it what is missing; where their sign-in is.

    Args:
        role: as ``users.sql_role`` has it, without what all roles' names begin with.

    Raises:
        psycopg.OperationalError: no server answers.
        psycopg.errors.InsufficientPrivilege: the address is of no administrator.
    """
    with roles.administering(settings) as connection:
        roles.sign_in(connection, settings, role)
        roles.limit(connection, role, by_ward.schema(settings.namespace), AT_ONCE)
        for group, member, how in (
            (roles.BY_WARD, role, "INHERIT TRUE, SET FALSE"),
            (role, OWNER, "INHERIT TRUE, SET FALSE"),  # which ends what takes too long
        ):
            connection.execute(
                sql.SQL("GRANT {} TO {} WITH {}").format(
                    sql.Identifier(signs_in_as(group)),
                    sql.Identifier(signs_in_as(member)),
                    sql.SQL(how),
                )
            )
    return analyst.write_services(settings, role, services(settings, role))


def drop(settings: Settings, role: str) -> None:
    """Removes somebody's role, with their sign-in, and ends what they ask; raises as ``make``."""
    name = sql.Identifier(signs_in_as(role))
    with roles.administering(settings) as connection:
        if is_there(connection, role):
            connection.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(name))
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s",
                [signs_in_as(role)],
            )
            connection.execute(sql.SQL("DROP OWNED BY {}").format(name))
            connection.execute(sql.SQL("DROP ROLE {}").format(name))
    for file in (password_file(settings, role), services(settings, role)):
        file.unlink(missing_ok=True)


def is_there(connection: psycopg.Connection[Any], role: str) -> bool:
    found = connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [signs_in_as(role)])
    return found.fetchone() is not None
