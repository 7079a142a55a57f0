"""The roles of the database, each with a password of its own in a file: made by an administrator.

Who administers the server (``settings.database``) makes them, gives them what was its own, and is
then needed no more: migrations run as the owner, every part as itself, and analysts as analysts
(decision 0053). It may be done at any time, and changes nothing where all is right.
"""

import logging
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from streams.database import ANALYST, OWNER, PARTS, password_file, signs_in_as
from streams.secrets import write_secret
from streams.settings import Settings

LOCK = 0x63697479
"""Key of the advisory lock: one process prepares a database at a time."""
CONNECT_SECONDS = 5
SIGNING_IN = (OWNER, *PARTS, ANALYST)
BY_WARD = "by_ward"
"""What people's own roles have in common (``deploy.database.personal``); nobody signs in by it."""
ANALYSTS_AT_ONCE = 5
"""Connections; the parts need some thirty of the server's hundred."""
ANALYSTS_DISK = "4GB"
"""Of temporary files that one query may fill; only an administrator may lift that."""
LOCAL_ZONE = "Asia/Ho_Chi_Minh"
"""Where Hải Phòng's days begin and end."""
STATEMENT_SECONDS = 60
"""After which an analyst's query is cancelled, unless they ask for longer."""
FORMER_SECRET = "analyst"
"""Where earlier releases kept the analysts' password."""
PLAIN = {
    "rolsuper": "NOSUPERUSER",
    "rolcreaterole": "NOCREATEROLE",
    "rolcreatedb": "NOCREATEDB",
    "rolreplication": "NOREPLICATION",
    "rolbypassrls": "NOBYPASSRLS",
}
"""What no role of ours may, by its column in pg_roles."""
OF_THE_SERVER = r"^(lo_.*|loread|lowrite|pg_(try_)?advisory_.*|pg_logical_emit_message)$"
"""Functions of PostgreSQL that write without a table, or hold up who else takes the same lock."""
OF_THE_JOBS = r"^(add|alter|delete|run)_job$"
"""TimescaleDB's, by which anybody may leave something to be run for ever."""

log = logging.getLogger(__name__)


def make(settings: Settings) -> None:
    """Makes the roles, and what lets them in; then nothing is owned by the administrator.

    Raises:
        psycopg.OperationalError: no server answers.
        psycopg.errors.InsufficientPrivilege: the address is of no administrator.
    """
    with administering(settings) as connection:
        connection.execute("CREATE EXTENSION IF NOT EXISTS timescaledb SCHEMA public")
        # Of PostgreSQL itself: parts of words, by which alerts are found.
        connection.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA public")
        for role in SIGNING_IN:
            sign_in(connection, settings, role)
        _join(connection)
        _group(connection)
        limit(connection, ANALYST, settings.namespace, ANALYSTS_AT_ONCE)
        open_database(connection)
        if _is_superuser(connection):
            _close_server(connection, alone=settings.runs_database)
        else:
            log.warning("the database's administrator is no superuser: see decision 0053")
        _hand_over(connection)
    _tell_analysts(settings)


@contextmanager
def administering(settings: Settings) -> Iterator[psycopg.Connection[Any]]:
    """A connection of who administers the server; one process at a time. Raises as ``make``."""
    with psycopg.connect(
        settings.database, autocommit=True, connect_timeout=CONNECT_SECONDS
    ) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        connection.execute("SET client_min_messages = warning")  # 'already exists, skipping'
        yield connection


def open_database(connection: psycopg.Connection[Any]) -> None:
    """Lets the roles into the connection's database, and nobody else: a copy of one is open."""
    database = connection.info.dbname
    rows = connection.execute(
        "SELECT a.grantee::regrole::text, a.privilege_type FROM pg_database CROSS JOIN LATERAL"
        " aclexplode(coalesce(datacl, acldefault('d', datdba))) AS a WHERE datname = %s",
        [database],
    ).fetchall()
    given = set(rows)
    if any(grantee == "-" for grantee, _ in given):
        _run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", database)
    for role in map(signs_in_as, (*SIGNING_IN, BY_WARD)):
        if (role, "CONNECT") not in given:
            _run(connection, "GRANT CONNECT ON DATABASE {} TO {}", database, role)
    if (signs_in_as(OWNER), "CREATE") not in given:
        _run(connection, "GRANT CREATE ON DATABASE {} TO {}", database, signs_in_as(OWNER))


def sign_in(connection: psycopg.Connection[Any], settings: Settings, role: str) -> None:
    """Makes a role that signs in by the password in its file; makes that, where there is none."""
    name, file = signs_in_as(role), password_file(settings, role)
    try:
        password = file.read_text().strip()
    except FileNotFoundError:
        password = secrets.token_urlsafe(24)
        write_secret(file, password)
    found = connection.execute(
        sql.SQL("SELECT {} FROM pg_roles WHERE rolname = {}").format(
            sql.SQL(", ").join(map(sql.Identifier, PLAIN)), sql.Literal(name)
        )
    ).fetchone()
    if found is None:
        _run(connection, "CREATE ROLE {}", name)
    elif any(found):
        connection.execute(
            sql.SQL("ALTER ROLE {} {}").format(
                sql.Identifier(name), sql.SQL(" ").join(map(sql.SQL, PLAIN.values()))
            )
        )
    # Whoever it is may change its own password and settings: they are set anew each time.
    verifier = connection.pgconn.encrypt_password(
        password.encode(), name.encode(), b"scram-sha-256"
    )
    connection.execute(
        sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}").format(
            sql.Identifier(name), sql.Literal(verifier.decode())
        )
    )
    _run(connection, "ALTER ROLE {} RESET ALL", name)
    _run(connection, "ALTER ROLE {} IN DATABASE {} RESET ALL", name, connection.info.dbname)


def _join(connection: psycopg.Connection[Any]) -> None:
    """None is another's, but that the owner may end what analysts do."""
    rows = connection.execute(
        "SELECT roleid::regrole::text, member::regrole::text FROM pg_auth_members"
        " WHERE member::regrole::text = ANY(%s)",
        [[signs_in_as(role) for role in SIGNING_IN]],
    ).fetchall()
    wanted = (signs_in_as(ANALYST), signs_in_as(OWNER))
    for group, member in rows:
        # Personal roles of analysts may have been given to the owner too.
        if member != signs_in_as(OWNER):
            _run(connection, "REVOKE {} FROM {}", group, member)
    if wanted not in rows:
        connection.execute(
            sql.SQL("GRANT {} TO {} WITH INHERIT TRUE, SET FALSE").format(
                *map(sql.Identifier, wanted)
            )
        )


def _group(connection: psycopg.Connection[Any]) -> None:
    """What people's own roles are in. It counts as analysts where these are watched, and has
    nothing of theirs.
    """
    name, analyst = signs_in_as(BY_WARD), signs_in_as(ANALYST)
    if connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [name]).fetchone() is None:
        _run(connection, "CREATE ROLE {} NOLOGIN", name)
    connection.execute(
        sql.SQL("GRANT {} TO {} WITH INHERIT FALSE, SET FALSE").format(
            *map(sql.Identifier, (analyst, name))
        )
    )


def limit(connection: psycopg.Connection[Any], role: str, schema: str, at_once: int) -> None:
    """What an analyst's sessions are like, and how many they may have."""
    role, database = signs_in_as(role), connection.info.dbname
    connection.execute(
        sql.SQL("ALTER ROLE {} CONNECTION LIMIT {}").format(
            sql.Identifier(role), sql.Literal(at_once)
        )
    )
    session = {
        "search_path": sql.SQL("{}, public").format(sql.Identifier(schema)),
        "timezone": sql.Literal(LOCAL_ZONE),
        "default_transaction_read_only": sql.Literal("on"),
        "statement_timeout": sql.Literal(f"{STATEMENT_SECONDS}s"),
    }
    if _is_superuser(connection):
        session["temp_file_limit"] = sql.Literal(ANALYSTS_DISK)
    for name, value in session.items():
        connection.execute(
            sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = {}").format(
                sql.Identifier(role), sql.Identifier(database), sql.Identifier(name), value
            )
        )


def _is_superuser(connection: psycopg.Connection[Any]) -> bool:
    return connection.info.parameter_status("is_superuser") == "on"


_PUBLIC_FUNCTIONS = """
    SELECT p.oid::regprocedure::text, p.prokind = 'p', p.proname ~ 'advisory'
    FROM pg_proc AS p
    WHERE ((p.pronamespace = 'pg_catalog'::regnamespace AND p.proname ~ %(server)s)
           OR (p.pronamespace = 'public'::regnamespace AND p.proname ~ %(jobs)s))
      AND EXISTS (
          SELECT FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) AS a
          WHERE a.grantee = 0
      )
"""


_LOCKS_LACKED = """
    SELECT p.oid::regprocedure::text, r.rolname
    FROM pg_proc AS p CROSS JOIN pg_roles AS r
    WHERE p.pronamespace = 'pg_catalog'::regnamespace
      AND p.proname ~ %(server)s AND p.proname ~ 'advisory'
      AND r.rolname = ANY (%(parts)s)
      AND NOT has_function_privilege(r.rolname, p.oid, 'EXECUTE')
"""
"""Of a part that came with an upgrade: the functions were closed before there was its role."""


def _close_server(connection: psycopg.Connection[Any], *, alone: bool) -> None:
    """Takes from everybody what writes, or holds others up, without a right to any table.

    Args:
        alone: the server is CityOps's own; else it counts as such where it has no other database.
    """
    connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    asked: dict[str, Any] = {"server": OF_THE_SERVER, "jobs": OF_THE_JOBS}
    for signature, is_procedure, is_lock in connection.execute(_PUBLIC_FUNCTIONS, asked).fetchall():
        what = sql.SQL("PROCEDURE" if is_procedure else "FUNCTION") + sql.SQL(f" {signature}")
        if is_lock:
            parts = sql.SQL(", ").join(sql.Identifier(signs_in_as(r)) for r in (OWNER, *PARTS))
            connection.execute(sql.SQL("GRANT EXECUTE ON {} TO {}").format(what, parts))
        connection.execute(sql.SQL("REVOKE ALL ON {} FROM PUBLIC").format(what))
    asked["parts"] = [signs_in_as(role) for role in (OWNER, *PARTS)]
    for signature, role in connection.execute(_LOCKS_LACKED, asked).fetchall():
        lock = sql.SQL(f"GRANT EXECUTE ON FUNCTION {signature} TO {{}}")
        connection.execute(lock.format(sql.Identifier(role)))
    others = connection.execute(
        "SELECT datname, has_database_privilege('public', oid, 'CONNECT') FROM pg_database"
        " WHERE datallowconn AND datname <> current_database()"
    ).fetchall()
    if alone or {name for name, _ in others} <= {"postgres", "template1"}:
        for name, is_open in others:
            if is_open and name in ("postgres", "template1"):
                _run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", name)


_OF_THE_ADMINISTRATOR = """
    WITH ours AS (
        SELECT n.oid, n.nspname, n.nspowner
        FROM pg_namespace AS n
        INNER JOIN pg_class AS c ON c.relnamespace = n.oid AND c.relname = 'migrations'
    ),
    me AS (SELECT oid FROM pg_roles WHERE rolname = current_user)
    SELECT format('ALTER SCHEMA %%I OWNER TO %(owner)s', nspname)
    FROM ours, me WHERE nspowner = me.oid
    UNION ALL
    SELECT format(
        'ALTER DEFAULT PRIVILEGES IN SCHEMA %%I REVOKE SELECT ON TABLES FROM %(analyst)s', nspname
    )
    FROM ours, me WHERE nspowner = me.oid
    UNION ALL
    SELECT format(
        'ALTER %%s %%I.%%I OWNER TO %(owner)s',
        CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'TABLE' END, ours.nspname, c.relname
    )
    FROM pg_class AS c
    INNER JOIN ours ON ours.oid = c.relnamespace
    INNER JOIN me ON me.oid = c.relowner
    WHERE c.relkind IN ('r', 'p', 'v')
    UNION ALL
    SELECT format('ALTER FUNCTION %%s OWNER TO %(owner)s', p.oid::regprocedure)
    FROM pg_proc AS p
    INNER JOIN ours ON ours.oid = p.pronamespace
    INNER JOIN me ON me.oid = p.proowner
"""


def _hand_over(connection: psycopg.Connection[Any]) -> None:
    """What earlier releases made as the administrator becomes the owner's."""
    names = {
        "owner": sql.Identifier(signs_in_as(OWNER)),
        "analyst": sql.Identifier(signs_in_as(ANALYST)),
    }
    asked = _OF_THE_ADMINISTRATOR % {name: each.as_string() for name, each in names.items()}
    with connection.transaction():
        for (statement,) in connection.execute(asked.encode()).fetchall():
            connection.execute(statement)


def _tell_analysts(settings: Settings) -> None:
    """Their password, where ``psql`` looks for it; what earlier releases left goes."""
    from deploy.database import analyst

    analyst.write_services(settings)
    settings.secret(FORMER_SECRET).unlink(missing_ok=True)


def _run(connection: psycopg.Connection[Any], statement: str, *names: str) -> None:
    connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
