"""What somebody may try who wants to be another, or to do more than they may."""

import asyncio
import base64
import contextlib
import math
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import cv2
import httpx
import numpy as np
import pyotp
import pytest

from services.api import passwords
from services.api.permissions import MUST_CHANGE, NO_TOKEN, RIGHTS, Permission
from services.api.signin import FREE_TRIES
from streams.settings import SettingError, Settings, load
from tests.support.desk import BROWSER, Desk, open_desk, sign_in
from tests.support.people import PASSWORD
from tests.support.waiting import eventually

OTHER = "eleven wet ferries"
MANY = FREE_TRIES["name"] + 10


@pytest.fixture(scope="module")
def service(
    database_server: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    state = tmp_path_factory.mktemp("state")
    with open_desk(database_server, template_database, state) as desk:
        yield desk


@pytest.fixture
def desk(service: Desk) -> Desk:
    """Where nobody has guessed yet."""
    service.database.execute("DELETE FROM sign_in_failures")
    return service


def path(name: str, *more: str) -> str:
    return "/".join(("/api/users", quote(name), *more))


def reason(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, "" if answer.is_success else answer.json()["reason"]


def new_password(client: httpx.Client, old: str, new: str) -> httpx.Response:
    return client.put("/api/session/password", json={"old": old, "new": new})


# --- passwords --------------------------------------------------------------------------------


def test_the_first_password_is_good_for_choosing_another_and_nothing_else(
    database_server: str, template_database: str, tmp_path: Any
) -> None:
    with open_desk(database_server, template_database, tmp_path) as desk:
        file = desk.settings.secret("admin-password")
        first = file.read_text().strip()
        assert file.stat().st_mode & 0o077 == 0
        client, other = desk.signed_in("admin", first), desk.signed_in("admin", first)
        assert client.get("/api/session").json()["must_change_password"] is True
        for asked in ("/api/alerts", "/api/users", "/api/sessions", "/api/status", "/api/events"):
            assert reason(client.get(asked)) == (403, "must_change_password"), asked
        made = client.post("/api/users", json={"name": "eve", "role": "administrator"})
        assert reason(made) == (403, "must_change_password")
        assert reason(new_password(client, first, first)) == (422, "weak_password")
        assert reason(new_password(client, first, "admin-cityops")) == (422, "weak_password")
        assert new_password(client, first, OTHER).is_success
        assert client.get("/api/alerts").is_success, "the new cookie"
        assert reason(other.get("/api/session")) == (401, "not_signed_in")
        assert reason(desk.try_in("admin", first)) == (401, "wrong_password")
        assert not file.exists(), "what lets nobody in is not kept"


@pytest.mark.parametrize(
    "password",
    [
        *("eleven chars"[:11], "password1234", "matkhau12345", "qwertyuiop12", "aaaaaaaaaaaa"),
        *("123456789012", "lan-cityops-2026", "Lan Lan Lan Lan", "Haiphong2026!", "nguyen thi lan"),
    ],
)
def test_a_password_that_is_tried_first_is_refused(password: str) -> None:
    with pytest.raises(passwords.WeakPasswordError):
        passwords.check(password, ("nguyen thi lan",))


@pytest.mark.parametrize(
    "password", [PASSWORD, OTHER, "cầu rào mưa đêm", "x7!Kq2#vB9$m", "ạ" * 3 + OTHER]
)
def test_any_other_is_taken_whatever_its_characters(password: str) -> None:
    passwords.check(password, ("nguyen thi lan",))
    assert passwords.matches(passwords.hashed(password), password)


def test_a_long_password_is_looked_at_whole() -> None:
    long = "ferry " * 40
    assert not passwords.matches(passwords.hashed(long), long[:-6])


def test_a_password_is_the_same_however_a_keyboard_composes_it() -> None:
    composed, apart = "c\u1ea7u rào mưa đêm", "ca\u0302\u0300u rào mưa đêm"
    assert passwords.matches(passwords.hashed(composed), apart)


def test_an_empty_hash_lets_nobody_in() -> None:
    assert not passwords.matches("", "")
    assert not passwords.matches("", "anything")


def test_a_weak_password_of_the_setting_is_refused_and_a_strong_one_must_be_changed(
    database_server: str, template_database: str, tmp_path: Any
) -> None:
    weak = {"admin_password": "admin1234567"}
    with (
        pytest.raises(SettingError, match="CITYOPS_ADMIN_PASSWORD"),
        open_desk(database_server, template_database, tmp_path, **weak),
    ):
        pass
    given = {"admin_password": OTHER}
    with open_desk(database_server, template_database, tmp_path, **given) as desk:
        assert desk.signed_in("admin", OTHER).get("/api/session").json()["must_change_password"]
        assert not desk.settings.secret("admin-password").exists()


def test_a_one_time_password_is_void_once_it_is_changed_reset_or_a_day_old(desk: Desk) -> None:
    machine, name = desk.machine(), "Trần Thị Mai"
    first = machine.post("/api/users", json={"name": name, "role": "operator"}).json()["password"]
    second = machine.post(path(name, "reset")).json()["password"]
    assert reason(desk.try_in(name, first)) == (401, "wrong_password")
    client = desk.signed_in(name, second)
    assert new_password(client, second, OTHER).is_success
    assert reason(desk.try_in(name, second)) == (401, "wrong_password")
    assert client.get("/api/alerts").is_success
    third = machine.post(path(name, "reset")).json()["password"]
    assert reason(client.get("/api/alerts")) == (401, "not_signed_in"), "a reset ends sessions"
    desk.database.execute(
        "UPDATE users SET password_until = now() - interval '1 s' WHERE name = %s", [name]
    )
    assert reason(desk.try_in(name, third)) == (401, "wrong_password")
    (row,) = [one for one in machine.get("/api/users").json() if one["name"] == name]
    assert row["one_time_expired"]


def test_whoever_finds_an_open_session_does_not_guess_the_password_by_it(desk: Desk) -> None:
    name = desk.person()
    client = desk.signed_in(name)
    assert reason(new_password(client, "guess", OTHER)) == (403, "wrong_password")
    fail(desk, name, "127.0.0.1", 2 * FREE_TRIES["both"])
    assert reason(new_password(client, PASSWORD, OTHER)) == (429, "too_many_failures")


# --- rights -----------------------------------------------------------------------------------


@contextmanager
def role(desk: Desk, name: str, *permissions: str) -> Iterator[str]:
    body = {"permissions": permissions}
    desk.machine().put(f"/api/roles/{name}", json=body).raise_for_status()
    yield name
    desk.database.execute("DELETE FROM users WHERE role = %s", [name])
    desk.machine().delete(f"/api/roles/{name}").raise_for_status()


def test_nobody_grants_or_takes_over_more_than_they_have(desk: Desk) -> None:
    boss, lan = desk.person("administrator"), desk.person("operator")
    with role(desk, "clerk", "users:read", "users:manage", "roles:manage", "sessions:manage"):
        clerk = desk.person("clerk")
        client = desk.signed_in(clerk)
        tries = [
            client.post("/api/users", json={"name": "eve", "role": "administrator"}),
            client.post("/api/users", json={"name": "eve", "role": "operator"}),
            client.put(path(clerk, "role"), json={"role": "administrator"}),
            client.put(path(clerk, "role"), json={"role": "admin"}),
            client.put(path(boss, "role"), json={"role": "clerk"}),
            client.post(path(boss, "reset")),
            client.post(path(lan, "reset")),
            client.post(path(boss, "disable")),
            client.delete(path(boss, "sessions")),
            client.put("/api/roles/clerk", json={"permissions": ["alerts:act"]}),
        ]
        assert [reason(one) for one in tries] == [(403, "grants_more")] * len(tries)
        same = client.post("/api/users", json={"name": "another clerk", "role": "clerk"})
        assert same.is_success, "control: what they have they give"
        assert client.get(path(clerk, "sessions")).is_success
    assert desk.try_in(boss).is_success


def test_a_supervisor_signs_operators_out_but_not_administrators(desk: Desk) -> None:
    supervisor = desk.signed_in(desk.person("supervisor"))
    lan, boss = desk.person("operator"), desk.person("administrator")
    operator, above = desk.signed_in(lan), desk.signed_in(boss)
    assert supervisor.delete(path(lan, "sessions")).json() == {"ended": 1}
    assert reason(supervisor.delete(path(boss, "sessions"))) == (403, "grants_more")
    assert reason(operator.get("/api/alerts")) == (401, "not_signed_in")
    assert above.get("/api/alerts").is_success


def test_somebody_who_manages_users_is_always_left(
    database_server: str, template_database: str, tmp_path: Any
) -> None:
    with open_desk(database_server, template_database, tmp_path) as desk:
        machine = desk.machine()
        with role(desk, "clerk", "users:read", "users:manage"):
            last = (409, "last_administrator")
            assert reason(machine.post(path("admin", "disable"))) == last
            assert reason(machine.put(path("admin", "role"), json={"role": "analyst"})) == last
            boss = desk.person("administrator")
            assert machine.post(path("admin", "disable")).is_success
            assert reason(machine.post(path(boss, "disable"))) == last
            assert reason(machine.post(path("machine", "disable"))) == (409, "not_a_person")


def test_two_administrators_at_once_cannot_both_take_the_other_out(
    database_server: str, template_database: str, tmp_path: Any
) -> None:
    with open_desk(database_server, template_database, tmp_path) as desk:
        one, other = desk.person("administrator"), desk.person("administrator")
        desk.machine().post(path("admin", "disable")).raise_for_status()
        clients = [(desk.signed_in(one), other), (desk.signed_in(other), one)]
        threads = [
            threading.Thread(target=client.post, args=(path(name, "disable"),))
            for client, name in clients
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        left = [each for each in desk.machine().get("/api/users").json() if not each["disabled"]]
        assert [each["role"] for each in left if each["person"]] == ["administrator"]


@pytest.mark.parametrize(
    "name",
    [
        *("a\u202eb", "Lan\n", "", " lan", "a  b", "-", "x" * 65, "<b>", "a/b"),
        *("\u0430dmin", "ad\u043cin", "l\u03b1n", "\uff41dmin", "\U0001d41aan"),
    ],
)
def test_a_name_that_looks_like_another_is_refused(desk: Desk, name: str) -> None:
    answer = desk.machine().post("/api/users", json={"name": name, "role": "operator"})
    assert answer.status_code == 422, answer.text


def test_a_name_is_taken_in_whatever_case_and_composition(desk: Desk) -> None:
    machine = desk.machine()
    for name in ("Bình", "bình", "BI\u0300NH", "Machine", "Admin", "Иван-1"):
        answer = machine.post("/api/users", json={"name": name, "role": "operator"})
        assert answer.status_code == (200 if name in ("Bình", "Иван-1") else 409), name
    fail(desk, "Bình", "127.0.0.1", 2 * FREE_TRIES["both"])
    desk.database.execute("UPDATE users SET one_time = false WHERE name = 'Bình'")
    for name in ("Bình", "bình", "BÌNH"):
        assert reason(desk.try_in(name, "guess")) == (429, "too_many_failures")


def test_what_the_command_line_does_is_not_done_in_a_persons_name(desk: Desk) -> None:
    machine = desk.machine()
    assert machine.get("/api/session").json()["name"] == "machine"
    done = machine.post(f"/api/alerts/{desk.alert()}/acknowledge", json={"command_id": "c"})
    assert done.json()["acknowledged_by"] == "machine"
    assert reason(desk.try_in("machine", "")) == (422, "invalid")
    assert reason(desk.try_in("machine", "anything")) == (401, "wrong_password")
    body = {"label": "x", "scopes": ["alerts:read"], "days": 1}
    assert reason(machine.post("/api/tokens", json=body)) == (409, "not_a_person")


# --- tokens -----------------------------------------------------------------------------------


def made_token(client: httpx.Client, *scopes: str) -> dict[str, str]:
    body = {"label": "display", "scopes": scopes, "days": 30}
    answer = client.post("/api/tokens", json=body)
    answer.raise_for_status()
    found: dict[str, str] = answer.json()
    return found


def test_a_token_may_what_it_says_and_never_more_than_its_user(desk: Desk) -> None:
    name = desk.person("operator")
    client = desk.signed_in(name)
    token = made_token(client, "alerts:read", "alerts:comment")
    program = desk.client(token["token"])
    alert = desk.alert()
    assert program.get(f"/api/alerts/{alert}").is_success
    act = f"/api/alerts/{alert}/acknowledge"
    assert reason(program.post(act, json={"command_id": "c"})) == (403, "role")
    said = program.post(f"/api/alerts/{alert}/comment", json={"command_id": "c", "comment": "x"})
    assert said.is_success
    desk.machine().put(path(name, "role"), json={"role": "analyst"}).raise_for_status()
    refused = program.post(f"/api/alerts/{alert}/comment", json={"command_id": "d", "comment": "x"})
    assert reason(refused) == (403, "role")
    assert program.get(f"/api/alerts/{alert}").is_success


def test_a_token_makes_no_other_and_changes_no_password(desk: Desk) -> None:
    client = desk.signed_in(desk.person("administrator"))
    assert {"tokens:own", "password:own", "sessions:own"} < NO_TOKEN
    for scope in sorted(NO_TOKEN):
        body = {"label": "x", "scopes": [scope], "days": 1}
        assert reason(client.post("/api/tokens", json=body)) == (422, "invalid")
    everything = sorted(set(Permission) - NO_TOKEN)
    program = desk.client(made_token(client, *everything)["token"])
    body = {"label": "x", "scopes": ["alerts:read"], "days": 1}
    assert reason(program.post("/api/tokens", json=body)) == (403, "role")
    assert reason(new_password(program, PASSWORD, OTHER)) == (403, "role")
    assert program.get("/api/users").is_success, "control: it may the rest"


def test_an_operator_gives_a_token_no_more_than_they_have(desk: Desk) -> None:
    body = {"label": "x", "scopes": ["configuration:change"], "days": 1}
    answer = desk.signed_in(desk.person("operator")).post("/api/tokens", json=body)
    assert reason(answer) == (403, "grants_more")


def test_a_token_ends_and_is_shown_once(desk: Desk) -> None:
    name = desk.person()
    client, stranger = desk.signed_in(name), desk.signed_in(desk.person())
    token = made_token(client, "alerts:read")
    program = desk.client(token["token"])
    listed = client.get("/api/tokens")
    assert [one["id"] for one in listed.json()] == [token["id"]]
    assert token["token"] not in listed.text
    (kept,) = desk.database.execute(
        "SELECT token_hash FROM sessions WHERE id = %s", [token["id"]]
    ).fetchone() or (b"",)
    assert token["token"].encode() not in bytes(kept)
    assert reason(stranger.delete(f"/api/tokens/{token['id']}")) == (404, "no_token")
    assert program.get("/api/alerts").is_success
    client.delete(f"/api/tokens/{token['id']}").raise_for_status()
    assert reason(program.get("/api/alerts")) == (401, "not_signed_in")
    second = made_token(client, "alerts:read")
    desk.database.execute("UPDATE sessions SET expires_at = now() WHERE id = %s", [second["id"]])
    assert reason(desk.client(second["token"]).get("/api/alerts")) == (401, "not_signed_in")


# --- sessions ---------------------------------------------------------------------------------


def test_sessions_are_listed_and_ended_by_their_owner_only(desk: Desk) -> None:
    name = desk.person()
    here, there, stranger = (
        desk.signed_in(name),
        desk.signed_in(name),
        desk.signed_in(desk.person()),
    )
    listed = here.get("/api/sessions").json()
    assert len(listed) == 2
    (other,) = [one["id"] for one in listed if not one["current"]]
    assert listed[0]["label"].startswith("Mozilla")
    assert reason(stranger.delete(f"/api/sessions/{other}")) == (404, "no_session")
    assert there.get("/api/alerts").is_success
    assert here.delete(f"/api/sessions/{other}").is_success
    assert reason(there.get("/api/alerts")) == (401, "not_signed_in")
    assert here.get("/api/alerts").is_success


def test_a_console_that_nobody_uses_is_signed_out_though_it_reads_by_itself(desk: Desk) -> None:
    name = desk.person()
    client, used = desk.signed_in(name), desk.signed_in(name)
    hour = desk.settings.session_idle_minutes

    def pass_by(minutes: int) -> None:
        desk.database.execute(
            "UPDATE sessions SET used_at = used_at - make_interval(mins => %s)"
            " WHERE user_name = %s",
            [minutes, name],
        )

    pass_by(hour - 10)
    assert client.get("/api/alerts").is_success
    assert used.put("/api/session").status_code == 204
    pass_by(20)
    assert reason(client.get("/api/alerts")) == (401, "not_signed_in")
    assert used.get("/api/alerts").is_success
    token = desk.client(made_token(used, "alerts:read")["token"])
    pass_by(hour + 1)
    assert token.get("/api/alerts").is_success, "a program's token ends by its date"


class Stream:
    """The live stream, read by a thread until it ends."""

    def __init__(self, client: httpx.Client) -> None:
        self.ended = threading.Event()
        self.events = 0
        self._client = client
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()
        eventually(lambda: self.events > 0)

    def _read(self) -> None:
        with contextlib.suppress(httpx.HTTPError):  # as the test ends
            with self._client.stream("GET", "/api/events", timeout=60) as answer:
                for line in answer.iter_lines():
                    self.events += line.startswith("event:")
            self.ended.set()


@pytest.mark.parametrize(
    ("what", "busy"),
    [
        *((what, True) for what in ("sign out", "end", "disable", "role", "reset", "idle")),
        *(("expiry", True), ("token", True), ("end", False), ("idle", False)),
    ],
)
def test_a_live_stream_ends_with_the_right_to_it(desk: Desk, what: str, *, busy: bool) -> None:
    name = desk.person()
    client, machine = desk.signed_in(name), desk.machine()
    token = made_token(client, "alerts:read")
    stream = Stream(desk.client(token["token"]) if what == "token" else client)
    control = Stream(desk.signed_in(desk.person()))
    stop = threading.Event()

    def bustle() -> None:
        while not stop.wait(0.2):
            desk.alert()

    bustling = threading.Thread(target=bustle)
    if busy:
        bustling.start()
        eventually(lambda: stream.events > 3)
    set_back = "UPDATE sessions SET {} WHERE user_name = %s AND purpose = 'console'"
    match what:
        case "sign out":
            other = desk.client(client.cookies["cityops_session"])
            other.delete("/api/session").raise_for_status()
        case "end":
            machine.delete(path(name, "sessions")).raise_for_status()
        case "disable":
            machine.post(path(name, "disable")).raise_for_status()
        case "role":
            machine.put(path(name, "role"), json={"role": "analyst"}).raise_for_status()
        case "reset":
            machine.post(path(name, "reset")).raise_for_status()
        case "idle":
            idle = set_back.format("used_at = used_at - interval '2 h'")
            _execute(desk, idle, name)
        case "expiry":
            _execute(desk, set_back.format("expires_at = now()"), name)
        case "token":
            client.delete(f"/api/tokens/{token['id']}").raise_for_status()
    try:
        assert stream.ended.wait(20), f"{what}: it goes on"
        assert not control.ended.is_set(), "nobody else's ends"
    finally:
        stop.set()
        if busy:
            bustling.join()


def _execute(desk: Desk, statement: str, name: str) -> None:
    from streams.database import connect

    with connect(desk.settings, "test", autocommit=True) as connection:
        connection.execute(statement, [name])  # type: ignore[arg-type]


def test_under_tls_the_cookie_is_the_hosts_own_and_no_other_counts(
    database_server: str, template_database: str, tmp_path: Any
) -> None:
    trusted = {"trusted_proxies": "127.0.0.1"}
    with open_desk(database_server, template_database, tmp_path, **trusted) as desk:
        tls = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "10.9.9.9"}
        answer = desk.try_in(desk.person(), **tls, **BROWSER)
        for cookie in answer.headers.get_list("set-cookie"):
            assert cookie.startswith("__Host-")
            said = {part.strip().lower() for part in cookie.split(";")[1:]}
            assert {"secure", "path=/", "httponly", "samesite=strict"} <= said
            assert not any(part.startswith("domain") for part in said)
        token = answer.json()["token"]
        client = desk.client()

        def who(cookie: str, **headers: str) -> tuple[int, str]:
            return reason(client.get("/api/session", headers={"Cookie": cookie, **headers}))

        assert who(f"__Host-cityops_session={token}", **tls) == (200, "")
        assert who(f"cityops_session={token}", **tls) == (401, "not_signed_in")
        assert who(f"cityops_session={token}") == (200, ""), "control: without TLS"


# --- guessing ---------------------------------------------------------------------------------


def guess_from_elsewhere(desk: Desk) -> int:
    """The status, where the guesser must wait, and a header says that they are somebody else."""
    name = desk.person()
    fail(desk, name, "127.0.0.1", 2 * FREE_TRIES["both"])
    return desk.try_in(name, "guess", **{"X-Forwarded-For": "198.51.100.1"}).status_code


def test_a_header_does_not_make_a_guesser_somebody_else(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    desk.app.state.warned_of_proxy = False
    assert [guess_from_elsewhere(desk) for _ in range(2)] == [429, 429]
    said = [one.getMessage() for one in caplog.records if "CITYOPS_TRUSTED_PROXIES" in one.msg]
    assert len(said) == 1, "whoever has a proxy learns once that its people count as one"
    assert "127.0.0.1" in said[0]


def test_control_where_the_header_is_believed_it_does(
    database_server: str, template_database: str, tmp_path: Any
) -> None:
    trusted = {"trusted_proxies": "127.0.0.1"}
    with open_desk(database_server, template_database, tmp_path, **trusted) as desk:
        assert guess_from_elsewhere(desk) == 401
        assert not hasattr(desk.app.state, "warned_of_proxy")


@pytest.mark.parametrize("proxies", ["10.0.0.300", "proxy.example", "10.0.0.1/33", "*"])
def test_what_is_no_address_is_no_proxy(proxies: str) -> None:
    with pytest.raises(SettingError, match="CITYOPS_TRUSTED_PROXIES"):
        load({"CITYOPS_TRUSTED_PROXIES": proxies})
    assert load({"CITYOPS_TRUSTED_PROXIES": "10.0.0.5, 10.1.0.0/16"}).trusted_proxies


def fail(desk: Desk, name: str, address: str, number: int) -> None:
    """As if so many had guessed from there."""
    desk.database.execute(
        "INSERT INTO sign_in_failures (user_name, address, failed_at)"
        " SELECT %s, %s, now() FROM generate_series(1, %s)",
        [name, address, number],
    )


def test_guesses_of_others_lock_nobody_out_where_they_have_signed_in_before(desk: Desk) -> None:
    name = desk.person("administrator")
    known = desk.signed_in(name)
    assert known.delete("/api/session").status_code == 204
    for address in ("198.51.100.7", "127.0.0.1"):
        fail(desk, name, address, MANY)
    assert reason(desk.try_in(name)) == (429, "too_many_failures"), "control: another browser"
    assert sign_in(known, name).is_success


def test_a_cookie_of_ones_own_does_not_open_another_users_tries(desk: Desk) -> None:
    mine, theirs = desk.person(), desk.person()
    known = desk.signed_in(mine)
    fail(desk, theirs, "127.0.0.1", 2 * FREE_TRIES["both"])
    assert reason(sign_in(known, theirs)) == (429, "too_many_failures")
    assert sign_in(known, mine).is_success


def test_a_known_browser_does_not_guess_for_ever_either(desk: Desk) -> None:
    name = desk.person()
    known = desk.signed_in(name)
    assert sign_in(known, name, "guess").status_code == 401
    desk.database.execute(
        "INSERT INTO sign_in_failures SELECT f.* FROM sign_in_failures f, generate_series(1, 20)"
    )
    assert reason(sign_in(known, name)) == (429, "too_many_failures")


def test_who_has_a_generated_password_is_kept_waiting_by_nobody(desk: Desk) -> None:
    name = "first day"
    made = desk.machine().post("/api/users", json={"name": name, "role": "operator"}).json()
    for address in ("198.51.100.7", "127.0.0.1"):
        fail(desk, name, address, MANY)
    assert desk.try_in(name, made["password"]).is_success


def test_the_machine_lets_the_only_administrator_in_again(desk: Desk) -> None:
    name = desk.person("administrator")
    for address in ("198.51.100.7", "127.0.0.1"):
        fail(desk, name, address, MANY)
    assert reason(desk.try_in(name)) == (429, "too_many_failures")
    password = desk.machine().post(path(name, "reset")).json()["password"]
    assert desk.try_in(name, password).is_success


def test_many_guesses_at_once_are_as_many(desk: Desk) -> None:
    name = desk.person()
    with _slow_hashing(desk) as going:
        hashing, began = desk.app.state.hashing, time.monotonic()
        found = _at_once(desk, name, "guess", 20)
        eventually(lambda: len(found) + hashing.held == 20)
        # After 1 s one more may try, 2 s after that another, then 4: a busy machine is that slow.
        allowed = FREE_TRIES["both"] + int(math.log2(1 + time.monotonic() - began))
        tried = hashing.held
        assert FREE_TRIES["both"] <= tried <= allowed
        assert set(found) == {429}, "they do not wait to see how the first ones end"
        going.set()
        eventually(lambda: len(found) == 20)
    assert found.count(401) == tried


def test_whoever_waits_for_a_password_holds_nothing_that_others_need(desk: Desk) -> None:
    names = [desk.person() for _ in range(40)]
    desk.database.execute("UPDATE users SET one_time = true WHERE name = ANY(%s)", [names])
    operator = desk.signed_in(desk.person())
    with _slow_hashing(desk) as going:
        found: list[int] = []
        for name in names:
            _at_once(desk, name, PASSWORD, 1, found)
        eventually(lambda: desk.app.state.hashing.held == 40)
        for _ in range(10):
            assert operator.get("/api/alerts", timeout=10).is_success
        assert not found
        going.set()
        eventually(lambda: len(found) == 40)
    assert set(found) == {200}


def test_control_who_holds_connections_keeps_others_waiting(desk: Desk) -> None:
    operator = desk.signed_in(desk.person())
    pool = desk.app.state.pool
    held = [pool.getconn() for _ in range(pool.max_size)]
    try:
        assert reason(operator.get("/api/alerts")) == (503, "database_away")
    finally:
        for connection in held:
            pool.putconn(connection)


def test_more_than_are_waited_for_are_told_to_come_back() -> None:
    async def flood() -> int:
        hashing = passwords.Hashing()
        going = threading.Event()
        waiting = [
            asyncio.ensure_future(hashing.run(going.wait, 30)) for _ in range(passwords.WAITING)
        ]
        await asyncio.sleep(0)
        try:
            with pytest.raises(passwords.BusyError):
                await hashing.run(going.wait, 30)
        finally:
            going.set()
        return len(await asyncio.gather(*waiting))

    assert asyncio.run(flood()) == passwords.WAITING


class _Held(passwords.Hashing):
    """Computes nothing before it is let go."""

    def __init__(self, going: threading.Event) -> None:
        super().__init__()
        self._going, self.held = going, 0

    async def run(self, work: Any, *arguments: object) -> Any:
        self.held += 1
        while not self._going.is_set():
            await asyncio.sleep(0.02)
        return await super().run(work, *arguments)


@contextmanager
def _slow_hashing(desk: Desk) -> Iterator[threading.Event]:
    going, before = threading.Event(), desk.app.state.hashing
    desk.app.state.hashing = _Held(going)
    try:
        yield going
    finally:
        going.set()
        desk.app.state.hashing = before


def _at_once(
    desk: Desk, name: str, password: str, number: int, found: list[int] | None = None
) -> list[int]:
    statuses: list[int] = [] if found is None else found

    def ask() -> None:
        statuses.append(desk.try_in(name, password).status_code)

    for _ in range(number):
        threading.Thread(target=ask, daemon=True).start()
    return statuses


# --- what is said -----------------------------------------------------------------------------


def test_make_up_says_where_the_first_password_is_and_never_what(
    tmp_path: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    from services.commands.up import _say_where
    from streams.secrets import write_secret

    settings = Settings(state_dir=tmp_path, database_url="postgresql://")
    write_secret(settings.secret("admin-password"), "the first one")
    _say_where(settings)
    said = capsys.readouterr().out
    assert str(settings.secret("admin-password")) in said
    assert "the first one" not in said


def test_every_role_may_look_after_itself_and_a_new_user_only_that() -> None:
    for permissions in RIGHTS.values():
        assert permissions > MUST_CHANGE


# --- the second factor ------------------------------------------------------------------------


def with_factor(client: httpx.Client, password: str = PASSWORD) -> tuple[pyotp.TOTP, list[str]]:
    """What computes the codes, as a telephone, and the recovery codes."""
    begun = client.post("/api/session/factor", json={"password": password}).json()
    telephone = pyotp.parse_uri(begun["address"])
    assert isinstance(telephone, pyotp.TOTP)
    assert telephone.secret == begun["secret"]
    png = base64.b64decode(begun["picture"].removeprefix("data:image/png;base64,"))
    image = cv2.imdecode(np.frombuffer(png, np.uint8), cv2.IMREAD_GRAYSCALE)
    # The plain detector of OpenCV misses two codes of a hundred.
    assert cv2.QRCodeDetectorAruco().detectAndDecode(image)[0] == begun["address"]
    done = client.put("/api/session/factor", json={"code": telephone.now()})
    done.raise_for_status()
    return telephone, done.json()["codes"]


def try_code(desk: Desk, name: str, code: str) -> tuple[int, str]:
    body = {"name": name, "password": PASSWORD, "code": code}
    return reason(desk.client().post("/api/session", json=body))


def later(telephone: pyotp.TOTP) -> str:
    """The next code: the last one was used."""
    return telephone.at(int(time.time()) + 30)


def test_a_password_alone_lets_nobody_in_who_has_a_second_factor(desk: Desk) -> None:
    name = desk.person()
    client = desk.signed_in(name)
    assert client.get("/api/session/factor").json() == {"active": False}
    assert reason(client.post("/api/session/factor", json={"password": "x"}))[0] == 403
    telephone, _ = with_factor(client)
    assert client.get("/api/session/factor").json() == {"active": True}
    assert try_code(desk, name, "") == (401, "code_required")
    assert reason(desk.try_in(name, "guess")) == (401, "wrong_password"), "of the code nothing"
    assert try_code(desk, name, "000000") == (401, "wrong_code")
    assert try_code(desk, name, later(telephone)) == (200, "")


def test_a_code_is_used_once(desk: Desk) -> None:
    name = desk.person()
    telephone, recovery = with_factor(desk.signed_in(name))
    assert try_code(desk, name, telephone.now()) == (401, "wrong_code"), "it confirmed the factor"
    code = later(telephone)
    assert try_code(desk, name, code) == (200, "")
    assert try_code(desk, name, code) == (401, "wrong_code")
    assert try_code(desk, name, telephone.at(int(time.time()) - 120)) == (401, "wrong_code")
    assert len(set(recovery)) == 10
    assert try_code(desk, name, recovery[0].upper()) == (200, "")
    assert try_code(desk, name, recovery[0]) == (401, "wrong_code")
    assert try_code(desk, name, recovery[1]) == (200, "")


def test_a_code_that_two_send_at_once_lets_one_in(desk: Desk) -> None:
    name = desk.person()
    _, recovery = with_factor(desk.signed_in(name))
    found: list[tuple[int, str]] = []
    threads = [
        threading.Thread(target=lambda: found.append(try_code(desk, name, recovery[0])))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(found) == [(200, ""), *[(401, "wrong_code")] * 3]


@contextmanager
def required(desk: Desk, role: str) -> Iterator[None]:
    """Meanwhile people of the role must have a second factor."""
    address, machine = f"/api/roles/{role}/factor", desk.machine()
    machine.put(address, json={"required": True}).raise_for_status()
    yield
    machine.put(address, json={"required": False}).raise_for_status()


def test_who_must_have_a_second_factor_can_do_nothing_before(desk: Desk) -> None:
    name, other = desk.person("engineer"), desk.person("operator")
    client, has_one = desk.signed_in(name), desk.signed_in(desk.person("engineer"))
    made = client.post("/api/tokens", json={"label": "t", "scopes": ["alerts:read"], "days": 1})
    program = desk.client(made.json()["token"])
    with_factor(has_one)
    assert client.get("/api/alerts").is_success, "control: before it is required"
    with required(desk, "engineer"):
        elsewhere = desk.signed_in(name)
        for one in (client, elsewhere):
            assert one.get("/api/session").json()["must_enrol"] is True
            for asked in ("/api/alerts", "/api/status", "/api/tokens", "/api/events"):
                assert reason(one.get(asked)) == (403, "must_enrol"), asked
            more = {"label": "more", "scopes": ["alerts:read"], "days": 1}
            assert reason(one.post("/api/tokens", json=more)) == (403, "must_enrol")
        assert program.get("/api/alerts").is_success, "a program has no telephone"
        assert has_one.get("/api/alerts").is_success
        assert desk.signed_in(other).get("/api/alerts").is_success, "another role"
        own, _ = with_factor(client)
        assert client.get("/api/session").json()["must_enrol"] is False
        assert client.get("/api/alerts").is_success
        assert elsewhere.get("/api/session").status_code == 401, "it was begun without one"
        proof = {"password": PASSWORD, "code": later(own)}
        client.post("/api/session/factor/remove", json=proof).raise_for_status()
        assert reason(client.get("/api/alerts")) == (403, "must_enrol"), "it was taken away again"
        machine = desk.machine()
        machine.put(f"/api/users/{quote(other)}/role", json={"role": "engineer"})
        assert reason(desk.signed_in(other).get("/api/alerts")) == (403, "must_enrol")
    assert client.get("/api/alerts").is_success


def test_a_role_that_needs_a_second_factor_is_shown_and_recorded(desk: Desk) -> None:
    machine = desk.machine()

    def shown() -> dict[str, bool]:
        return {one["name"]: one["second_factor"] for one in machine.get("/api/roles").json()}

    machine.put("/api/roles/dispatcher", json={"permissions": ["alerts:read"]}).raise_for_status()
    with required(desk, "dispatcher"), required(desk, "administrator"):
        assert [name for name, needs in shown().items() if needs] == ["administrator", "dispatcher"]
    assert not any(shown().values())
    lines = machine.get("/api/audit", params={"limit": 4}).json()["lines"]
    told = {(line["action"], line["subject"], line["detail"]) for line in lines}
    assert ("role:factor", "dispatcher", "required: False") in told
    assert ("role:factor", "administrator", "required: True") in told
    unknown = machine.put("/api/roles/nobody/factor", json={"required": True})
    assert reason(unknown) == (404, "no_role")
    engineer = desk.signed_in(desk.person("engineer"))
    refused = engineer.put("/api/roles/engineer/factor", json={"required": False})
    assert reason(refused) == (403, "role")
    machine.put("/api/roles/dispatcher/factor", json={"required": True}).raise_for_status()
    machine.delete("/api/roles/dispatcher").raise_for_status()
    machine.put("/api/roles/dispatcher", json={"permissions": ["alerts:read"]}).raise_for_status()
    assert shown()["dispatcher"] is False, "another role of the same name"
    machine.delete("/api/roles/dispatcher").raise_for_status()


def test_codes_are_guessed_no_faster_than_passwords(desk: Desk) -> None:
    name = desk.person()
    telephone, _ = with_factor(desk.signed_in(name))
    desk.database.execute("DELETE FROM sign_in_failures")
    assert try_code(desk, name, "000000") == (401, "wrong_code")
    failed = desk.database.execute("SELECT count(*) FROM sign_in_failures").fetchone()
    assert failed == (1,)
    fail(desk, name, "127.0.0.1", 2 * FREE_TRIES["both"])
    assert try_code(desk, name, later(telephone)) == (429, "too_many_failures")


def test_the_secret_is_kept_sealed_and_a_reset_removes_it(desk: Desk) -> None:
    name = desk.person()
    telephone, recovery = with_factor(desk.signed_in(name))
    row = desk.database.execute(
        "SELECT secret, recovery FROM second_factors WHERE user_name = %s", [name]
    ).fetchone()
    assert row is not None
    assert telephone.secret.encode() not in bytes(row[0])
    assert recovery[0].encode() not in [bytes(each) for each in row[1]]
    assert desk.settings.secret("second-factors").stat().st_mode & 0o077 == 0
    password = desk.machine().post(path(name, "reset")).json()["password"]
    assert desk.try_in(name, password).is_success


def test_removing_it_takes_the_password_and_a_code(desk: Desk) -> None:
    client = desk.signed_in(desk.person())
    telephone, recovery = with_factor(client)

    def remove(password: str, code: str) -> tuple[int, str]:
        body = {"password": password, "code": code}
        return reason(client.post("/api/session/factor/remove", json=body))

    assert remove("guess", later(telephone)) == (403, "wrong_password")
    assert remove(PASSWORD, "000000") == (409, "wrong_code")
    again = client.post("/api/session/factor", json={"password": PASSWORD})
    assert reason(again) == (409, "has_factor"), "nor is it replaced"
    assert remove(PASSWORD, recovery[3]) == (200, "")
    assert client.get("/api/session/factor").json() == {"active": False}
