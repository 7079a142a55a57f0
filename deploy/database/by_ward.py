"""What is open, as views that show each person the rows of their own wards.

Analysts with a role of their own (``deploy.database.personal``) read these and no table. A view is
the owner's and asks who has signed in at every query, so a change of somebody's area is in force at
once. Row-level security would say the same of plain tables; TimescaleDB refuses it on those that it
compresses, and it leaves parts of a row as they are (decision 0060).
"""

from collections.abc import Mapping
from hashlib import sha256
from typing import Any

import psycopg
from psycopg import sql

from deploy.database.roles import BY_WARD
from streams.database import signs_in_as

SUFFIX = "-by-ward"
_EVERYWHERE = "(SELECT everywhere FROM {mine}.my_area)"
_LET_IN = "EXISTS (SELECT FROM {mine}.my_area)"
_SOURCES = "SELECT id FROM {mine}.my_sources"
_ALERT = "{row}.wards <> '{{}}' AND {row}.wards <@ (SELECT wards FROM {mine}.my_area)"


def _of(column: str) -> str:
    return f"{{row}}.{column} IN ({_SOURCES})"


_OF_ALL = f"{{row}}.sources <> '{{{{}}}}' AND {{row}}.sources <@ ARRAY({_SOURCES})"
"""An incident that lies in other wards too is not theirs: a row has all of its names."""

BY: Mapping[str, str] = {
    "accounts": _of("source"),
    "accounts_by_hour": _of("source"),
    "alert_transitions": "{row}.alert IN (SELECT a.id FROM {all}.alerts AS a WHERE "
    + _ALERT.replace("{row}", "a")
    + ")",
    "alerts": _ALERT,
    "asset_dependencies": f"{_of('asset')} AND {_of('depends_on')}",
    "assets": _of("id"),
    "camera_hours": _of("camera"),
    "case_hours": _of("source"),
    "control_log": "FALSE",
    "corrections": _of("source"),
    "counts": _of("camera"),
    "detections": _of("camera"),
    "frames": _of("camera"),
    "imported_readings": _of("source"),
    "incidents": _OF_ALL,
    "incidents_latest": _OF_ALL,
    "quality": _of("source"),
    "readings": _of("source"),
    "scenery": _of("camera"),
    "sight": _of("camera"),
    "source_hours": _of("source"),
    "suppression_transitions": "FALSE",
}
"""Which rows of a table or view somebody sees who is limited; ``FALSE``: none."""
PLACELESS = frozenset(
    {
        "accounts_said",
        "control_published",
        "indicators",
        "kinds",
        "metrics",
        "migrations",
        "positions",
        "units",
    }
)
"""They say nothing of a place: all rows are seen by whoever is let in."""
INSTEAD: Mapping[tuple[str, str], str] = {
    ("assets", "parents"): "ARRAY(SELECT p FROM unnest({row}.parents) AS p"
    f" WHERE {_EVERYWHERE} OR p IN ({_SOURCES}))",
    **{
        (table, "via"): "ARRAY(SELECT v FROM unnest({row}.via) WITH ORDINALITY AS u (v, n)"
        f" WHERE {_EVERYWHERE} OR v IN ({_SOURCES}) ORDER BY n)"
        for table in ("incidents", "incidents_latest")
    },
}
"""What of a row names others."""

_MY_AREA = """
    SELECT u.name AS user_name, a.wards, a.wards IS NULL AS everywhere
    FROM {all}.users AS u
    INNER JOIN {all}.user_areas AS a ON a.user_name = u.name
    WHERE u.sql_role = session_user::text AND u.disabled_at IS NULL
"""
_MY_SOURCES = """
    SELECT id FROM {all}.assets
    WHERE ward = ANY(ARRAY(SELECT unnest(wards) FROM {mine}.my_area))
"""
_COLUMNS = """
    SELECT attname FROM pg_attribute
    WHERE attrelid = to_regclass(%s) AND attnum > 0 AND NOT attisdropped
    ORDER BY attnum
"""


def schema(namespace: str) -> str:
    """Where a namespace's views are."""
    return f"{namespace}{SUFFIX}"


def drop(connection: psycopg.Connection[Any], namespace: str) -> None:
    """Takes them away: what they show can then be changed."""
    connection.execute(
        sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema(namespace)))
    )


def apply(connection: psycopg.Connection[Any], namespace: str) -> None:
    """Makes them anew where they are not as they should be; the connection is the owner's."""
    statements = list(_statements(connection, namespace))
    digest = sha256("\n".join(statements).encode()).hexdigest()
    home = sql.Identifier(schema(namespace))
    asked = "SELECT obj_description(to_regnamespace(%s)::oid, 'pg_namespace')"
    row = connection.execute(asked, [home.as_string()]).fetchone()
    if row is not None and row[0] == digest:
        return
    group = sql.Identifier(signs_in_as(BY_WARD))
    with connection.transaction():
        drop(connection, namespace)
        connection.execute(sql.SQL("CREATE SCHEMA {}").format(home))
        for statement in statements:
            connection.execute(statement.encode())
        connection.execute(sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(home, group))
        connection.execute(
            sql.SQL("GRANT SELECT ON ALL TABLES IN SCHEMA {} TO {}").format(home, group)
        )
        connection.execute(sql.SQL("COMMENT ON SCHEMA {} IS {}").format(home, sql.Literal(digest)))


def _statements(connection: psycopg.Connection[Any], namespace: str) -> list[str]:
    names = {
        "all": sql.Identifier(namespace).as_string(),
        "mine": sql.Identifier(schema(namespace)).as_string(),
        "row": "t",
    }
    made = [_view("my_area", _MY_AREA, names), _view("my_sources", _MY_SOURCES, names)]
    for name in sorted(BY.keys() | PLACELESS):
        table = sql.Identifier(namespace, name).as_string()
        rows = connection.execute(_COLUMNS, [table]).fetchall()
        listed = ", ".join(_column(name, column) for (column,) in rows)
        seen = f"{_EVERYWHERE} OR ({BY[name]})" if name in BY else _LET_IN
        made.append(
            _view(name, f"SELECT {listed} FROM {{all}}.{name} AS {{row}} WHERE {seen}", names)
        )
    return made


def _column(relation: str, column: str) -> str:
    name = sql.Identifier(column).as_string().replace("{", "{{").replace("}", "}}")
    other = INSTEAD.get((relation, column))
    return f"{{row}}.{name}" if other is None else f"{other} AS {name}"


def _view(name: str, query: str, names: Mapping[str, str]) -> str:
    # A barrier: no function in a question of theirs is given a row that they may not see.
    return f"CREATE VIEW {names['mine']}.{name} WITH (security_barrier) AS {query.format(**names)}"
