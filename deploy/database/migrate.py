"""Migrations: each SQL file once, in order, in the namespace's own schema.

``python -m deploy.database.migrate`` applies what is missing. Files are numbered ``NNNN_name.sql``
and never change once applied; those in ``community/`` are applied, after the others, where the
server runs TimescaleDB's community edition, whose features the Apache edition refuses. What is said
of tables comes from their modules afterwards (``deploy.database.comments``), and so do the words
for what their ids stand for (``deploy.database.dimensions``).
"""

import re
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import psycopg
from psycopg import sql

from deploy.database import analyst, comments, dimensions
from streams.database import connect
from streams.settings import Settings

FOLDER = Path(__file__).parent
NUMBERED = "[0-9][0-9][0-9][0-9]_*.sql"
COMMUNITY = "community"
LOCK = 0x63697479
"""Key of the advisory lock: one process migrates at a time."""
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
    processes at once. On a database that CityOps runs, analysts can sign in afterwards.

    Raises:
        MigrationError: an applied file has changed, or a migration fails.
        psycopg.OperationalError: no server answers.
    """
    _check(settings.namespace)
    with connect(settings, "migrate", autocommit=True) as connection:
        names = _bring_up_to_date(connection, settings.namespace, folder)
        if settings.runs_database:
            analyst.let_in(connection, settings)
    return names


def create_namespace(settings: Settings, namespace: str) -> list[str]:
    """The tables of another namespace, e.g. a replay's; as ``migrate``, but not for analysts."""
    _check(namespace)
    with connect(_within(settings, namespace), "migrate", autocommit=True) as connection:
        return _bring_up_to_date(connection, namespace, FOLDER)


def drop_namespace(settings: Settings, namespace: str) -> None:
    """Drops a namespace with everything in it; nothing happens where there is none."""
    _check(namespace)
    with connect(_within(settings, namespace), "drop", autocommit=True) as connection:
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
    connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    connection.execute("SET client_min_messages = warning")  # 'already exists, skipping'
    connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb SCHEMA public")
    connection.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(namespace)))
    connection.execute(_TABLE)
    rows: list[tuple[str, str]] = connection.execute(
        "SELECT name, sha256 FROM migrations"
    ).fetchall()
    applied = dict(rows)
    names = [
        migration.name
        for migration in read(community=_is_community(connection), folder=folder)
        if _apply(connection, migration, applied.get(migration.name))
    ]
    comments.apply(connection)
    if folder == FOLDER:
        dimensions.fill(connection)
    return names


def _is_community(connection: psycopg.Connection[Any]) -> bool:
    row = connection.execute("SHOW timescaledb.license").fetchone()
    return row is not None and row[0] == "timescale"


def _apply(connection: psycopg.Connection[Any], migration: Migration, known: str | None) -> bool:
    """True where it was applied now."""
    if known is not None:
        if known != migration.sha256:
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
