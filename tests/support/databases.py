"""Databases of the tests on one server, and how its roles sign in to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from uuid import uuid4

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from deploy.database.roles import SIGNING_IN, open_database
from streams.database import password_file
from streams.secrets import write_secret
from streams.settings import Settings


def know_passwords(settings: Settings, server: str) -> None:
    """Lets the settings' parts sign in: a server has one set of roles, and tests many folders.

    Args:
        server: its administrator's address, from which the passwords follow.
    """
    for role in SIGNING_IN:
        chosen = sha256(f"{server} {role}".encode()).hexdigest()
        write_secret(password_file(settings, role), chosen)


@contextmanager
def cloned(server: str, template: str) -> Iterator[str]:
    """The administrator's address of a copy of a database, until the end of the context."""
    name = f"test_{uuid4().hex[:8]}"
    with psycopg.connect(server, autocommit=True) as connection:
        made = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        connection.execute(made.format(sql.Identifier(name), sql.Identifier(template)))
        url = make_conninfo(server, dbname=name)
        with psycopg.connect(url, autocommit=True) as inside:
            open_database(inside)
        yield url
        drop(connection, name)


def drop(connection: psycopg.Connection[tuple[object, ...]], name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
