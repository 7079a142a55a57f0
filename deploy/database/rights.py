"""Who may do what with each table and view: the one place where that is given.

The parts that run sign in by roles of their own (``streams.database``), none of which owns
anything: what is not given here they cannot do, whatever goes wrong in them. What is only ever
added to is so for all of them: nobody may change or delete a row of it. What takes an owner they
do by functions of the owner's, each for one purpose (``0070_owners_functions.sql``).
"""

from collections.abc import Mapping
from typing import Any

import psycopg
from psycopg import sql

from streams.database import ANALYST, PARTS, signs_in_as

ADD = "INSERT"
CHANGE = "INSERT UPDATE"
DROP = "INSERT DELETE"
ALL = "INSERT UPDATE DELETE"

_CONFIGURES = {"control_log": ADD, "assets": CHANGE}
"""Who adds to the log of what is configured keeps its table of assets up to date."""

WRITTEN: Mapping[str, Mapping[str, str]] = {
    "alerts": {
        **_CONFIGURES,
        "alert_transitions": ADD,
        "asset_contacts": ALL,
        "audit_log": ADD,
        "alerts": ALL,  # computed from the above, and computed anew after some upgrades
        "browsers": ALL,
        "camera_addresses": ALL,
        "channels": ALL,
        "clock_orders": CHANGE,
        "contacts": ALL,
        "erasures": CHANGE,
        "evidence": DROP,
        "handbook": ADD,
        "imported_readings": CHANGE,  # a later file corrects what an earlier one said
        "messages": ADD,
        "oncall_log": ADD,
        "oncall_plans": ALL,
        "pictures": ALL,
        "positions": CHANGE,
        "public_warnings": CHANGE,
        "pursuits": ALL,
        "push_devices": ALL,
        "required_factors": DROP,
        "roles": ALL,
        "second_factors": ALL,
        "sessions": ALL,
        "shift_log": ADD,
        "sign_in_failures": DROP,
        "source_keys": CHANGE,
        "stations": ALL,
        "suppression_transitions": ADD,
        "team_members": DROP,
        "teams": ALL,
        "used_states": DROP,
        "users": CHANGE,
    },
    "command": {**_CONFIGURES, "camera_addresses": CHANGE},
    "gateway": {
        **_CONFIGURES,
        "clock_orders": "UPDATE",
        "control_published": CHANGE,
    },
    "notifier": {
        "channel_memory": CHANGE,
        "deliveries": CHANGE,
        "push_devices": "UPDATE",
        "station_calls": CHANGE,
    },
    "receiver": {"received_requests": ALL, "source_key_usage": ALL},
    "writer": {
        "accounts": ADD,
        "camera_hours": ADD,
        "case_hours": ADD,
        "corrections": ADD,
        "counts": ADD,
        "detections": ADD,
        "frames": ADD,
        "incidents": ADD,
        "indicators": ADD,
        "positions": CHANGE,
        "quality": CHANGE,  # a late value corrects what was stored of its time
        "readings": CHANGE,
        "scenery": ADD,
        "sight": ADD,
        "source_hours": ADD,
    },
}
"""What each part adds, changes and deletes; it may read that, and all that is open."""

OPEN = frozenset(
    {
        "accounts",
        "accounts_by_hour",
        "accounts_said",
        "alert_transitions",
        "alerts",
        "asset_dependencies",
        "assets",
        "camera_hours",
        "case_hours",
        "control_log",
        "control_published",
        "corrections",
        "counts",
        "detections",
        "frames",
        "imported_readings",
        "incidents",
        "incidents_latest",
        "indicators",
        "kinds",
        "metrics",
        "migrations",
        "positions",
        "quality",
        "readings",
        "scenery",
        "sight",
        "source_hours",
        "suppression_transitions",
        "units",
    }
)
"""What analysts and all parts may read."""

HIDDEN: Mapping[str, tuple[str, ...]] = {
    "asset_contacts": (),
    "audit_log": ("command",),
    "browsers": (),
    "camera_addresses": ("gateway",),
    "channel_memory": (),
    "channels": ("notifier",),
    "clock_orders": (),
    "contacts": ("notifier",),
    "deliveries": ("alerts",),
    "erasures": (),
    "evidence": (),
    "handbook": (),
    "messages": ("notifier",),
    "named_wards": ("alerts", "command", "gateway"),  # who configures sources
    "oncall_log": (),
    "oncall_plans": (),
    "pictures": (),
    "public_warnings": (),
    "pursuits": (),
    "push_devices": (),
    "received_requests": (),
    "recipients": ("alerts", "notifier"),
    "required_factors": (),
    "roles": (),
    "second_factors": (),
    "sessions": (),
    "shift_log": (),
    "sign_in_failures": (),
    "source_key_usage": ("alerts",),
    "source_keys": ("receiver",),
    "station_calls": ("alerts",),
    "stations": ("notifier",),
    "team_members": (),
    "teams": (),
    "user_areas": ("alerts",),
    "used_states": (),
    "users": (),
}
"""Secrets, pictures, and who is who: analysts may not read it. Of the parts may those that write it
and those named here."""

CALLED: Mapping[str, tuple[str, ...]] = {
    "cut_audit_log": ("alerts",),
    "cut_oncall_log": ("alerts",),
    "drop_old_messages": ("alerts",),
    "drop_old_rows": ("writer",),
    "end_long_queries": ("alerts", "writer"),
}
"""The owner's functions, and who may call them."""

READERS = (ANALYST, *PARTS)


def of(relation: str) -> dict[str, frozenset[str]]:
    """Role to what it may do with a table or view; a role that may nothing is left out."""
    found = {}
    for role in READERS:
        may = set(WRITTEN.get(role, {}).get(relation, "").split())
        if may or relation in OPEN or role in HIDDEN.get(relation, ()):
            may.add("SELECT")
        if may:
            found[role] = frozenset(may)
    return found


_GIVEN = """
    SELECT c.relname, CASE WHEN a.grantee = 0 THEN '' ELSE a.grantee::regrole::text END,
        array_agg(a.privilege_type)
    FROM pg_class AS c CROSS JOIN LATERAL aclexplode(c.relacl) AS a
    WHERE c.relnamespace = current_schema()::regnamespace AND a.grantee <> c.relowner
    GROUP BY 1, 2
"""
_RELATIONS = """
    SELECT relname FROM pg_class
    WHERE relnamespace = current_schema()::regnamespace AND relkind IN ('r', 'p', 'v', 'm')
    ORDER BY relname
"""
_CALLS = """
    SELECT p.proname, p.oid::regprocedure::text, array_agg(a.grantee::regrole::text)
    FROM pg_proc AS p CROSS JOIN LATERAL aclexplode(coalesce(p.proacl, acldefault('f', p.proowner)))
        AS a
    WHERE p.pronamespace = current_schema()::regnamespace AND p.prosecdef
    GROUP BY p.oid
"""


def apply(connection: psycopg.Connection[Any]) -> None:
    """Gives what is missing in the namespace and takes what is too much: all or nothing.

    Where all is right already nothing is locked: each of a hypertable's chunks has rights too.

    Args:
        connection: the owner's, in autocommit.
    """
    with connection.transaction():
        _open_schema(connection)
        _open_relations(connection)
        _open_functions(connection)


def _open_schema(connection: psycopg.Connection[Any]) -> None:
    for role in READERS:
        name = signs_in_as(role)
        asked = "SELECT current_schema(), has_schema_privilege(%s, current_schema(), 'USAGE')"
        row = connection.execute(asked, [name]).fetchone()
        if row is not None and not row[1]:
            connection.execute(
                sql.SQL("GRANT USAGE ON SCHEMA {} TO {}").format(
                    sql.Identifier(row[0]), sql.Identifier(name)
                )
            )


def _open_relations(connection: psycopg.Connection[Any]) -> None:
    given: dict[tuple[str, str], set[str]] = {
        (relation, grantee): set(may)
        for relation, grantee, may in connection.execute(_GIVEN).fetchall()
    }
    for (relation,) in connection.execute(_RELATIONS).fetchall():
        wanted = {signs_in_as(role): may for role, may in of(relation).items()}
        holders = {grantee for known, grantee in given if known == relation}
        for grantee in sorted(holders | wanted.keys()):
            has, should = given.get((relation, grantee), set()), wanted.get(grantee, frozenset())
            _say(connection, "REVOKE {} ON {} FROM {}", has - should, relation, grantee)
            _say(connection, "GRANT {} ON {} TO {}", should - has, relation, grantee)


def _say(
    connection: psycopg.Connection[Any],
    what: str,
    privileges: "set[str] | frozenset[str]",
    relation: str,
    grantee: str,
) -> None:
    if not privileges:
        return
    listed = sql.SQL(", ").join(map(sql.SQL, sorted(privileges)))
    whom = sql.Identifier(grantee) if grantee else sql.SQL("PUBLIC")
    connection.execute(sql.SQL(what).format(listed, sql.Identifier(relation), whom))


def _open_functions(connection: psycopg.Connection[Any]) -> None:
    for name, signature, holders in connection.execute(_CALLS).fetchall():
        for role in CALLED.get(name, ()):
            if signs_in_as(role) not in holders:
                connection.execute(
                    sql.SQL("GRANT EXECUTE ON FUNCTION {} TO {}").format(
                        sql.SQL(signature), sql.Identifier(signs_in_as(role))
                    )
                )
