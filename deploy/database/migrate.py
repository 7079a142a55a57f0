"""Migrations: each SQL file once, in order, in the namespace's own schema.

``python -m deploy.database.migrate`` applies what is missing. Files are numbered ``NNNN_name.sql``
and never change once applied; those in ``community/`` are applied, after the others, where the
server runs TimescaleDB's community edition, whose features the Apache edition refuses. They run as
the owner, a role that is no superuser (``deploy.database.roles``). Afterwards come what is said
of tables (``deploy.database.comments``), the words for what their ids stand for
(``deploy.database.dimensions``), who may do what with them (``deploy.database.rights``), and what
people see of them who ask in SQL (``deploy.database.by_ward``).
"""

import re
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import psycopg
from psycopg import sql
from psycopg.errors import InsufficientPrivilege

from deploy.database import by_ward, comments, dimensions, rights, roles
from streams.database import connect
from streams.settings import Settings

FOLDER = Path(__file__).parent
NUMBERED = "[0-9][0-9][0-9][0-9]_*.sql"
COMMUNITY = "community"
FORMERLY = {
    "0001_analyst.sql": "3eab82ed8f6e2beab1f48d3057fe50b1e10766e86ad824e87fa1d3af0cb0eab6",
}
"""SHA-256 of what changed all the same: that one asked to make a role, which the owner may not."""
NAMESPACE = re.compile(r"[a-z][a-z0-9_-]{0,39}")
"""What a namespace may be called: fit for a schema and for a topic's prefix."""

_TABLE = """
CREATE TABLE IF NOT EXISTS migrations (
    name text PRIMARY KEY,
    sha256 text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);
"""


class MigrationError(Exception):
    """The namespace's tables cannot be brought up to date; the message says what to do."""


class Migration(NamedTuple):
    name: str
    text: str

    @property
    def sha256(self) -> str:
        return sha256(self.text.encode()).hexdigest()


def read(*, community: bool, folder: Path = FOLDER) -> list[Migration]:
    """The migrations that a server of this edition gets, in the order of application."""
    paths = sorted(folder.glob(NUMBERED))
    if community:
        paths += sorted((folder / COMMUNITY).glob(NUMBERED))
    return [
        Migration(path.relative_to(folder).as_posix(), path.read_text("utf-8")) for path in paths
    ]


def migrate(settings: Settings, *, folder: Path = FOLDER) -> list[str]:
    """Creates the namespace's schema where it is missing and applies what it has not had.

    Returns the names of the migrations applied now. May be run at any time, by any number of
    processes at once. Afterwards every part can sign in, and so can analysts.

    Raises:
        MigrationError: an applied file has changed, a migration fails, or the roles cannot be made.
        psycopg.OperationalError: no server answers.
    """
    _check(settings.namespace)
    try:
        roles.make(settings)
    except InsufficientPrivilege as error:
        raise MigrationError(
            f"the database's roles cannot be made: {str(error).strip()}: give the address of an"
            " administrator (a superuser, or a role with CREATEROLE that owns the database)"
        ) from None
    with connect(settings, "migrate", autocommit=True) as connection:
        names = _bring_up_to_date(connection, settings.namespace, folder)
        if folder == FOLDER:
            by_ward.apply(connection, settings.namespace)
        return names


def create_namespace(settings: Settings, namespace: str) -> list[str]:
    """The tables of another namespace, e.g. a replay's; as ``migrate``, by the roles that there
    are.
    """
    _check(namespace)
    with connect(_within(settings, namespace), "migrate", autocommit=True) as connection:
        return _bring_up_to_date(connection, namespace, FOLDER)


def drop_namespace(settings: Settings, namespace: str) -> None:
    """Drops a namespace with everything in it; nothing happens where there is none."""
    _check(namespace)
    with connect(_within(settings, namespace), "drop", autocommit=True) as connection:
        by_ward.drop(connection, namespace)
        connection.execute(
            sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(namespace))
        )


def _check(namespace: str) -> None:
    if not NAMESPACE.fullmatch(namespace):
        raise MigrationError(f"namespace {namespace!r}: use lower-case letters, digits, - and _")


def _within(settings: Settings, namespace: str) -> Settings:
    return msgspec.structs.replace(settings, namespace=namespace)


def _bring_up_to_date(
    connection: psycopg.Connection[Any], namespace: str, folder: Path
) -> list[str]:
    connection.execute("SELECT pg_advisory_lock(%s)", [roles.LOCK])
    connection.execute("SET client_min_messages = warning")  # 'already exists, skipping'
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(namespace)))
    connection.execute(_TABLE)
    rows: list[tuple[str, str]] = connection.execute(
        "SELECT name, sha256 FROM migrations"
    ).fetchall()
    applied = dict(rows)
    migrations = read(community=_is_community(connection), folder=folder)
    if any(migration.name not in applied for migration in migrations):
        by_ward.drop(connection, namespace)  # they hold on to what they show as it is
    names = [
        migration.name
        for migration in migrations
        if _apply(connection, migration, applied.get(migration.name))
    ]
    comments.apply(connection)
    if folder == FOLDER:
        dimensions.fill(connection)
    rights.apply(connection)
    return names


def _is_community(connection: psycopg.Connection[Any]) -> bool:
    row = connection.execute("SHOW timescaledb.license").fetchone()
    return row is not None and row[0] == "timescale"


def _apply(connection: psycopg.Connection[Any], migration: Migration, known: str | None) -> bool:
    """True where it was applied now."""
    if known is not None:
        if known not in (migration.sha256, FORMERLY.get(migration.name)):
            raise MigrationError(
                f"{migration.name} has changed since it was applied: restore it, and make the"
                " change in a new migration"
            )
        return False
    try:
        with connection.transaction():
            connection.execute(migration.text)
            connection.execute(
                "INSERT INTO migrations (name, sha256) VALUES (%s, %s)",
                [migration.name, migration.sha256],
            )
    except psycopg.OperationalError:
        raise
    except psycopg.Error as error:
        raise MigrationError(f"{migration.name}: {error}") from error
    return True


def main() -> None:
    from streams.settings import load

    for name in migrate(load()):
        print(f"applied {name}")


if __name__ == "__main__":
    main()
