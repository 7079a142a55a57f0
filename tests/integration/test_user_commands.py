"""Users on the command line, against the real service: in whose name commands are given."""

import json
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from typer.testing import Result

from services.api.users import add_user
from tests.support.commandline import cityops
from tests.support.desk import Desk, open_desk
from tests.support.people import PASSWORD

OTHER = "eleven wet ferries"


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
        monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "home"))
        yield desk


def done(*words: str, typed: str = "") -> str:
    result: Result = cityops(*words, typed=typed)
    assert result.exit_code == 0, result.output
    return result.stdout


def said(*words: str) -> Any:
    return json.loads(done(*words, "--json"))


def refused(*words: str, typed: str = "") -> str:
    result: Result = cityops(*words, typed=typed)
    assert result.exit_code == 1, result.output
    return result.stderr


def test_a_user_is_added_signs_in_and_acts_in_their_own_name(desk: Desk, tmp_path: Path) -> None:
    password = said("user", "add", "lan", "--role", "operator")["password"]
    assert "must change" in done("user", "list")
    one, other, third = desk.alert(), desk.alert(), desk.alert()
    done("alerts", "ack", one)
    done("signin", "lan", typed=f"{password}\n")
    (kept,) = (tmp_path / "home/cityops").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert "choose a password" in refused("alerts", "ack", other)
    assert "guessed" in refused("user", "password", typed=f"{password}\npassword1234\n")
    done("user", "password", typed=f"{password}\n{OTHER}\n")
    done("alerts", "ack", other)
    assert "this needs users:manage" in refused("user", "add", "eve", "--role", "operator")
    done("signout")
    assert not kept.exists()
    done("alerts", "ack", third)
    by = {each["id"]: each["acknowledged_by"] for each in said("alerts", "list")}
    assert by == {one: "machine", other: "lan", third: "machine"}
    assert "wrong name or password" in refused("signin", "lan", typed=f"{password}\n")


def test_roles_sessions_and_the_end_of_them(desk: Desk) -> None:
    add_user(desk.database, "Trần Lan", "operator", PASSWORD)
    client = desk.signed_in("Trần Lan")
    assert [one["kind"] for one in said("user", "sessions", "Trần Lan")] == ["session"]
    done("role", "set", "dispatcher", "--permission", "alerts:read")
    assert "alerts:read" in done("role", "list")
    assert "must have a second factor" in done("role", "factor", "dispatcher", "--required")
    assert "required" in done("role", "list")
    assert "may have a second factor" in done("role", "factor", "dispatcher", "--optional")
    done("user", "role", "Trần Lan", "dispatcher")
    assert client.get("/api/session").json()["role"] == "dispatcher"
    assert "1 users have the role" in refused("role", "remove", "dispatcher")
    done("user", "role", "Trần Lan", "admin")
    assert client.get("/api/session").json()["role"] == "administrator", "its former name"
    done("role", "remove", "dispatcher")
    done("user", "end", "Trần Lan")
    assert client.get("/api/session").status_code == 401
    client = desk.signed_in("Trần Lan")
    done("user", "disable", "Trần Lan")
    assert client.get("/api/session").status_code == 401
    assert "disabled" in done("user", "list")
    done("user", "enable", "Trần Lan")
    assert desk.try_in("Trần Lan").is_success


def test_tokens_of_ones_own(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    add_user(desk.database, "lan", "operator", PASSWORD)
    words = ("user", "token", "add", "display", "--scope", "alerts:read", "--scope", "status:read")
    assert "sign in as yourself" in refused(*words)
    done("signin", "lan", typed=f"{PASSWORD}\n")
    token = said(*words)
    assert token["id"] in done("user", "token", "list")
    assert token["token"] not in done("user", "token", "list", "--json")
    assert {one["kind"] for one in said("user", "sessions")} == {"session", "token"}
    done("signout")
    with monkeypatch.context() as within:
        within.setenv("CITYOPS_TOKEN", token["token"])
        assert said("alerts", "list") == []
        assert "this needs alerts:act" in refused("alerts", "ack", desk.alert())
    done("signin", "lan", typed=f"{PASSWORD}\n")
    done("user", "token", "end", token["id"])
    monkeypatch.setenv("CITYOPS_TOKEN", token["token"])
    assert "does not know this token" in refused("alerts", "list")


def test_a_session_that_has_ended_says_how_to_go_on(desk: Desk) -> None:
    add_user(desk.database, "lan", "operator", PASSWORD)
    done("signin", "lan", typed=f"{PASSWORD}\n")
    desk.machine().delete("/api/users/lan/sessions").raise_for_status()
    assert "'cityops signin NAME'" in refused("alerts", "list")
    done("signout")
    assert said("alerts", "list") == []


@pytest.mark.usefixtures("desk")
def test_people_are_set_up_before_sensors() -> None:
    done("user", "add", "lan", "--role", "operator")
    assert "--new-ward" in refused("user", "area", "lan", "--ward", "An Biên")
    result = cityops("user", "area", "lan", "--new-ward", "An Biên")
    assert result.exit_code == 0
    assert "user lan sees: An Biên" in result.stdout
    assert "no source is in An Biên yet" in result.stderr
    assert said("user", "area", "lan", "--ward", "an biên")["wards"] == ["An Biên"]
    for words in (
        ("team", "add", "tổ 1", "--new-ward", "Hải An"),
        ("user", "add", "minh", "--role", "operator", "--new-ward", "hải an"),
    ):
        assert "no source is in Hải An yet" in cityops(*words).stderr


def test_the_code_of_a_second_factor_is_asked_for(desk: Desk) -> None:
    add_user(desk.database, "lan", "operator", PASSWORD)
    client = desk.signed_in("lan")
    begun = client.post("/api/session/factor", json={"password": PASSWORD}).json()
    code = pyotp.TOTP(begun["secret"]).now()
    codes = client.put("/api/session/factor", json={"code": code}).json()["codes"]
    assert "too old, or was used" in refused("signin", "lan", typed=f"{PASSWORD}\n{code}\n")
    assert "no code" in refused("signin", "lan", typed=f"{PASSWORD}\n")
    assert re.search("signed in as lan", done("signin", "lan", typed=f"{PASSWORD}\n{codes[0]}\n"))


def test_the_machine_resets_the_only_administrator(desk: Desk) -> None:
    password = said("user", "reset", "admin")["password"]
    assert not desk.settings.secret("admin-password").exists(), "what it says is void"
    assert desk.try_in("admin", password).is_success
