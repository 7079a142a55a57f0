"""What somebody reads in SQL, by a role of their own, who is limited to a ward: nothing of another.

As in ``test_areas``, everything outside is named "secret"; the control is who is not limited.
"""

import configparser
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import make_conninfo
from psycopg.errors import (
    InsufficientPrivilege,
    InvalidTextRepresentation,
    OperationalError,
    UndefinedFunction,
    UndefinedTable,
)

from deploy.database import by_ward, personal, rights
from services.history import QUERIES
from streams.database import address, signs_in_as
from streams.events import Detections
from streams.tables.rows import rows_of
from streams.tables.writer import copy
from tests.security.test_database_roles import NOBODY_MAY
from tests.support.commandline import cityops
from tests.support.desk import Desk, open_desk
from tests.support.upstream import EXAMPLES
from tests.support.wards import MINE, SECRET, THEIRS, City

Connection = psycopg.Connection[Any]


class Person:
    """Somebody with a role of their own."""

    def __init__(self, city: City, *wards: str) -> None:
        self.desk, self.name = city.desk, city.person(*wards, role="analyst")
        said = self.desk.machine().put(f"/api/users/{self.name}/sql")
        said.raise_for_status()
        self.role = said.json()["role"]
        self.file = personal.make(self.desk.settings, self.role)

    @contextmanager
    def asking(self) -> Iterator[Connection]:
        url = address(self.desk.settings, self.role)
        with psycopg.connect(url, autocommit=True) as connection:
            yield connection

    def rows(self, question: str) -> str:
        with self.asking() as connection:
            return str(connection.execute(question.encode()).fetchall())


@pytest.fixture(scope="module")
def city(
    database_server: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[City]:
    state = tmp_path_factory.mktemp("state")
    with open_desk(database_server, template_database, state) as desk:
        yield City(desk)


@pytest.fixture(scope="module")
def desk(city: City) -> Desk:
    return city.desk


@pytest.fixture(scope="module")
def people(city: City) -> Iterator[list[Person]]:
    """Who is limited to one ward, and who is not."""
    found = [Person(city, MINE), Person(city)]
    yield found
    for one in found:
        personal.drop(city.desk.settings, one.role)


@pytest.fixture(scope="module")
def limited(people: list[Person]) -> Person:
    return people[0]


@pytest.fixture(scope="module")
def everywhere(people: list[Person]) -> Person:
    return people[1]


EMPTY = {
    "camera_hours", "counts", "detections", "frames", "quality", "readings",
    "suppression_transitions",
}  # fmt: skip
"""Nothing is stored of them here."""


def test_every_open_table_is_shown_by_ward_or_says_nothing_of_a_place() -> None:
    assert by_ward.BY.keys() | by_ward.PLACELESS == rights.OPEN, (
        "say in deploy/database/by_ward.py which rows somebody sees who is limited to wards"
    )
    assert not by_ward.BY.keys() & by_ward.PLACELESS


@pytest.mark.parametrize("name", sorted(by_ward.BY))
def test_a_table_says_nothing_of_what_is_outside(
    limited: Person, everywhere: Person, name: str
) -> None:
    question = f"SELECT to_jsonb(t)::text FROM {name} AS t"
    seen, control = limited.rows(question), everywhere.rows(question)
    assert SECRET not in seen
    if name in EMPTY:
        return
    assert SECRET in control, "control: who is not limited sees it"
    assert ("mine" in seen) == (name != "control_log")


def test_hypertables_are_shown_by_ward_too(city: City, limited: Person, everywhere: Person) -> None:
    database = city.desk.database
    for name in ("cam-mine", "cam-secret"):
        event = EXAMPLES[Detections]
        for table, rows in rows_of(event).items():
            columns = [column.name for column in table.layout]
            at = columns.index("camera")
            copy(database, table, [(*row[:at], name, *row[at + 1 :]) for row in rows])
    edition = database.execute("SHOW timescaledb.license").fetchone()
    if edition == ("timescale",):  # which compresses: Debian's packages have the Apache edition
        database.execute("SELECT compress_chunk(show_chunks('detections'))")
    question = "SELECT camera FROM detections"
    assert "cam-mine" in limited.rows(question)
    assert SECRET not in limited.rows(question)
    assert SECRET in everywhere.rows(question)


QUESTIONS = (
    "SELECT * FROM template.readings",
    "SELECT * FROM template.alerts",
    "TABLE template.assets",
    "SELECT * FROM template.users",
    "COPY template.alerts TO STDOUT",
    "SELECT * FROM template.user_areas",
    "SELECT * FROM _timescaledb_internal.compress_hyper_2_1_chunk",
    "SET ROLE cityops_analyst",
    "SET ROLE cityops_by_ward",
    "SET ROLE cityops_owner",
    "SET SESSION AUTHORIZATION cityops_analyst",
    "UPDATE template.users SET wards = NULL",
    "CREATE VIEW mine AS SELECT * FROM template.alerts",
    'CREATE OR REPLACE VIEW "template-by-ward".my_area AS SELECT 1',
    "CREATE FUNCTION pg_temp.leak(text) RETURNS boolean LANGUAGE sql RETURN true",
    "SELECT public.drop_chunks('template.readings', now())",
)


@pytest.mark.parametrize("question", QUESTIONS)
def test_there_is_no_way_round_the_views(limited: Person, question: str) -> None:
    refused = (InsufficientPrivilege, UndefinedTable)
    with limited.asking() as connection:
        connection.execute("SET default_transaction_read_only = off")
        with pytest.raises(refused):
            connection.execute(question.encode())


def test_nobody_may_what_no_analyst_may(city: City, limited: Person) -> None:
    info = city.desk.database.info
    names = {"database": info.dbname, "administrator": info.backend_pid}
    with limited.asking() as connection:
        connection.execute("SET default_transaction_read_only = off")
        connection.execute("SET search_path = template, public")
        let_through = []
        for statement in NOBODY_MAY:
            try:
                connection.execute(statement.format(**names).encode())
            except (InsufficientPrivilege, UndefinedTable, UndefinedFunction):
                connection.rollback()  # what they may not see is not there
            except psycopg.Error as error:
                let_through.append(f"{statement}: {error}")
            else:
                let_through.append(statement)
    assert let_through == []


def test_copies_and_large_questions_are_of_what_is_inside(
    limited: Person, everywhere: Person
) -> None:
    def copied(person: Person) -> str:
        question = "COPY (SELECT a.body FROM alerts a, incidents i, assets s) TO STDOUT"
        with person.asking() as connection, connection.cursor().copy(question) as lines:
            return b"".join(bytes(line) for line in lines).decode()

    assert SECRET not in copied(limited)
    assert "cam-mine" in copied(limited)
    assert SECRET in copied(everywhere)


def test_an_error_tells_nothing_of_a_row_that_is_not_shown(
    limited: Person, everywhere: Person
) -> None:
    """A function that fails with what it was given is not asked about such a row."""
    question = "SELECT count(*) FROM assets WHERE name_en::integer > 0"
    for person, told in ((limited, "mine"), (everywhere, "Source")):
        with person.asking() as connection, pytest.raises(InvalidTextRepresentation) as error:
            connection.execute(question.encode())
        assert told in str(error.value)
    for name in ("cam-secret", "loop-secret", "cam-secret-nowhere"):
        only = f"SELECT name_en::integer FROM assets WHERE id = '{name}'"
        assert limited.rows(only) == "[]"


@pytest.mark.parametrize(
    "question",
    [
        # Of the catalogue they name columns, by chance also ``second_factors.secret``.
        "SELECT * FROM pg_stats WHERE schemaname <> 'pg_catalog'",
        "SELECT * FROM pg_stats_ext",
        "SELECT * FROM pg_stats_ext_exprs",
        "SELECT query FROM pg_stat_activity",
        "SELECT * FROM timescaledb_information.chunks",
    ],
)
def test_what_the_server_says_of_itself_names_nothing(
    city: City, limited: Person, question: str
) -> None:
    city.desk.database.execute("ANALYZE assets, alerts, incidents")
    control = str(city.desk.database.execute("SELECT * FROM pg_stats").fetchall())
    assert SECRET in control, "control: statistics have such values"
    with city.desk.database.transaction():
        city.desk.database.execute("SELECT 'cam-secret'")
        assert SECRET not in limited.rows(question)


def test_statistics_are_closed(limited: Person) -> None:
    with limited.asking() as connection, pytest.raises(InsufficientPrivilege):
        connection.execute("SELECT stavalues1 FROM pg_statistic")


def test_a_change_of_area_is_in_force_at_once(city: City) -> None:
    person = Person(city, MINE)
    machine = city.desk.machine()
    try:
        with person.asking() as connection:

            def wards() -> set[str]:
                rows = connection.execute("SELECT DISTINCT ward FROM assets").fetchall()
                return {ward for (ward,) in rows}

            assert wards() == {MINE}
            machine.put(f"/api/users/{person.name}/area", json={"wards": [THEIRS]})
            assert wards() == {THEIRS}
            machine.post(f"/api/users/{person.name}/disable").raise_for_status()
            assert wards() == set()
            machine.post(f"/api/users/{person.name}/enable").raise_for_status()
            assert wards() == {THEIRS}
            machine.delete(f"/api/users/{person.name}/sql").raise_for_status()
            assert wards() == set()
    finally:
        personal.drop(city.desk.settings, person.role)
    with pytest.raises(OperationalError), person.asking():
        pass


def test_whose_role_shows_no_incidents_is_let_into_no_sql(city: City, desk: Desk) -> None:
    machine = desk.machine()
    machine.put("/api/roles/guest", json={"permissions": ["alerts:read"]}).raise_for_status()
    name = city.person(MINE, role="guest")
    answer = machine.put(f"/api/users/{name}/sql")
    assert (answer.status_code, answer.json()["reason"]) == (409, "role")
    person = Person(city, MINE)
    try:
        machine.put(f"/api/users/{person.name}/role", json={"role": "guest"}).raise_for_status()
        assert person.rows("SELECT id FROM assets") == "[]"
    finally:
        personal.drop(desk.settings, person.role)


def test_whose_role_is_changed_to_show_less_sees_nothing_more(city: City, desk: Desk) -> None:
    """Also where the role stays and it is what the role may that is changed."""
    machine, role = desk.machine(), "/api/roles/statistician"
    rights = ["alerts:read", "incidents:read", "sources:read"]
    machine.put(role, json={"permissions": rights}).raise_for_status()
    person = Person(city, MINE)
    try:
        machine.put(f"/api/users/{person.name}/role", json={"role": "statistician"})
        machine.put(role, json={"permissions": [*rights, "status:read"]}).raise_for_status()
        assert "loop-mine" in person.rows("SELECT id FROM assets"), "control: it shows as much"
        machine.put(role, json={"permissions": ["alerts:read"]}).raise_for_status()
        assert person.rows("SELECT id FROM assets") == "[]"
    finally:
        personal.drop(desk.settings, person.role)


def test_who_is_disabled_sees_no_row_of_any_table(city: City, desk: Desk) -> None:
    """Of those, too, that say nothing of a place."""
    person = Person(city, MINE)
    everything = " UNION ALL ".join(
        f"SELECT '{name}' FROM {name}" for name in sorted(by_ward.BY.keys() | by_ward.PLACELESS)
    )
    try:
        assert "kinds" in person.rows(everything), "control"
        desk.machine().post(f"/api/users/{person.name}/disable").raise_for_status()
        assert person.rows(everything) == "[]"
    finally:
        personal.drop(desk.settings, person.role)


def test_a_sign_in_is_its_owners_alone_and_says_how_to_ask(limited: Person) -> None:
    file = limited.file
    assert file.stat().st_mode & 0o077 == 0
    assert signs_in_as(limited.role) in file.read_text()
    assert Path(file).name == f"psql-{limited.role}"


def test_a_command_makes_a_sign_in_and_takes_it_back(
    city: City, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {
        "CITYOPS_STATE_DIR": desk.settings.state_dir,
        "CITYOPS_HTTP_PORT": desk.settings.http_port,
        "CITYOPS_DATABASE_URL": desk.settings.database_url,
        "CITYOPS_NAMESPACE": desk.settings.namespace,
        "XDG_STATE_HOME": tmp_path,
    }.items():
        monkeypatch.setenv(name, str(value))
    who = city.person(MINE, role="analyst")
    made = json.loads(cityops("user", "sql", who, "--json").stdout)
    file = Path(made["file"])
    services = configparser.ConfigParser(interpolation=None)
    services.read(file)
    with psycopg.connect(make_conninfo(**dict(services["cityops"]))) as connection:
        rows = connection.execute("SELECT DISTINCT ward FROM assets").fetchall()
        assert rows == [(MINE,)]
    assert str(file) in cityops("user", "sql", who).stdout, "asked again it says so again"
    assert cityops("user", "sql", who, "--remove").exit_code == 0
    assert not file.exists()
    role = desk.database.execute(
        "SELECT FROM pg_roles WHERE rolname = %s", [signs_in_as(made["role"])]
    )
    assert role.fetchone() is None


def test_a_person_has_so_many_connections(limited: Person) -> None:
    with limited.asking(), limited.asking(), pytest.raises(OperationalError), limited.asking():
        pass


def test_questions_to_start_with_are_answered_of_what_is_inside(limited: Person) -> None:
    with limited.asking() as connection:
        for query in QUERIES.values():
            answer = str(connection.execute(query.sql.encode()).fetchall())
            assert SECRET not in answer


def test_views_are_made_anew_only_where_something_has_changed(city: City) -> None:
    database = city.desk.database
    asked = "SELECT oid FROM pg_class WHERE oid = '\"template-by-ward\".readings'::regclass"
    with psycopg.connect(address(city.desk.settings, "owner"), autocommit=True) as owner:
        before = database.execute(asked).fetchone()
        by_ward.apply(owner, city.desk.settings.namespace)
        assert database.execute(asked).fetchone() == before
        owner.execute(sql.SQL("COMMENT ON SCHEMA \"template-by-ward\" IS 'another'"))
        by_ward.apply(owner, city.desk.settings.namespace)
        assert database.execute(asked).fetchone() != before
