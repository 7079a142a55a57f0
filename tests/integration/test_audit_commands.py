"""The audit log on the command line, against the real service and its database."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

from deploy.local import stack
from services.audit.anchors import Anchors, folder_of
from services.audit.spool import Spool
from services.commandline import privileged
from services.commandline.output import CommandError
from tests.support.audit import settled, stored, told
from tests.support.commandline import cityops
from tests.support.desk import Desk, open_desk
from tests.support.people import PASSWORD


@pytest.fixture
def desk(
    database_server: str,
    template_database: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Desk]:
    with open_desk(database_server, template_database, tmp_path / "state") as desk:
        monkeypatch.setenv("CITYOPS_STATE_DIR", str(desk.settings.state_dir))
        monkeypatch.setenv("CITYOPS_HTTP_PORT", str(desk.settings.http_port))
        monkeypatch.setenv("CITYOPS_DATABASE_URL", desk.settings.database_url)
        monkeypatch.setenv("CITYOPS_NAMESPACE", desk.settings.namespace)
        monkeypatch.setenv("CITYOPS_KAFKA_BOOTSTRAP", desk.settings.kafka_bootstrap)
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
        yield desk


def run(*words: object, code: int = 0, typed: str = "") -> Result:
    result = cityops(*words, env={"COLUMNS": "200"}, typed=typed)
    assert result.exit_code == code, result.output
    return result


def test_an_analyst_is_refused_a_picture_and_the_list_says_so(desk: Desk) -> None:
    name, alert = desk.person("analyst", "mai"), desk.alert()
    desk.signed_in(name).get(f"/api/alerts/{alert}/picture")
    told(desk, lambda one: one.outcome == "refused")
    shown = run("audit", "list", "--outcome", "refused", "--since", "1h").stdout
    row = next(line for line in shown.splitlines() if "mai" in line)
    assert "evidence:view" in row
    assert alert in row
    assert "refused" in row
    assert "(role)" in shown  # below it, where the terminal is narrow
    found = json.loads(run("audit", "list", "--actor", "mai", "--json").stdout)
    assert [(one["action"], one["outcome"]) for one in found][-1] == ("session:begin", "done")


def test_verify_says_in_one_line_whether_it_is_what_was_written(desk: Desk) -> None:
    for _ in range(3):
        desk.signed_in(desk.person())
    settled(desk)
    assert "the audit log is whole: lines 1 to" in run("audit", "verify").stderr
    with desk.database.transaction():
        desk.database.execute("SET LOCAL session_replication_role = replica")
        desk.database.execute("UPDATE audit_log SET actor = 'an' WHERE sequence = 3")
    result = run("audit", "verify", code=1)
    errors = [line for line in result.stderr.splitlines() if line.startswith("error:")]
    assert errors == ["error: line 3 was changed: see docs/audit.md"]
    result = run("audit", "verify", "--json", code=1)
    verdict: dict[str, Any] = json.loads(result.stdout)
    assert verdict["whole"] is False
    assert verdict["findings"][0]["line"] == 3


def test_anchors_that_are_kept_elsewhere_find_what_holds_on_this_machine(
    desk: Desk, tmp_path: Path
) -> None:
    """Whoever holds database and state folder leaves a log that looks right here."""
    for _ in range(2):
        desk.signed_in(desk.person())
        settled(desk)
    folder = folder_of(desk.settings) / "anchors"
    (file,) = folder.iterdir()
    copy = tmp_path / "copy.jsonl"
    copy.write_bytes(file.read_bytes())
    last = stored(desk.database)[-1].sequence
    with desk.database.transaction():
        desk.database.execute("SET LOCAL session_replication_role = replica")
        desk.database.execute("DELETE FROM audit_log WHERE sequence = %s", [last])
    kept = [
        line for line in file.read_bytes().splitlines() if f'sequence":{last},'.encode() not in line
    ]
    file.write_bytes(b"\n".join(kept) + b"\n")
    assert "is whole" in run("audit", "verify").stderr, "control: nothing here says otherwise"
    assert "the end is cut off" in run("audit", "verify", "--anchors", copy, code=1).stderr


def test_a_command_is_recorded_in_the_name_of_whoever_gives_it(desk: Desk, tmp_path: Path) -> None:
    """It is recorded before it is given; of a model that there is not nothing is asked."""
    run("models", "fetch", "street_detector")
    run("models", "fetch", "no-such-model", code=2)
    desk.person("engineer", "lan")
    run("signin", "lan", typed=f"{PASSWORD}\n")
    run("models", "fetch", "street_detector")
    settled(desk)
    acts = [line.entry for line in stored(desk.database) if line.entry.action == "model:fetch"]
    assert [(one.actor, one.role, one.means, one.subject) for one in acts] == [
        ("machine", "administrator", "command line", "street_detector"),
        ("lan", "engineer", "command line", "street_detector"),
    ]
    name = privileged.given(desk.settings, "replay:remove", "rush-hour", why="ticket 7")
    assert name == "lan"
    line = told(desk, lambda one: one.action == "replay:remove")
    assert (line.why, line.address) == ("ticket 7", "127.0.0.1")


def test_a_token_that_may_not_say_so_gives_no_command(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = desk.signed_in(desk.person("engineer"))
    wall = {"label": "wall", "scopes": ["alerts:read"], "days": 3}
    monkeypatch.setenv("CITYOPS_TOKEN", browser.post("/api/tokens", json=wall).json()["token"])
    assert "this needs commands:own" in run("models", "fetch", "street_detector", code=1).stderr


def test_while_the_service_is_away_the_line_waits_for_it(
    database_server: str, template_database: str, tmp_path: Path
) -> None:
    with open_desk(database_server, template_database, tmp_path / "state") as desk:
        settings = desk.settings
    privileged.given(settings, "recording:make", "rush-hour", detail="an hour")
    with open_desk(database_server, template_database, tmp_path / "state") as desk:
        line = told(desk, lambda one: one.action == "recording:make")
    assert (line.actor, line.means, line.detail) == ("machine", "command line", "an hour")
    spool = tmp_path / "state/audit" / settings.namespace / "spool"
    spool.rmdir()
    spool.write_text("in the way")
    with pytest.raises(CommandError):
        privileged.given(settings, "recording:make", "rush-hour")


def test_a_restore_is_accepted_by_somebody_and_said_from_then_on(desk: Desk) -> None:
    def removed(where: str) -> None:
        with desk.database.transaction():
            desk.database.execute("SET LOCAL session_replication_role = replica")
            desk.database.execute(f"DELETE FROM audit_log WHERE {where}")

    for _ in range(3):
        desk.signed_in(desk.person())
        settled(desk)
    assert "there is nothing to accept" in run("audit", "accept", "--reason", "x", code=1).stderr
    last = stored(desk.database)[-1].sequence
    removed(f"sequence = {last}")  # as in a backup that was made before
    assert "the end is cut off" in run("audit", "verify", code=1).stderr
    why = "the backup of Friday"
    run("audit", "accept", "--reason", why, code=1, typed="n\n")
    run("audit", "accept", "--reason", why, typed="y\n")
    settled(desk)
    said = run("audit", "verify").stderr
    assert f"machine says that lines after {last - 1} were lost by a restore" in said
    line = told(desk, lambda one: one.action == "audit:accept")
    assert (line.why, line.actor) == (why, "machine")
    desk.signed_in(desk.person())
    settled(desk)
    assert "is whole" in run("audit", "verify").stderr
    removed("sequence = 2")
    again = run("audit", "accept", "--reason", why, "--yes", code=1)
    assert "no restore's doing: line 2 is missing" in again.stderr


def test_a_reset_is_no_tampering_and_the_next_log_says_whose_it_was(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stack, "stop", lambda _: None)
    monkeypatch.setattr(stack, "delete_data", lambda _: [])
    desk.signed_in(desk.person())
    settled(desk)
    recorder = desk.app.state.recorder
    recorder.close()  # as the service is stopped
    run("reset", "--yes", "--reason", "moved to another machine")
    ended = Anchors(folder_of(desk.settings)).read().anchors[-1]
    assert (ended.event, ended.by) == ("reset", "machine")
    (left,) = Spool(folder_of(desk.settings)).take().entries
    assert (left.action, left.why) == ("stack:reset", "moved to another machine")
    with desk.database.transaction():
        desk.database.execute("SET LOCAL session_replication_role = replica")
        desk.database.execute("DELETE FROM audit_log")
    assert "the audit log is empty" in run("audit", "verify").stderr
