"""A database that a test has used, made as its template was again: a new copy takes three times of
the processor's time, and most tests write a few rows into a few tables.

What is not certain to be as it was is no use to the next test: ``renew`` says so, and whoever asks
throws it away. Rows go, and numbers begin anew; a table, right, trigger or setting that differs is
not mended. Ids of what the catalog lists are those of the template, so what was dropped and made
again is another.
"""

from typing import Any, NamedTuple

import psycopg
from psycopg import sql

TEMPLATE_NAMESPACE = "template"
"""The schema of a database that is copied."""
ENDED_MS = 5_000
FIRST_OF_OURS = 16384
"""PostgreSQL's own objects have lower ids."""
CATALOG = {
    "pg_attrdef": "",
    "pg_attribute": "attrelid, attnum, attname, atttypid, attnotnull, attisdropped, attacl,"
    " attcompression, attoptions, attidentity, attgenerated",
    "pg_class": "oid, relname, relnamespace, relowner, relkind, relacl, reloptions,"
    " relrowsecurity, relforcerowsecurity, relpersistence, relreplident",
    "pg_constraint": "",
    "pg_default_acl": "",
    "pg_description": "",
    "pg_event_trigger": "",
    "pg_extension": "",
    "pg_index": "indexrelid, indrelid, indisunique, indisvalid",
    "pg_inherits": "",
    "pg_largeobject_metadata": "",
    "pg_namespace": "",
    "pg_policy": "",
    "pg_proc": "",
    "pg_rewrite": "",
    "pg_sequence": "",
    "pg_statistic_ext": "",
    "pg_trigger": "",
    "pg_type": "",
}
"""What makes a database but for its rows: table of the catalog to its columns, where not all."""
OWNER_OF = {
    "pg_attribute": "attrelid",
    "pg_attrdef": "adrelid",
    "pg_description": "objoid",
    "pg_index": "indexrelid",
    "pg_inherits": "inhrelid",
    "pg_sequence": "seqrelid",
}
"""By which ours are known, where it is not the row's own id."""
OF_HYPERTABLES = ("_timescaledb_catalog.hypertable", "_timescaledb_catalog.dimension")
SETTINGS = """
SELECT coalesce(s.setconfig::text, ''), d.datacl::text FROM pg_database d
LEFT JOIN pg_db_role_setting s ON s.setdatabase = d.oid WHERE d.datname = current_database()
ORDER BY 1
"""
TABLES = """
SELECT n.nspname, c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND n.nspname IN ('public', %s) ORDER BY 1, 2
"""
SEQUENCES = """
SELECT schemaname, sequencename, start_value, last_value FROM pg_sequences
WHERE schemaname IN ('public', %s) ORDER BY 1, 2
"""
Connection = psycopg.Connection[Any]
Table = tuple[str, str]


class State(NamedTuple):
    """What a copy is that nobody had."""

    made_of: str
    """Digest of its catalog."""
    rows: dict[Table, bytes]
    """Of tables that are not empty, as COPY writes them."""
    empty: frozenset[Table]
    numbers: list[tuple[Any, ...]]


def state(url: str) -> State:
    with psycopg.connect(url, autocommit=True) as connection:
        return _state(connection)


def renew(url: str, before: State) -> bool:
    """Whether the database is again what it was; ``url`` is an administrator's."""
    try:
        with psycopg.connect(url, autocommit=True) as connection:
            return _renew(connection, before)
    except psycopg.Error:  # what is missing cannot be emptied, and a server may have been killed
        return False


def _renew(connection: Connection, before: State) -> bool:
    connection.execute(
        "SELECT pg_terminate_backend(pid, %s) FROM pg_stat_activity WHERE datname ="
        " current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
        (ENDED_MS,),
    )
    # What TimescaleDB does by the clock is not to be done in a later test.
    connection.execute("SELECT _timescaledb_functions.stop_background_workers()")
    connection.execute("SET session_replication_role = replica")  # append-only tables too
    connection.execute("SET client_min_messages = warning")
    if not _named_as_before(connection):
        return False
    _empty(connection, before)
    _refill(connection, before)
    _number(connection, before)
    return _state(connection) == before


def _named_as_before(connection: Connection) -> bool:
    """Gives the schema the template's name, where a test had it as its namespace."""
    found = connection.execute(
        "SELECT nspname FROM pg_namespace WHERE nspname ~ '^(test[0-9a-f]{8}|template)$'"
    ).fetchall()
    if len(found) != 1:
        return False
    if (name := found[0][0]) != TEMPLATE_NAMESPACE:
        renamed = sql.SQL("ALTER SCHEMA {} RENAME TO {}")
        connection.execute(renamed.format(sql.Identifier(name), sql.Identifier(TEMPLATE_NAMESPACE)))
    return True


def _empty(connection: Connection, before: State) -> None:
    filled = sorted(set(_filled(connection)) - before.rows.keys())
    if filled:
        named = sql.SQL(", ").join(sql.Identifier(*table) for table in filled)
        connection.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(named))


def _refill(connection: Connection, before: State) -> None:
    for table, rows in before.rows.items():
        if _copied(connection, table) != rows:
            connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(*table)))
            into = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(*table))
            with connection.cursor() as cursor, cursor.copy(into) as copy:
                copy.write(rows)


def _number(connection: Connection, before: State) -> None:
    for now, then in zip(_numbers(connection), before.numbers, strict=False):
        if now != then:
            name = ".".join(f'"{part}"' for part in then[:2])
            value = then[2] if then[3] is None else then[3]
            connection.execute(
                "SELECT setval(%s::regclass, %s, %s)", (name, value, then[3] is not None)
            )


def _state(connection: Connection) -> State:
    tables = connection.execute(TABLES, (TEMPLATE_NAMESPACE,)).fetchall()
    filled = _filled(connection)
    rows = {table: _copied(connection, table) for table in filled}
    numbers = _numbers(connection)
    return State(_made_of(connection), rows, frozenset(tables) - rows.keys(), numbers)


def _made_of(connection: Connection) -> str:
    parts = []
    for table, columns in CATALOG.items():
        by = OWNER_OF.get(table, "oid")
        chosen = f"SELECT {columns or '*'} FROM {table} WHERE {by} >= {FIRST_OF_OURS}"
        parts.append(f"SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM ({chosen}) t")
    parts += [
        f"SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM {table} t"
        for table in OF_HYPERTABLES
    ]
    made = connection.execute(" UNION ALL ".join(parts)).fetchall()
    return repr((made, connection.execute(SETTINGS).fetchall()))


def _filled(connection: Connection) -> list[Table]:
    tables = connection.execute(TABLES, (TEMPLATE_NAMESPACE,)).fetchall()
    each = sql.SQL(" UNION ALL ").join(
        sql.SQL("SELECT {}::text, {}::text WHERE EXISTS (SELECT FROM {})").format(
            *map(sql.Literal, table), sql.Identifier(*table)
        )
        for table in tables
    )
    return connection.execute(each).fetchall()


def _copied(connection: Connection, table: Table) -> bytes:
    out = sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(*table))
    with connection.cursor() as cursor, cursor.copy(out) as copy:
        return b"".join(map(bytes, copy))


def _numbers(connection: Connection) -> list[tuple[Any, ...]]:
    return connection.execute(SEQUENCES, (TEMPLATE_NAMESPACE,)).fetchall()
