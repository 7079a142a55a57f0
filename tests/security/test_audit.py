"""What somebody may try who wants the audit log to say something else, or nothing.

Whoever holds the database can do anything to it: the tests are its superuser. What they do not hold
is the folder with the anchors.
"""

from collections.abc import Callable, Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest

from services.alerts.store import Connection
from services.audit import chain, keeping, log
from services.audit.anchors import Anchored, Anchors, folder_of
from services.audit.chain import Line
from services.audit.verification import verify
from streams.events import DAY
from tests.support.audit import lines_of, settled, stored, told, verified
from tests.support.desk import Desk, open_desk
from tests.support.people import PASSWORD
from tests.support.waiting import eventually

SECRETS = ("geheimer satz hier", "in the wrong field")


@pytest.fixture(scope="module")
def service(
    database_server: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    state = tmp_path_factory.mktemp("state")
    with open_desk(database_server, template_database, state) as desk:
        yield desk


@pytest.fixture
def desk(service: Desk) -> Desk:
    """With some lines, all of them anchored."""
    service.database.execute("DELETE FROM sign_in_failures")
    for _ in range(3):
        service.signed_in(service.person()).delete("/api/session")
    settled(service)
    return service


def forge(desk: Desk, *statements: str, **values: Any) -> None:
    """As the superuser, past the triggers."""
    with desk.database.transaction():
        desk.database.execute("SET LOCAL session_replication_role = replica")
        for statement in statements:
            desk.database.execute(statement, values)


def undone(desk: Desk, what: Callable[[], None]) -> tuple[str, int, str]:
    """What is found after it: fault, line and sentence; the log is as before then."""
    before = stored(desk.database)
    assert verified(desk.database, desk.settings).whole
    what()
    verdict = verified(desk.database, desk.settings)
    restore(desk, before)
    assert verified(desk.database, desk.settings).whole
    return (*verdict.findings[0][:2], verdict.said)


def restore(desk: Desk, lines: Sequence[Line]) -> None:
    forge(desk, "DELETE FROM audit_log")
    put(desk.database, lines)


def put(connection: Connection, lines: Sequence[Line]) -> None:
    for line in lines:
        connection.execute(log.SQL["audit_add"], log._row(line))


# --- who holds the database ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "value"),
    [
        *[("actor", "'an'"), ("role", "'administrator'"), ("address", "'10.9.9.9'")],
        *[("time", "time - interval '1 hour'"), ("times", "times + 1"), ("outcome", "'refused'")],
        *[("subject", "subject || ' '"), ("form", "2"), ("id", "'another'"), ("why", "'asked'")],
    ],
)
def test_a_line_that_is_altered_is_found(desk: Desk, column: str, value: str) -> None:
    number = stored(desk.database)[-3].sequence

    def alter() -> None:
        forge(desk, f"UPDATE audit_log SET {column} = {value} WHERE sequence = {number}")

    fault, line, said = undone(desk, alter)
    assert (fault, line) == ("unreadable" if column == "form" else "changed", number)
    assert f"line {number:,}" in said


def test_a_line_that_is_removed_is_found(desk: Desk) -> None:
    number = stored(desk.database)[-3].sequence
    gone = f"DELETE FROM audit_log WHERE sequence = {number}"
    fault, line, said = undone(desk, lambda: forge(desk, gone))
    assert (fault, line) == ("missing", number)
    assert said.startswith(f"line {number:,} is missing")


def test_lines_that_change_places_are_found(desk: Desk) -> None:
    number = stored(desk.database)[-3].sequence

    def swap() -> None:
        at = "UPDATE audit_log SET sequence = {} WHERE sequence = {}"
        spare = 1_000_000
        forge(desk, at.format(spare, number), at.format(number, number + 1))
        forge(desk, at.format(number + 1, spare))

    assert undone(desk, swap)[1] == number


def test_an_end_that_is_cut_off_is_found(desk: Desk) -> None:
    last = stored(desk.database)[-1].sequence

    def cut() -> None:
        forge(desk, f"DELETE FROM audit_log WHERE sequence > {last - 2}")

    fault, line, said = undone(desk, cut)
    assert (fault, line) == ("cut", last - 1)
    assert f"lines {last - 1:,} to {last:,} stood there" in said


def test_a_log_that_is_emptied_is_found(desk: Desk) -> None:
    def empty() -> None:
        forge(desk, "ALTER TABLE audit_log DISABLE TRIGGER ALL", "TRUNCATE audit_log")
        forge(desk, "ALTER TABLE audit_log ENABLE TRIGGER ALL")

    assert undone(desk, empty)[0] == "replaced"


def recomputed(desk: Desk, first: bytes | None = None) -> None:
    """Who signed in was another, and every hash is right again."""
    lines = stored(desk.database)
    at = chain.Head("", 0, first or lines[0].previous)
    forge(desk, "DELETE FROM audit_log")
    for number, line in enumerate(lines):
        changes = {"actor": "an", "subject": "an"} if number == len(lines) - 3 else {}
        forged = chain.extended(at, type(line.entry)(**_fields(line) | changes))
        put(desk.database, [forged])
        at = chain.Head("", forged.sequence, forged.hash)


def _fields(line: Line) -> dict[str, Any]:
    return {name: getattr(line.entry, name) for name in line.entry.__struct_fields__}


def test_a_chain_that_is_computed_anew_is_found(desk: Desk) -> None:
    fault, _, said = undone(desk, lambda: recomputed(desk))
    assert fault == "rewritten"
    assert "written anew" in said
    assert undone(desk, lambda: recomputed(desk, bytes(32)))[0] == "replaced"


def test_control_without_anchors_a_chain_that_is_computed_anew_is_right(desk: Desk) -> None:
    before = stored(desk.database)
    recomputed(desk)
    found = verify(stored(desk.database), Anchored([], 0)).findings
    restore(desk, before)
    assert [one.fault for one in found] == ["unanchored"]


def test_the_owner_alters_nothing_by_mistake(desk: Desk) -> None:
    for statement in (
        "UPDATE audit_log SET actor = 'an'",
        "DELETE FROM audit_log",
        "TRUNCATE audit_log",
    ):
        with pytest.raises(psycopg.errors.RaiseException, match="append only"):
            desk.database.execute(statement)


def test_analysts_do_not_see_it(desk: Desk) -> None:
    may = "SELECT has_table_privilege('cityops_analyst', 'audit_log', %s)"
    for right in ("SELECT", "INSERT", "UPDATE", "DELETE"):
        assert desk.database.execute(may, [right]).fetchone() == (False,)


# --- retention ----------------------------------------------------------------------------------


def test_retention_takes_the_oldest_lines_only_and_the_log_stays_whole(desk: Desk) -> None:
    anchors, lines = Anchors(folder_of(desk.settings)), stored(desk.database)
    newest = lines[-1].entry.time
    assert keeping.cut(desk.database, anchors, newest, 1) == 0
    gone = keeping.cut(desk.database, anchors, newest + 2 * DAY, 2)
    left = stored(desk.database)
    assert gone == len([line for line in lines if line.entry.last < newest])
    assert left[-1].entry.action == log.CUT
    assert left[0].sequence == lines[0].sequence + gone
    settled(desk)
    verdict = verified(desk.database, desk.settings)
    assert verdict.whole, verdict.said
    more = f"DELETE FROM audit_log WHERE sequence = {left[0].sequence}"
    assert undone(desk, lambda: forge(desk, more))[:2] == ("missing", 1)
    desk.signed_in(desk.person())
    settled(desk)
    assert verified(desk.database, desk.settings).whole


# --- what is said, and what is not --------------------------------------------------------------


def test_an_analyst_tries_a_picture_and_is_refused_and_the_log_says_so(desk: Desk) -> None:
    name, alert = desk.person("analyst"), desk.alert()
    client = desk.signed_in(name)
    assert client.get(f"/api/alerts/{alert}/picture").status_code == 403
    line = told(desk, lambda one: one.actor == name and one.action == "evidence:view")
    assert (line.subject, line.outcome, line.reason) == (alert, "refused", "role")
    assert (line.role, line.means, line.address) == ("analyst", "browser", "127.0.0.1")


def test_signing_in_and_out_and_failing_to_is_recorded(desk: Desk) -> None:
    name = desk.person("operator")
    assert desk.try_in(name, "guess").status_code == 401
    client = desk.signed_in(name)
    client.delete("/api/session")
    failed = told(desk, lambda one: one.subject == name and one.outcome == "failed")
    assert (failed.actor, failed.reason, failed.action) == ("", "wrong_password", "session:begin")
    acts = [one for one in lines_of(desk, "session:begin", "session:end") if one.actor == name]
    assert [(one.action, one.means) for one in acts] == [
        ("session:begin", "browser"),
        ("session:end", "browser"),
    ]


def test_no_secret_enters_the_log(desk: Desk) -> None:
    """Neither passwords, new and old, wrong and right, nor tokens, codes and addresses' secrets."""
    name = desk.person("engineer")
    given, wrong_field = SECRETS
    desk.try_in(name, given)
    desk.try_in(wrong_field, given)
    client = desk.signed_in(name)
    token = client.post(
        "/api/tokens", json={"label": "wall", "scopes": ["alerts:read"], "days": 9}
    ).json()["token"]
    client.put("/api/session/password", json={"old": PASSWORD, "new": given})
    secret = client.post("/api/session/factor", json={"password": given}).json()["secret"]
    camera = {"id": "quay-3", "address": f"rtsp://eye:{given}@10.0.0.5/1"}
    client.post("/api/cameras", json=camera)
    desk.client(token + "x").get("/api/alerts")
    told(desk, lambda one: one.action == "session:use")
    settled(desk)
    everything = str([line.entry for line in stored(desk.database)])
    anchors = b"".join(
        path.read_bytes() for path in folder_of(desk.settings).rglob("*") if path.is_file()
    ).decode()
    for hidden in (*SECRETS, token, secret, PASSWORD, "eye:"):
        assert hidden not in everything + anchors, hidden
    assert [one.subject for one in lines_of(desk, "token:add")][-1] == "wall"


def test_a_change_says_which_fields_and_who_has_which_role_now(desk: Desk) -> None:
    machine, name = desk.machine(), desk.person()
    machine.put(f"/api/users/{name}/role", json={"role": "supervisor"}).raise_for_status()
    line = lines_of(desk, "user:role")[-1]
    assert (line.actor, line.subject, line.detail) == ("machine", name, "role: supervisor")
    assert line.means == "api"


# --- what cannot be recorded is not done --------------------------------------------------------


@pytest.fixture
def unwritable(desk: Desk) -> Iterator[Desk]:
    """The table takes no more lines: as where it was taken away, or its disk is full."""
    desk.database.execute("ALTER TABLE audit_log ADD CONSTRAINT full_up CHECK (false) NOT VALID")
    yield desk
    desk.database.execute("ALTER TABLE audit_log DROP CONSTRAINT full_up")


def test_a_change_that_cannot_be_recorded_is_not_done(unwritable: Desk) -> None:
    desk, name = unwritable, unwritable.person()
    machine, alert = desk.machine(), desk.alert()
    asked = [
        ("PUT", f"/api/users/{name}/role", {"role": "supervisor"}),
        ("POST", f"/api/users/{name}/disable", None),
        ("POST", f"/api/users/{name}/reset", None),
        ("POST", "/api/users", {"name": "eve", "role": "administrator"}),
        ("DELETE", f"/api/users/{name}/sessions", None),
        ("PUT", "/api/roles/dispatcher", {"permissions": ["alerts:act"]}),
        ("POST", f"/api/alerts/{alert}/acknowledge", {"command_id": "a"}),
        ("POST", "/api/cameras", {"id": "quay-3", "address": "rtsp://10.0.0.5/1"}),
        ("POST", "/api/session", {"name": name, "password": PASSWORD}),
    ]
    before = state(desk)
    for method, path, body in asked:
        answer = machine.request(method, path, json=body)
        assert answer.status_code >= 500, (path, answer.text)
    assert state(desk) == before


def state(desk: Desk) -> list[Any]:
    queries = (
        "SELECT name, role, disabled_at, password_hash FROM users ORDER BY name",
        "SELECT * FROM roles ORDER BY name",
        "SELECT id FROM sessions ORDER BY id",
        "SELECT count(*) FROM control_log",
        "SELECT id, state, version FROM alerts ORDER BY id",
    )
    return [desk.database.execute(query).fetchall() for query in queries]


def test_a_failure_waits_on_disk_until_it_can_be_written(desk: Desk) -> None:
    name = desk.person("analyst")
    client = desk.client(desk.token(name))
    desk.database.execute("ALTER TABLE audit_log ADD CONSTRAINT full_up CHECK (false) NOT VALID")
    assert client.get("/api/cameras/cam-1/picture").status_code == 403
    recorder = desk.app.state.recorder
    eventually(lambda: "database does not take it" in recorder.problem)
    desk.database.execute("ALTER TABLE audit_log DROP CONSTRAINT full_up")
    line = told(desk, lambda one: one.actor == name and one.action == "picture:view")
    assert line.outcome == "refused"
    eventually(lambda: recorder.problem == "")


def test_a_picture_is_not_shown_where_that_can_be_kept_nowhere(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = SimpleNamespace(time=1, origin="live", sha256="0" * 64, jpeg=b"\xff\xd8a street")
    masked = SimpleNamespace(jpeg=frame.jpeg, said="masked")
    monkeypatch.setattr(desk.app.state.frames, "newest", lambda _camera: frame)
    monkeypatch.setattr(desk.app.state.live_masks, "shown", lambda _frame: masked)
    for name in ("cam-7", "cam-8"):
        camera = {"id": name, "address": "rtsp://10.0.0.5/1"}
        desk.machine().post("/api/cameras", json=camera).raise_for_status()
    client = desk.client(desk.token(desk.person()))
    assert client.get("/api/cameras/cam-7/picture").content == frame.jpeg
    spool = folder_of(desk.settings) / "spool"
    settled(desk)
    aside = spool.rename(spool.with_name("aside"))
    spool.write_text("in the way")
    answer = client.get("/api/cameras/cam-8/picture")
    spool.unlink()
    aside.rename(spool)
    assert (answer.status_code, answer.json()["reason"]) == (503, "not_recorded")
    assert frame.jpeg not in answer.content
    told(desk, lambda one: one.action == "audit:lose")
    line = told(desk, lambda one: one.subject == "cam-7" and one.action == "picture:view")
    assert (line.action, line.outcome) == ("picture:view", "done")
