"""What each role of the database must not, tried by each; that the statement is right is shown by
who administers the server.
"""

import re
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from typing import Any

import msgspec
import psycopg
import pytest
from psycopg import sql
from psycopg.errors import AdminShutdown, InsufficientPrivilege

from deploy.database import rights, roles
from deploy.database.migrate import create_namespace, drop_namespace, migrate
from services.history import QUERIES
from streams import watchdog
from streams.database import (
    ANALYST,
    OWNER,
    PARTS,
    address,
    conninfo,
    password_file,
    signs_in_as,
)
from streams.settings import Settings
from streams.tables.rows import TABLES, rows_of
from streams.tables.writer import copy
from tests.support.servers import Servers
from tests.support.upstream import EXAMPLES
from tests.support.waiting import eventually

Connection = psycopg.Connection[Any]
RUNNING = (*PARTS, ANALYST)

NOBODY_MAY = (
    # make anything
    "CREATE TABLE mine (x integer)",
    "CREATE TABLE public.mine (x integer)",
    "CREATE TEMPORARY TABLE mine (x integer)",
    "CREATE VIEW mine AS SELECT 1",
    "CREATE SCHEMA mine",
    "CREATE FUNCTION mine() RETURNS integer LANGUAGE sql RETURN 1",
    "CREATE EXTENSION dblink",
    "CREATE EXTENSION file_fdw",
    "CREATE PUBLICATION mine",
    "CREATE FOREIGN DATA WRAPPER mine",
    "SELECT lo_create(0)",
    "SELECT lo_creat(-1)",
    "SELECT lo_from_bytea(0, 'x')",
    "SELECT lo_import('/etc/hostname')",
    "SELECT pg_logical_emit_message(false, 'a', 'b')",
    "SELECT add_job('drop_old_rows'::regproc, '1 day')",
    # change what there is
    "DROP TABLE readings",
    "ALTER TABLE alerts ADD COLUMN more text",
    "ALTER TABLE control_log DISABLE TRIGGER append_only",
    "CREATE TRIGGER mine BEFORE INSERT ON users EXECUTE FUNCTION control_log_is_append_only()",
    "CREATE RULE mine AS ON INSERT TO alerts DO INSTEAD NOTHING",
    "CREATE INDEX ON alerts (kind)",
    "COMMENT ON TABLE alerts IS 'mine'",
    "TRUNCATE alert_transitions",
    "TRUNCATE readings",
    "SELECT drop_chunks('readings', now())",
    "DELETE FROM control_log",
    "UPDATE alert_transitions SET actor = 'x'",
    "DELETE FROM accounts",
    "BEGIN; SET LOCAL cityops.audit_cut = 9223372036854775807; DELETE FROM audit_log",
    "INSERT INTO migrations (name, sha256) VALUES ('x', 'y')",
    "BEGIN; LOCK TABLE control_log IN EXCLUSIVE MODE",
    "REINDEX TABLE alerts",
    # become somebody else
    "SET ROLE cityops_owner",
    "SET ROLE pg_read_all_data",
    "SET SESSION AUTHORIZATION cityops_owner",
    "CREATE ROLE mine",
    "ALTER ROLE cityops_owner PASSWORD 'mine'",
    "GRANT cityops_owner TO cityops_analyst",
    "GRANT pg_read_all_data TO cityops_analyst",
    "REASSIGN OWNED BY cityops_owner TO CURRENT_USER",
    "ALTER DEFAULT PRIVILEGES FOR ROLE cityops_owner GRANT SELECT ON TABLES TO PUBLIC",
    "SELECT rolpassword FROM pg_authid",
    # reach the machine, or the server
    "COPY (SELECT 1) TO PROGRAM 'cat'",
    "COPY readings FROM PROGRAM 'true'",
    "COPY (SELECT 1) TO '/tmp/cityops-test-mine'",
    "SELECT pg_read_file('/etc/hostname')",
    "SELECT pg_ls_dir('/')",
    "SELECT lo_export(1, '/tmp/cityops-test-mine')",
    "LOAD 'auto_explain'",
    "ALTER SYSTEM SET work_mem = '1GB'",
    "ALTER DATABASE {database} SET work_mem = '1GB'",
    "SET session_replication_role = replica",
    "SET temp_file_limit = -1",
    "SET track_activities = off",
    "SELECT pg_terminate_backend({administrator})",
    "SELECT pg_create_physical_replication_slot('mine')",
)


@contextmanager
def by(settings: Settings, role: str) -> Iterator[Connection]:
    """A connection of a role's, in autocommit."""
    url = conninfo(settings, "test", url=address(settings, role))
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.fixture
def administrator(settings: Settings) -> Iterator[Connection]:
    with psycopg.connect(conninfo(settings, "test"), autocommit=True) as connection:
        yield connection


def spelled(statement: str, administrator: Connection) -> bytes:
    pid, name = administrator.info.backend_pid, administrator.info.dbname
    return statement.format(database=name, administrator=pid).encode()


@pytest.mark.parametrize("role", RUNNING)
def test_each_role_is_refused_what_nobody_may(
    settings: Settings, administrator: Connection, role: str
) -> None:
    let_through = []
    with by(settings, role) as connection:
        connection.execute("SET default_transaction_read_only = off")
        for statement in NOBODY_MAY:
            try:
                connection.execute(spelled(statement, administrator))
            except InsufficientPrivilege:
                connection.rollback()
            except psycopg.Error as error:
                let_through.append(f"{statement}: {error}")
            else:
                let_through.append(statement)
    assert "\n".join(let_through) == ""


def test_control_who_administers_may(administrator: Connection) -> None:
    """Or is refused for another reason: not for want of a right."""
    for statement in NOBODY_MAY:
        if "pg_terminate_backend" in statement:
            continue
        try:
            with administrator.transaction(force_rollback=True):
                administrator.execute(spelled(statement, administrator))
        except psycopg.Error as error:
            by_the_machine = "Permission denied" in str(error)
            if isinstance(error, InsufficientPrivilege) and not by_the_machine:
                pytest.fail(f"{statement}: {error}")


def test_the_owner_is_no_administrator_either(settings: Settings) -> None:
    refused = (
        "CREATE ROLE mine",
        "SET ROLE cityops_alerts",
        "SET ROLE cityops_analyst",
        "ALTER ROLE cityops_alerts PASSWORD 'mine'",
        "SELECT rolpassword FROM pg_authid",
        "COPY (SELECT 1) TO PROGRAM 'cat'",
        "SELECT pg_read_file('/etc/hostname')",
        "ALTER SYSTEM SET work_mem = '1GB'",
        "SET session_replication_role = replica",
    )
    with by(settings, OWNER) as connection:
        for statement in refused:
            with pytest.raises(InsufficientPrivilege):
                connection.execute(statement.encode())
        with connection.transaction(force_rollback=True):  # the control
            connection.execute("ALTER TABLE alerts ADD COLUMN more text")


def test_no_role_is_more_than_it_should_be(administrator: Connection) -> None:
    flags = sql.SQL(", ").join(map(sql.Identifier, roles.PLAIN))
    names = [signs_in_as(role) for role in roles.SIGNING_IN]
    asked = sql.SQL("SELECT rolname, {} FROM pg_roles WHERE rolname = ANY(%s)").format(flags)
    found = administrator.execute(asked, [names]).fetchall()
    assert {row[0] for row in found} == set(names)
    assert not [row for row in found if any(row[1:])]
    members = administrator.execute(
        "SELECT roleid::regrole::text, member::regrole::text, set_option FROM pg_auth_members"
        " WHERE member::regrole::text = ANY(%s) OR roleid::regrole::text = ANY(%s)",
        [names, names],
    ).fetchall()
    assert [row for row in members if row[1] in names] == [
        (signs_in_as(ANALYST), signs_in_as(OWNER), False)
    ]


def test_each_may_with_each_table_what_is_given_and_nothing_else(
    settings: Settings, administrator: Connection
) -> None:
    """Of what a hypertable consists of, too."""
    for event in EXAMPLES.values():
        for table, rows in rows_of(event).items():
            copy(administrator, table, rows)
    asked = """
        SELECT c.relname, r.rolname, p.name FROM pg_class AS c CROSS JOIN pg_roles AS r
        CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES',
            'TRIGGER', 'MAINTAIN']) AS p (name)
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'v')
          AND r.rolname = ANY(%s) AND has_table_privilege(r.oid, c.oid, p.name)
    """
    running = {signs_in_as(role): role for role in RUNNING}
    found = administrator.execute(asked, [[*running]]).fetchall()
    assert {(table, running[role], may) for table, role, may in found} == {
        (name, role, may)
        for name in rights.OPEN | rights.HIDDEN.keys()
        for role, given in rights.of(name).items()
        for may in given
    }
    writes = """
        SELECT c.oid::regclass::text, r.rolname FROM pg_class AS c CROSS JOIN pg_roles AS r
        WHERE c.relname LIKE '\\_hyper\\_%%' AND c.relkind = 'r' AND r.rolname = %s
          AND has_table_privilege(r.oid, c.oid, %s)
    """
    chunks = administrator.execute(writes, [signs_in_as(ANALYST), "SELECT"]).fetchall()
    assert len(chunks) >= len(TABLES) - 1
    for right in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
        assert administrator.execute(writes, [signs_in_as(ANALYST), right]).fetchall() == []
    for right in ("DELETE", "TRUNCATE"):
        assert administrator.execute(writes, [signs_in_as("writer"), right]).fetchall() == []


def test_everything_is_the_owners(administrator: Connection) -> None:
    asked = """
        SELECT c.oid::regclass::text FROM pg_class AS c
        WHERE c.relnamespace = current_schema()::regnamespace AND c.relowner::regrole::text <> %s
        UNION ALL
        SELECT p.oid::regprocedure::text FROM pg_proc AS p
        WHERE p.pronamespace = current_schema()::regnamespace AND p.proowner::regrole::text <> %s
    """
    owner = signs_in_as(OWNER)
    assert administrator.execute(asked, [owner, owner]).fetchall() == []


def test_what_an_earlier_release_made_as_administrator_becomes_the_owners(
    settings: Settings, administrator: Connection
) -> None:
    """Chunks too; and what it let analysts see of new tables they see no more."""
    for event in EXAMPLES.values():
        for table, rows in rows_of(event).items():
            copy(administrator, table, rows)
    me, schema = administrator.info.user, settings.namespace
    was = administrator.execute(
        "SELECT c.relkind, c.relname FROM pg_class AS c WHERE c.relkind IN ('r', 'v')"
        " AND c.relnamespace = current_schema()::regnamespace"
    ).fetchall()
    for kind, name in was:
        what = sql.SQL("VIEW" if kind == "v" else "TABLE")
        administrator.execute(
            sql.SQL("ALTER {} {} OWNER TO {}").format(
                what, sql.Identifier(name), sql.Identifier(me)
            )
        )
    for statement in (
        "ALTER SCHEMA {schema} OWNER TO {me}",
        "ALTER DEFAULT PRIVILEGES IN SCHEMA {schema} GRANT SELECT ON TABLES TO cityops_analyst",
        "GRANT SELECT ON evidence TO cityops_analyst",
        "GRANT ALL ON control_log TO cityops_writer",
        "ALTER FUNCTION drop_old_rows OWNER TO {me}",
    ):
        administrator.execute(
            sql.SQL(statement).format(schema=sql.Identifier(schema), me=sql.Identifier(me))
        )
    assert migrate(settings) == []
    test_everything_is_the_owners(administrator)
    foreign = """
        SELECT oid::regclass::text FROM pg_class
        WHERE relname LIKE '\\_hyper\\_%%' AND relkind = 'r' AND relowner::regrole::text <> %s
    """
    assert administrator.execute(foreign, [signs_in_as(OWNER)]).fetchall() == []
    for name, role in (("evidence", ANALYST), ("control_log", "writer")):
        held = {
            right
            for right in ("SELECT", "INSERT", "UPDATE", "DELETE")
            if administrator.execute(
                "SELECT has_table_privilege(%s, %s, %s)", [signs_in_as(role), name, right]
            ).fetchone()
            == (True,)
        }
        assert held == rights.of(name).get(role, frozenset()), name
    for by_whom in (me, signs_in_as(OWNER)):
        with administrator.transaction(force_rollback=True):
            administrator.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(by_whom)))
            administrator.execute("CREATE TABLE new (x integer)")
            asked = "SELECT has_table_privilege('cityops_analyst', 'new', 'SELECT')"
            assert administrator.execute(asked).fetchone() == (False,), by_whom


def test_replays_have_their_own_tables_with_the_same_rights(
    settings: Settings, administrator: Connection
) -> None:
    """Made by the owner, from the command line, without the administrator."""
    without = msgspec.structs.replace(settings, database_url=_elsewhere(settings))
    create_namespace(without, "replay-1")
    found = administrator.execute(
        "SELECT has_table_privilege(%s, '\"replay-1\".readings', 'INSERT'),"
        " has_table_privilege(%s, '\"replay-1\".users', 'SELECT')",
        [signs_in_as("writer"), signs_in_as(ANALYST)],
    ).fetchone()
    assert found == (True, False)
    drop_namespace(without, "replay-1")


def _elsewhere(settings: Settings) -> str:
    """The same server, and an administrator whose password is wrong."""
    return re.sub(r"password=\S+", "password=wrong", settings.database)


# --- analysts -------------------------------------------------------------------------------


def test_analysts_read_what_is_open_and_nothing_hidden(settings: Settings) -> None:
    with by(settings, ANALYST) as analyst:
        for name in sorted(rights.OPEN):
            analyst.execute(sql.SQL("SELECT * FROM {} LIMIT 1").format(sql.Identifier(name)))
        for name in sorted(rights.HIDDEN):
            with pytest.raises(InsufficientPrivilege):
                analyst.execute(sql.SQL("SELECT FROM {}").format(sql.Identifier(name)))
        for query in QUERIES.values():
            analyst.execute(query.sql)  # type: ignore[arg-type]


def test_analysts_write_to_no_table_whatever_they_set(settings: Settings) -> None:
    statements = ("DELETE FROM {}", "TRUNCATE {}", "BEGIN; LOCK TABLE {} IN SHARE MODE")
    # Of some views and tables it is refused because of what they are.
    refusals = (
        InsufficientPrivilege,
        psycopg.errors.ObjectNotInPrerequisiteState,
        psycopg.errors.WrongObjectType,
    )
    with by(settings, ANALYST) as analyst:
        analyst.execute("SET default_transaction_read_only = off")
        for table in sorted(rights.OPEN | rights.HIDDEN.keys()):
            for statement in statements:
                with pytest.raises(refusals):
                    analyst.execute(sql.SQL(statement).format(sql.Identifier(table)))
                analyst.rollback()


def test_analysts_cannot_hold_up_who_takes_a_lock_of_the_same_name(settings: Settings) -> None:
    ask = "SELECT pg_try_advisory_lock(hashtextextended('control_log of ' || current_schema(), 0))"
    with by(settings, "alerts") as alerts, by(settings, ANALYST) as analyst:
        with pytest.raises(InsufficientPrivilege):
            analyst.execute(ask)
        assert alerts.execute(ask).fetchone() == (True,)


def test_analysts_see_nobody_elses_statements(settings: Settings) -> None:
    with by(settings, "alerts") as alerts, by(settings, ANALYST) as analyst:
        alerts.execute("SELECT 'secret'")
        asked = "SELECT query FROM pg_stat_activity WHERE pid = %s"
        row = analyst.execute(asked, [alerts.info.backend_pid]).fetchone()
        assert row is not None
        assert "secret" not in row[0]
        assert alerts.execute(asked, [alerts.info.backend_pid]).fetchone() == (asked % "$1",)


def test_analysts_have_so_many_connections(settings: Settings) -> None:
    url = address(settings, ANALYST)
    with ExitStack() as held:
        for _ in range(roles.ANALYSTS_AT_ONCE):
            held.enter_context(psycopg.connect(url))
        with pytest.raises(psycopg.OperationalError, match="too many connections for role"):
            psycopg.connect(url)
    eventually(lambda: _connects(url))


def _connects(url: str) -> bool:
    try:
        psycopg.connect(url).close()
    except psycopg.OperationalError:
        return False
    return True


SLOW = (
    "SELECT pg_sleep(300)",
    "SELECT count(*) FROM generate_series(1, 100000000000)",
    "DO $$ BEGIN LOOP PERFORM pg_sleep(0.01); COMMIT; END LOOP; END $$",
)


@pytest.mark.parametrize("statement", SLOW)
def test_a_watchdog_ends_what_analysts_have_made_endless(
    settings: Settings, statement: str
) -> None:
    with by(settings, ANALYST) as analyst, by(settings, "writer") as writer:
        analyst.execute("SET statement_timeout = 0")
        found: list[BaseException] = []

        def ask() -> None:
            try:
                analyst.execute(statement.encode())
            except psycopg.Error as error:
                found.append(error)

        asking = threading.Thread(target=ask)
        asking.start()
        time.sleep(0.5)
        assert watchdog.look(writer, timedelta(minutes=5)) == 0
        eventually(lambda: watchdog.look(writer, timedelta(milliseconds=300)) == 1)
        asking.join(20)
        assert [type(error) for error in found] == [AdminShutdown]


def test_the_watchdog_ends_transactions_that_wait_and_leaves_others_alone(
    settings: Settings,
) -> None:
    with (
        by(settings, ANALYST) as waits,
        by(settings, ANALYST) as idle,
        by(settings, "gateway") as gateway,
        by(settings, "alerts") as alerts,
    ):
        idle.execute("SELECT 1")
        for connection in (waits, gateway):
            connection.execute("BEGIN")
            connection.execute("SELECT count(*) FROM readings")
        time.sleep(0.3)
        assert watchdog.look(alerts, timedelta(milliseconds=200)) == 1
        with pytest.raises(psycopg.OperationalError):
            waits.execute("SELECT 1")
        idle.execute("SELECT 1")
        gateway.execute("SELECT 1")


def test_only_who_runs_the_watchdog_may_end_anybody(settings: Settings) -> None:
    for role in ("command", "gateway", ANALYST):
        with by(settings, role) as connection, pytest.raises(InsufficientPrivilege):
            watchdog.look(connection)
    with by(settings, "alerts") as connection, pytest.raises(InsufficientPrivilege):
        connection.execute("SELECT drop_old_rows('readings', now())")


def test_what_analysts_set_for_themselves_lasts_until_the_next_start(settings: Settings) -> None:
    """PostgreSQL lets everybody change their own password and settings."""
    password = password_file(settings, ANALYST).read_text()
    with by(settings, ANALYST) as analyst:
        analyst.execute("SET default_transaction_read_only = off")
        analyst.execute("ALTER ROLE cityops_analyst SET statement_timeout = 0")
        analyst.execute("ALTER ROLE cityops_analyst PASSWORD 'mine'")
    migrate(settings)
    assert password_file(settings, ANALYST).read_text() == password
    with psycopg.connect(address(settings, ANALYST)) as analyst:
        assert analyst.execute("SHOW statement_timeout").fetchone() == ("1min",)
        assert analyst.execute("SHOW temp_file_limit").fetchone() == (roles.ANALYSTS_DISK,)


def test_retention_never_takes_the_last_day_whoever_asks(
    settings: Settings, administrator: Connection
) -> None:
    """A writer that has gone mad, or is somebody else, drops no more than what is old anyway."""
    insert = (
        "INSERT INTO counts (time, camera, zone, label, tracks, peak, period, origin)"
        " VALUES (now() - %s::interval, 'c', '', 'car', 1, 1, '1 minute', 'live')"
    )
    for age in ("0 days", "40 days"):
        administrator.execute(insert, [age])
    with by(settings, "writer") as writer:
        dropped = writer.execute("SELECT drop_old_rows('counts', 'infinity')").fetchone()
        assert dropped == (1,)
        assert writer.execute("SELECT count(*) FROM counts").fetchone() == (1,)
        for name in ("pg_catalog.pg_class", "nothing", "readings; DROP TABLE readings"):
            with pytest.raises(psycopg.Error):
                writer.execute("SELECT drop_old_rows(%s, now())", [name])


def test_no_role_gets_into_another_database_of_a_server_of_our_own(servers: Servers) -> None:
    settings = servers.database()
    roles.make(settings)
    for role in roles.SIGNING_IN:
        url = address(settings, role)
        psycopg.connect(url).close()  # the control
        for name in ("postgres", "template1"):
            with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                psycopg.connect(url, dbname=name)


@pytest.mark.parametrize("role", roles.SIGNING_IN)
def test_each_password_is_its_owners_alone(settings: Settings, role: str) -> None:
    file = password_file(settings, role)
    assert file.stat().st_mode & 0o777 == 0o600
    others = [password_file(settings, other).read_text() for other in roles.SIGNING_IN]
    assert others.count(file.read_text()) == 1
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(address(settings, role), password="guessed")


def test_a_part_that_comes_with_an_upgrade_may_take_locks(servers: Servers) -> None:
    settings = servers.database()
    role, lock = roles.signs_in_as(roles.PARTS[-1]), "pg_try_advisory_lock(bigint)"
    asked = f"SELECT has_function_privilege('{role}', '{lock}', 'EXECUTE')"
    with psycopg.connect(settings.database, autocommit=True) as connection:
        connection.execute(f"REVOKE EXECUTE ON FUNCTION {lock} FROM {role}".encode())
        assert connection.execute(asked.encode()).fetchone() == (False,), "control"
        roles.make(settings)
        assert connection.execute(asked.encode()).fetchone() == (True,)
