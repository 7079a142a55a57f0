"""What a night shift goes by: priorities, floods and load, over HTTP."""

import csv
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import msgspec
import pytest

from services.alerts import handbook, store
from services.alerts.lifecycle import receive
from services.alerts.priority import Case, category, given
from services.alerts.transitions import Raised
from services.api.routes import load
from streams.events import SECOND, Micros
from streams.kinds.registry import present
from streams.stamps import wall_clock
from tests.support.alerting import incident
from tests.support.commandline import cityops
from tests.support.desk import Desk, open_desk

ROWS = [
    {"name": "critical", "priority": 1, "severities": ["critical"]},
    {"name": "vehicles", "priority": 3, "kinds": ["stopped_vehicle"]},
    {"name": "the rest", "priority": 2},
]


@pytest.fixture(scope="module")
def desk(
    database_server: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    with open_desk(database_server, template_database, tmp_path_factory.mktemp("state")) as desk:
        yield desk


@pytest.fixture(scope="module")
def lan(desk: Desk) -> httpx.Client:
    return desk.signed_in(desk.person(name="lan"))


@pytest.fixture(scope="module")
def hoa(desk: Desk) -> httpx.Client:
    return desk.signed_in(desk.person("supervisor", name="hoa"))


@pytest.fixture
def shell(desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("CITYOPS_STATE_DIR", str(desk.settings.state_dir))
    monkeypatch.setenv("CITYOPS_HTTP_PORT", str(desk.settings.http_port))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def raised(desk: Desk, *, ago: Micros = 30 * SECOND, **changes: Any) -> str:
    """A new alert's id, as the consumer makes it."""
    one = incident(
        **{"start": wall_clock() - ago, "source": f"cam-{uuid4().hex[:6]}", "after": 0} | changes
    )
    with desk.database.transaction():
        store.lock(desk.database)
        lines = receive(None, one, None, table=handbook.priorities(desk.database))
        return store.append(desk.database, None, lines, "test").id


def put(client: httpx.Client, **changes: Any) -> httpx.Response:
    return client.put("/api/priority", json={"rows": ROWS, "reason": "fewer"} | changes)


def test_a_supervisor_edits_the_table_and_each_alert_says_which_version_gave_its_priority(
    desk: Desk, lan: httpx.Client, hoa: httpx.Client
) -> None:
    before = raised(desk)
    assert put(lan).status_code == 403
    first = hoa.get("/api/priority").json()
    assert (first["version"], first["by"]) == (0, None)
    assert put(hoa, rows=[ROWS[1] | {"kinds": [], "priority": 4}]).json()["reason"] == "invalid"
    done = put(hoa, expected_version=0).json()
    assert (done["version"], done["by"], done["reason"]) == (1, "hoa", "fewer")
    assert put(hoa, expected_version=0).json()["reason"] == "version_conflict"
    after = raised(desk)
    shown = {one: lan.get(f"/api/alerts/{one}").json()["priority"] for one in (before, after)}
    assert (shown[before]["level"], shown[before]["row"], shown[before]["table"]) == (2, "high", 0)
    assert (shown[after]["level"], shown[after]["row"], shown[after]["table"]) == (3, "vehicles", 1)
    assert lan.get("/api/priority", params={"version": 0}).json()["rows"] == first["rows"]
    assert lan.get("/api/priority", params={"version": 9}).status_code == 404
    vast = [ROWS[0] | {"dependents": 2**64}, *ROWS[1:]]
    assert put(hoa, rows=vast).status_code == 422
    assert put(hoa, reason=" \n").status_code == 422, "a reason of nothing is none"


def test_a_replay_of_transitions_and_versions_gives_the_same_priorities(desk: Desk) -> None:
    pages = {page.version: page for page in handbook.every(desk.database, handbook.PRIORITY)}
    rows = desk.database.execute("SELECT id FROM alerts").fetchall()
    for (alert,) in rows:
        event = next(store.history(desk.database, alert)).transition.event
        assert isinstance(event, Raised)
        assert event.given is not None
        case = Case(
            severity=event.severity,
            kind=present(event.kind),
            category=category(event.kind),
            ward="",
            start=event.start,
            dependents=event.given.dependents,
        )
        table = handbook.table_of(pages.get(event.given.table))
        assert given(table, case) == event.given
    known = desk.database.execute("SELECT id, priority FROM alerts ORDER BY id").fetchall()
    store.rebuild(desk.database)
    assert desk.database.execute("SELECT id, priority FROM alerts ORDER BY id").fetchall() == known


def test_the_list_can_be_had_by_priority_page_by_page(desk: Desk, lan: httpx.Client) -> None:
    made = [raised(desk, severity=severity) for severity in ("low", "critical", "low")]
    found: list[tuple[int, str]] = []
    cursor = None
    while True:
        asked = {"order": "priority", "limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = lan.get("/api/alerts", params=asked).json()
        found += [(one["priority"]["level"], one["id"]) for one in page["alerts"]]
        cursor = page["next"]
        if cursor is None:
            break
    levels = [level for level, _ in found]
    assert levels == sorted(levels)
    assert len({one for _, one in found}) == len(found)
    assert {*made} <= {one for _, one in found}
    assert found[0][1] == made[1]


def test_a_table_goes_out_and_in_by_the_command(shell: Path) -> None:
    shown = cityops("priority", "show", "--json").stdout
    (shell / "table.json").write_text(shown)
    done = cityops("priority", "set", "table.json", "--reason", "as it was")
    assert (done.exit_code, done.stdout) == (0, "version 2 has 3 rows\n"), done.output
    again = cityops("priority", "set", "table.json", "--reason", "as it was")
    assert again.exit_code == 1
    assert "version" in again.stderr
    assert "vehicles" in cityops("priority", "show").stdout


def test_more_than_ten_in_ten_minutes_are_a_flood_and_say_what_came_first(
    desk: Desk, lan: httpx.Client, shell: Path
) -> None:
    desk.app.state.floods = type(desk.app.state.floods)()
    calm = lan.get("/api/status").json()["flood"]
    assert calm is None, "control: the few alerts before are none"
    first = raised(desk, ago=500 * SECOND, severity="low")
    for n in range(12):
        raised(desk, ago=(400 - n) * SECOND, kind="crowd" if n % 3 else "stopped_vehicle")
    desk.app.state.floods = type(desk.app.state.floods)()
    flood = lan.get("/api/status").json()["flood"]
    assert flood["first"]["alert"] == first
    assert flood["count"] >= 13
    assert flood["groups"][0]["kind_en"]
    assert sum(one["count"] for one in flood["groups"]) == flood["count"]


def test_load_and_precision_are_counted_and_closed_alerts_are_a_labelled_set(
    desk: Desk, lan: httpx.Client, shell: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = lan.get("/api/load").json()
    assert found["floods"] == 1
    assert found["most_in_ten_minutes"] >= 13
    assert sum(found["priorities"].values()) == found["alarms"]
    assert lan.get("/api/load", params={"operators": 2}).json()["floods"] == 0
    assert lan.get("/api/load", params={"since": "2026-01-01T00:00:00Z"}).status_code == 422
    first = {"since": "0001-01-01T00:10:00Z", "until": "0001-01-01T01:00:00Z"}
    assert lan.get("/api/load", params=first).status_code == 422
    to_come = {"since": "2998-12-31T23:00:00Z", "until": "2999-01-01T00:00:00Z"}
    assert lan.get("/api/load", params=to_come).status_code == 422
    found = [lan.get("/api/alerts", params={"text": "a" * n}).status_code for n in (200, 201)]
    assert found == [200, 422]
    for n, disposition in enumerate(["true", "true", "nuisance", "false"]):
        body = {"command_id": f"c-{n}", "comment": "=1+1", "disposition": disposition}
        closed = lan.post(f"/api/alerts/{raised(desk, rule='r-9')}/resolve", json=body)
        assert closed.status_code == 200
    judged = lan.get("/api/load/precision").json()
    (rule,) = judged["rows"]
    assert (judged["judged"], judged["cut"]) == (4, False)
    with monkeypatch.context() as fewer:
        fewer.setattr(load, "MOST_JUDGED", 3)
        judged = lan.get("/api/load/precision").json()
        assert (judged["judged"], judged["cut"]) == (3, True), "not silently"
        assert "closed last only" in cityops("alerts", "precision").output
    assert (rule["name"], rule["right"], rule["wrong"], rule["precision"]) == ("r-9", 3, 1, 0.75)
    assert rule["low"] < 0.4 < 0.9 < rule["high"]
    said = cityops("export", "dispositions", "-o", "l.csv", "--json")
    assert said.exit_code == 0, said.output
    with (shell / "l.csv").open(encoding="utf-8-sig", newline="") as text:
        rows = list(csv.DictReader(text))
    assert sorted(row["disposition"] for row in rows) == ["false", "nuisance", "true", "true"]
    assert {row["said"] for row in rows} == {"'=1+1"}
    assert {row["closed_by"] for row in rows} == {"lan"}
    told = cityops("load", "--since", "1h")
    assert "floods       1" in told.stdout, told.output
    assert "75%" in cityops("alerts", "precision").stdout


def shift(client: httpx.Client, action: str, **more: str) -> Any:
    body = {"command_id": uuid4().hex, **more}
    answer = client.post(f"/api/shifts/{action}", json=body)
    return answer.json() | {"status_code": answer.status_code}


def test_two_operators_hand_over_what_is_open_and_sign_one_document(
    desk: Desk, lan: httpx.Client, hoa: httpx.Client, shell: Path
) -> None:
    alert = raised(desk, severity="critical")
    assert [one["user"] for one in shift(lan, "begin")["on"]] == ["lan"]
    assert lan.get("/api/load").json()["operators"] == 1
    body = {"command_id": "once", "area": "", "text": "=pump on its spare"}
    for _ in range(2):
        noted = lan.post("/api/shifts/note", json=body).json()["notes"]
    assert [one["text"] for one in noted] == ["=pump on its spare"], "sent twice, done once"
    reused = lan.post("/api/shifts/end", json={"command_id": "once"})
    assert (reused.status_code, reused.json()["reason"]) == (409, "command_reused"), "not done"
    offered = shift(lan, "offer", comment="rain")["offered"]
    digest = offered["digest"]
    assert offered["counts"]["unacknowledged"] >= 1
    assert shift(lan, "accept", digest=digest)["reason"] == "same_person"
    done = shift(hoa, "accept", digest=digest)
    assert [one["user"] for one in done["on"]] == ["hoa"]
    lan.post(f"/api/alerts/{alert}/acknowledge", json={"command_id": "later"})
    document = lan.get("/api/shifts/document", params={"digest": digest})
    assert hashlib.sha256(document.content).hexdigest() == digest, "as it was then"
    first = document.json()["items"][0]
    assert (first["id"], first["state"], first["priority"]) == (alert, "unacknowledged", 1)
    assert lan.get("/api/shifts/document", params={"digest": "0" * 64}).status_code == 404
    shown = cityops("shift", "show").stdout
    assert "lan at" in shown
    assert "; rain; document" in shown, "what was said besides"
    assert shift(lan, "begin", area="Atlantis")["status_code"] == 422


def test_whoever_is_limited_to_a_ward_sees_no_shift_of_others(
    desk: Desk, lan: httpx.Client
) -> None:
    loop = {"id": "loop-1", "kind": "induction_loop", "gateway": "gw", "ward": "Hồng Bàng"}
    machine = desk.machine()
    machine.post("/api/sources", json=loop).raise_for_status()
    there = loop | {"id": "loop-2", "ward": "Lê Chân"}
    machine.post("/api/sources", json=there).raise_for_status()
    assert shift(machine, "begin")["reason"] == "no_person", "a command without a sign-in"
    name = desk.person(name="kim")
    area = {"wards": ["Hồng Bàng"]}
    machine.put(f"/api/users/{name}/area", json=area).raise_for_status()
    kim = desk.signed_in(name)
    assert kim.get("/api/shifts").json() == []
    assert shift(kim, "begin")["reason"] == "outside_area"
    tries = [shift(kim, "begin", area=ward) for ward in ("Atlantis", "Lê Chân")]
    assert tries[0] == tries[1], "which wards there are is nothing of theirs"
    assert tries[0]["reason"] == "outside_area"
    assert shift(kim, "begin", area="Hồng Bàng")["on"][0]["user"] == "kim"
    assert [one["area"] for one in kim.get("/api/shifts").json()] == ["Hồng Bàng"]
    assert len(lan.get("/api/shifts").json()) == 2


def assert_nobody_goes_around(desk: Desk, lan: httpx.Client) -> None:
    """A word alone closes nothing where the site demands the steps."""

    def close(alert: str, **said: str) -> tuple[int, str | None]:
        body = {"command_id": uuid4().hex} | said
        answer = lan.post(f"/api/alerts/{alert}/resolve", json=body)
        return answer.status_code, answer.json().get("reason")

    one, other = raised(desk, kind="stopped_vehicle"), raised(desk, kind="stopped_vehicle")
    for disposition in ("false", "test", "duplicate"):
        assert close(one, disposition=disposition) == (409, "open_steps"), disposition
    assert close(one, disposition="duplicate", comment="of that") == (409, "open_steps")
    link = {"command_id": "link", "other": other}
    assert lan.post(f"/api/alerts/{one}/link", json=link).status_code == 200
    assert close(one, disposition="duplicate", comment="of that one") == (200, None)
    assert close(other, disposition="false", comment="a parked lorry") == (200, None)


def test_a_runbook_is_edited_ticked_and_demanded(
    desk: Desk, lan: httpx.Client, hoa: httpx.Client, shell: Path
) -> None:
    alert = raised(desk, kind="stopped_vehicle")
    book = lan.get(f"/api/alerts/{alert}").json()["runbook"]
    assert (book["version"], book["kind"]) == (0, "stopped_vehicle")
    step = {"command_id": "s-1", "step": 1}
    assert lan.post(f"/api/alerts/{alert}/step", json=step).status_code == 200
    for language, text in (("vi", "- [ ] Xem"), ("en", "- [ ] Look")):
        (shell / f"{language}.md").write_text(text)
    words = ("--vi", "vi.md", "--en", "en.md", "--contact", "CSGT=113", "--reason", "short")
    done = cityops("runbook", "set", "stopped_vehicle", *words)
    assert done.stdout == "runbook stopped_vehicle, version 1, has 1 step\n", done.output
    late = cityops("runbook", "set", "stopped_vehicle", *words, "--expected", "0")
    assert late.exit_code == 1, "somebody has written another since"
    assert "it is at version 1, not 0" in late.output
    body = {"vi": "- [ ] Xem", "en": "Look", "reason": "x"}
    assert hoa.put("/api/runbooks/stopped_vehicle", json=body).json()["reason"] == "invalid"
    assert lan.put("/api/runbooks/stopped_vehicle", json=body).status_code == 403
    blank = body | {"en": "- [ ] Look", "reason": " "}
    assert hoa.put("/api/runbooks/stopped_vehicle", json=blank).status_code == 422
    assert hoa.put("/api/runbooks/dragon", json=body | {"en": "- [ ] L"}).status_code == 404
    old = lan.get(f"/api/alerts/{alert}").json()["runbook"]
    assert (old["version"], old["steps"][0]["done_by"]) == (0, "lan"), "it goes on by what it had"
    other = raised(desk, kind="stopped_vehicle")
    new = lan.get(f"/api/alerts/{other}").json()["runbook"]
    assert (new["version"], new["contacts"][0]["phone"]) == (1, "113")
    beyond = {"command_id": "s-2", "step": 2}
    assert lan.post(f"/api/alerts/{other}/step", json=beyond).json()["reason"] == "no_step"
    desk.app.state.settings = msgspec.structs.replace(
        desk.app.state.settings, runbook_required="high"
    )
    close = {"command_id": "r-1", "comment": "towed"}
    refused = lan.post(f"/api/alerts/{other}/resolve", json=close)
    assert (refused.status_code, refused.json()["reason"]) == (409, "open_steps")
    assert_nobody_goes_around(desk, lan)
    assert cityops("alerts", "step", other, "1").exit_code == 0
    assert "[x] Look (" in cityops("alerts", "show", other).stdout
    assert lan.post(f"/api/alerts/{other}/resolve", json=close).status_code == 200
    assert lan.get(f"/api/alerts/{other}").json()["timeline"][1]["step"] == 1
