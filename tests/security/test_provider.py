"""Who wants to come in by the identity provider as somebody else, or to be sent elsewhere by it.

A real provider, with its own pages, and one that says what no real one would.
"""

import base64
import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import msgspec
import pytest

from deploy.local import ports
from services.api.provider import people, provider, states
from services.api.provider.client import MAX_BYTES
from services.api.provider.provider import Person, Provider
from services.api.provider.refusal import NotByProviderError
from services.api.users import account
from streams.settings import Settings
from tests.support import hostile as other
from tests.support.desk import BROWSER, Desk, open_desk
from tests.support.hostile import CLIENT, SECRET, Hostile, hostile
from tests.support.identity import CALLBACK, Client, Identity, walk
from tests.support.people import PASSWORD, settle
from tests.support.trust import TRUST
from tests.support.waiting import PATIENCE_SECONDS, crowding, eventually

BEGIN = "/api/session/provider/begin"
DISCOVERY = "/.well-known/openid-configuration"


@contextmanager
def opened(
    server: str, template: str, folder: Path, issuer: str, client: Client, port: int
) -> Iterator[Desk]:
    given = client.settings(
        issuer, f"http://127.0.0.1:{port}", folder, oidc_second_factor="amr:mfa acr:gold"
    )
    with open_desk(server, template, folder / "state", http_port=port, **given) as desk:
        yield desk


@pytest.fixture(scope="module")
def desk(
    identity: Identity,
    database_server: str,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Desk]:
    port, folder = ports.free(), tmp_path_factory.mktemp("real")
    client = identity.register(f"http://127.0.0.1:{port}")
    with opened(database_server, template_database, folder, identity.issuer, client, port) as found:
        settle(found.database)
        yield found


@pytest.fixture(scope="module")
def lying() -> Iterator[Hostile]:
    with hostile() as found:
        yield found


@pytest.fixture(scope="module")
def misled(
    lying: Hostile,
    database_server: str,
    template_database: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Desk]:
    """An installation whose provider is the hostile one."""
    port, folder = ports.free(), tmp_path_factory.mktemp("hostile")
    client = Client(CLIENT, SECRET)
    with opened(database_server, template_database, folder, lying.issuer, client, port) as found:
        yield found


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine is no provider that is away."""
    monkeypatch.setattr(provider, "FIRST_SECONDS", PATIENCE_SECONDS)


def begun(browser: httpx.Client, **asked: str) -> str:
    """Where the provider is, for a browser that wants to sign in."""
    return str(browser.get(BEGIN, params=asked).headers["location"])


def back_from(browser: httpx.Client, login: str, **asked: str) -> str:
    """The address by which the provider sends the browser back."""
    with httpx.Client(
        verify=TRUST
    ) as there:  # whoever signs in: that browser has a session there, too
        return walk(there, begun(browser, **asked), login)


def come_in(desk: Desk, login: str, **asked: str) -> tuple[httpx.Client, str]:
    """A browser that has signed in, or not, and where it was sent then."""
    browser = desk.client(**BROWSER)
    answer = browser.get(back_from(browser, login, **asked))
    return browser, answer.headers["location"]


def who(browser: httpx.Client) -> dict[str, Any]:
    found: dict[str, Any] = browser.get("/api/session").raise_for_status().json()
    return found


def line(desk: Desk, **said: str) -> dict[str, Any]:
    """The newest of the audit log that says so, once it is there."""
    machine = desk.machine()

    def found() -> list[dict[str, Any]]:
        lines = machine.get("/api/audit", params={"limit": 50}).raise_for_status().json()["lines"]
        return [each for each in lines if said.items() <= each.items()]

    eventually(found)
    return found()[0]


# --- who comes in, and as what ----------------------------------------------------------------


def test_somebody_comes_in_by_the_provider_with_the_role_of_their_group(
    desk: Desk, identity: Identity
) -> None:
    identity.knows("lan", "desk", "choir", name="Lan Trần")
    browser, sent = come_in(desk, "lan", back="/?alert=x")
    assert sent == "/?alert=x"
    found = who(browser)
    assert (found["name"], found["role"], found["by_provider"]) == ("Lan Trần", "operator", True)
    assert found["must_change_password"] is False
    cookies = {cookie.name: cookie for cookie in browser.cookies.jar}
    assert set(cookies) == {"cityops_session"}, "the one of the sign-in is gone"
    told = line(desk, actor="Lan Trần", action="session:begin", outcome="done")
    assert told["detail"] == "new user; role: operator"
    again, _ = come_in(desk, "lan")
    assert who(again)["name"] == "Lan Trần", "the same person"


def test_no_password_opens_an_account_of_the_providers(desk: Desk, identity: Identity) -> None:
    identity.knows("thu", "desk")
    browser, _ = come_in(desk, "thu")
    for password in ("", " ", PASSWORD):
        assert desk.try_in("thu", password).status_code in (401, 422)
    changed = browser.put("/api/session/password", json={"old": "x", "new": "three wet ferries"})
    assert (changed.status_code, changed.json()["reason"]) == (409, "by_provider")
    machine = desk.machine()
    for what in (
        machine.post("/api/users/thu/reset"),
        machine.put("/api/users/thu/role", json={"role": "administrator"}),
    ):
        assert (what.status_code, what.json()["reason"]) == (409, "by_provider")


def test_the_role_is_what_the_groups_say_at_every_sign_in(desk: Desk, identity: Identity) -> None:
    identity.knows("bao", "desk", "leads")
    browser, _ = come_in(desk, "bao")
    assert who(browser)["role"] == "supervisor", "the first group of the setting that they are in"
    made = browser.post("/api/tokens", json={"label": "t", "scopes": ["alerts:read"], "days": 1})
    program = desk.client(made.json()["token"])
    assert program.get("/api/alerts").is_success

    identity.knows("bao", "desk")
    fewer, _ = come_in(desk, "bao")
    assert who(fewer)["role"] == who(browser)["role"] == "operator", "in other browsers, too"

    identity.knows("bao", "choir")
    _, sent = come_in(desk, "bao")
    assert sent == "/?signin=no_role"
    for one in (browser, fewer, program):
        assert one.get("/api/alerts").status_code == 401, "nothing of theirs is left"
    found = account(desk.database, "bao")
    assert found is not None
    assert found.role == "none"

    identity.knows("bao", "desk")
    browser, _ = come_in(desk, "bao")
    assert who(browser)["role"] == "operator", "control: who is in the group again comes in again"


def test_who_is_in_no_group_is_refused_and_gets_no_account(desk: Desk, identity: Identity) -> None:
    for login, groups in (("eve", []), ("mallory", ["Desk", "desk "])):
        identity.knows(login, *groups)
        browser, sent = come_in(desk, login)
        assert sent == "/?signin=no_role"
        assert browser.get("/api/session").status_code == 401
        assert account(desk.database, login) is None
        told = line(desk, action="session:begin", subject=login)
        assert (told["outcome"], told["reason"]) == ("refused", "no_role")


def test_a_name_makes_nobody_somebody_else(desk: Desk, identity: Identity) -> None:
    local = desk.person("engineer", "mai")
    identity.knows("sub-of-a-stranger", "chiefs", name="Mai")
    for called in ("Mai", "admin", "machine"):
        identity.knows("sub-of-a-stranger", "chiefs", name=called)
        browser, sent = come_in(desk, "sub-of-a-stranger")
        assert sent == "/?signin=name_taken"
        assert browser.get("/api/session").status_code == 401
    assert desk.try_in(local).is_success
    identity.knows("sub-of-a-stranger", "desk", name="<script>")
    assert come_in(desk, "sub-of-a-stranger")[1] == "/?signin=no_name"

    identity.knows("first", "desk", name="hoa")
    identity.knows("second", "leads", name="hoa")
    assert who(come_in(desk, "first")[0])["role"] == "operator"
    assert come_in(desk, "second")[1] == "/?signin=name_taken"
    identity.knows("first", "desk", name="renamed")
    assert who(come_in(desk, "first")[0])["name"] == "hoa", "control: the subject says who it is"


def test_who_is_disabled_here_stays_out(desk: Desk, identity: Identity) -> None:
    identity.knows("tam", "leads")
    browser, _ = come_in(desk, "tam")
    desk.machine().post("/api/users/tam/disable").raise_for_status()
    assert browser.get("/api/session").status_code == 401
    assert come_in(desk, "tam")[1] == "/?signin=disabled"
    desk.machine().post("/api/users/tam/enable").raise_for_status()
    assert come_in(desk, "tam")[1] == "/", "control"


def test_an_administrator_of_the_providers_does_not_replace_the_last_of_ours(
    desk: Desk, identity: Identity
) -> None:
    identity.knows("chief", "chiefs")
    chief, _ = come_in(desk, "chief")
    assert who(chief)["role"] == "administrator"
    refused = chief.post("/api/users/admin/disable")
    assert (refused.status_code, refused.json()["reason"]) == (409, "last_administrator")
    second = desk.person("administrator")
    assert chief.post("/api/users/admin/disable").is_success, "control: another one of ours"
    chief.post("/api/users/admin/enable").raise_for_status()
    chief.post(f"/api/users/{second}/disable").raise_for_status()


# --- the way there and back -------------------------------------------------------------------


def test_an_answer_of_the_provider_is_good_for_one_sign_in(desk: Desk, identity: Identity) -> None:
    identity.knows("minh", "desk")
    browser = desk.client(**BROWSER)
    address, kept = back_from(browser, "minh"), dict(browser.cookies)
    assert browser.get(address).headers["location"] == "/", "control: the first time"
    replayed = httpx.get(address, cookies=kept, headers=BROWSER, verify=TRUST)
    assert replayed.headers["location"] == "/?signin=state_used"
    assert "cityops_session" not in replayed.cookies
    assert browser.get(address).headers["location"] == "/?signin=wrong_state"
    assert line(desk, reason="state_used")["outcome"] == "failed"


def test_an_answer_is_good_in_the_browser_that_asked(desk: Desk, identity: Identity) -> None:
    """Nobody is signed in as somebody else by following a link."""
    identity.knows("attacker", "desk")
    theirs, victims = desk.client(**BROWSER), desk.client(**BROWSER)
    address = back_from(theirs, "attacker")
    assert victims.get(address).headers["location"] == "/?signin=wrong_state", "no cookie"
    begun(victims)
    assert victims.get(address).headers["location"] == "/?signin=wrong_state", "another cookie"
    assert victims.get("/api/session").status_code == 401
    assert "cityops_state" in victims.cookies, "their own sign-in goes on"
    assert theirs.get(address).headers["location"] == "/", "control"


def test_what_is_altered_on_the_way_back_is_refused(desk: Desk, identity: Identity) -> None:
    identity.knows("nga", "desk")
    for change, reason in (
        ({"state": "x" * 43}, "wrong_state"),
        ({"state": ""}, "wrong_state"),
        ({"iss": "http://127.0.0.1:1"}, "wrong_issuer"),
        ({"iss": ""}, "wrong_issuer"),
        ({"code": "x" * 43}, "code_refused"),
        ({"code": ""}, "provider_denied"),
        ({"error": "access_denied"}, "provider_denied"),
        ({}, ""),
    ):
        browser = desk.client(**BROWSER)
        parts = urlsplit(back_from(browser, "nga"))
        asked = {name: value[0] for name, value in parse_qs(parts.query).items()}
        asked = {name: value for name, value in {**asked, **change}.items() if value}
        sent = browser.get(CALLBACK, params=asked).headers["location"]
        assert sent == (f"/?signin={reason}" if reason else "/"), change
        assert ("cityops_session" in browser.cookies) == (reason == ""), change
        if reason:
            assert line(desk, reason=reason)["action"] == "session:begin", change
    browser = desk.client(**BROWSER)
    address = back_from(browser, "nga")
    assert browser.get(f"{address}&state=x").headers["location"] == "/?signin=wrong_state"


def test_a_sign_in_takes_ten_minutes_at_most(
    desk: Desk, identity: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    identity.knows("phuc", "desk")
    for more, sent in ((1, "/?signin=state_expired"), (-10, "/")):
        browser = desk.client(**BROWSER)
        address = back_from(browser, "phuc")
        later = time.time() + states.SECONDS + more
        with monkeypatch.context() as patched:
            patched.setattr(states, "time", SimpleNamespace(time=lambda now=later: now))
            assert browser.get(address).headers["location"] == sent


def test_the_cookie_of_a_sign_in_is_read_by_nobody(desk: Desk) -> None:
    browser = desk.client(**BROWSER)
    answer = browser.get(BEGIN)
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    (said,) = [each for each in answer.headers.get_list("set-cookie") if "cityops_state" in each]
    assert "HttpOnly" in said
    assert "SameSite=lax" in said
    assert asked["state"][0] not in said
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["nonce"][0] not in said


def test_nobody_is_sent_elsewhere_afterwards(desk: Desk, identity: Identity) -> None:
    identity.knows("giang", "desk")
    for back in (
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/%2f/evil.example",
        "/x",
        "/api/session",
        "/?a=\r\nSet-Cookie: x",
        "javascript:alert(1)",
        "",
    ):
        assert come_in(desk, "giang", back=back)[1] == "/", back
    kept = "/?state=resolved&q=c%E1%BA%A7u"
    assert come_in(desk, "giang", back=kept)[1] == kept, "control"


def test_a_host_that_a_request_names_is_not_believed(desk: Desk) -> None:
    for headers in (
        {"Host": "evil.example"},
        {"X-Forwarded-Host": "evil.example"},
        {"Forwarded": "host=evil.example"},
    ):
        sent = desk.client(**BROWSER, **headers).get(BEGIN).headers["location"]
        asked = parse_qs(urlsplit(sent).query)
        assert asked["redirect_uri"] == [desk.settings.public_url + CALLBACK], headers
    assert "evil" not in desk.client(Host="evil.example").get(CALLBACK).headers["location"]


def test_signing_out_ends_the_session_there_too(desk: Desk, identity: Identity) -> None:
    identity.knows("duc", "desk")
    browser, _ = come_in(desk, "duc")
    assert browser.get("/api/session/provider").json()["signs_out"] is True
    browser.delete("/api/session").raise_for_status()
    assert browser.get("/api/session").status_code == 401
    sent = urlsplit(browser.get("/api/session/provider/end").headers["location"])
    asked = parse_qs(sent.query)
    assert f"{sent.scheme}://{sent.netloc}" == identity.issuer
    assert asked["post_logout_redirect_uri"] == [f"{desk.settings.public_url}/"]
    with httpx.Client(verify=TRUST) as there:
        assert walk(there, sent.geturl(), "duc").startswith(desk.settings.public_url), "and back"


def test_the_clients_secret_is_said_to_nobody(desk: Desk, identity: Identity) -> None:
    secret = Path(desk.settings.oidc_client_secret_file).read_text()
    identity.knows("khoa", "desk")
    browser, sent = come_in(desk, "khoa")
    machine = desk.machine()
    said = [sent, begun(browser), repr(desk.settings)]
    said += [machine.get(path).text for path in ("/api/status", "/api/audit", "/openapi.json")]
    assert not [each for each in said if secret in each]


# --- a provider that lies ---------------------------------------------------------------------


def try_token(misled: Desk, lying: Hostile, **claims: Any) -> str:
    """Where a browser is sent with such a token."""
    browser = misled.client(**BROWSER)
    asked = parse_qs(urlsplit(begun(browser)).query)
    said = {**lying.claims, "nonce": asked["nonce"][0], **claims}
    lying.claims = {name: _now(value) for name, value in said.items() if value is not None}
    given = urlencode({"code": "a code", "state": asked["state"][0]})
    answer = browser.get(f"{CALLBACK}?{given}")
    assert ("cityops_session" in browser.cookies) == (answer.headers["location"] == "/")
    return str(answer.headers["location"])


def half_hash(token: str) -> str:
    half = hashlib.sha256(token.encode()).digest()[:16]
    return base64.urlsafe_b64encode(half).rstrip(b"=").decode()


class Ago(NamedTuple):
    """A time, as seconds since 1970 when it is used."""

    seconds: float


def _now(value: Any) -> Any:
    return int(time.time() - value.seconds) if isinstance(value, Ago) else value


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": "another application"},
        {"aud": [CLIENT, "another"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"azp": "another"},
        {"aud": None},
        {"exp": Ago(120)},
        {"exp": None},
        {"exp": "never"},
        {"iat": Ago(-120)},
        {"iat": Ago(3600)},
        {"nbf": Ago(-120)},
        {"iss": "https://accounts.example"},
        {"iss": None},
        {"nonce": "of another sign-in"},
        {"nonce": None},
        {"at_hash": half_hash("another access token")},
        {"sub": None},
        {"sub": ""},
        {"sub": "x" * 256},
        {"sub": ["user-1"]},
    ],
    ids=str,
)
def test_a_token_that_is_not_for_this_sign_in_is_refused(
    misled: Desk, lying: Hostile, claims: dict[str, Any]
) -> None:
    lying.behave()
    assert try_token(misled, lying, **claims) == "/?signin=wrong_token"
    assert line(misled, reason="wrong_token")["outcome"] == "failed"


@pytest.mark.parametrize(
    "sign",
    [
        other.unsigned,
        other.by_public_key,
        other.by_clients_secret,
        other.by_another_key,
        other.altered,
        lambda *_: "x.y.z",
        lambda *_: "",
        lambda *_: "." * 200_000,
    ],
)
def test_a_token_that_the_provider_did_not_sign_is_refused(
    misled: Desk, lying: Hostile, sign: other.Sign
) -> None:
    lying.behave()
    lying.sign = sign
    assert try_token(misled, lying) == "/?signin=wrong_token"


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"aud": [CLIENT]},
        {"aud": [CLIENT, "another"], "azp": CLIENT},
        {"at_hash": half_hash("an access token")},
        {"iat": Ago(-30), "exp": Ago(30)},
        {"groups": ["desk", "de\0sk", "\ud800"]},
        {"groups": ["desk", *(f"/centre/wards/{number}" for number in range(2000))]},
    ],
    ids=str,
)
def test_control_a_token_that_is_right_is_taken(
    misled: Desk, lying: Hostile, claims: dict[str, Any]
) -> None:
    lying.behave()
    assert try_token(misled, lying, **claims) == "/"
    assert "code_verifier=" in lying.forms[-1]
    assert SECRET.replace(" ", "+") not in lying.forms[-1], "it stands in the header"


def test_the_providers_word_for_a_second_factor_counts_where_the_setting_says_so(
    misled: Desk, lying: Hostile
) -> None:
    machine = misled.machine()
    machine.put("/api/roles/operator/factor", json={"required": True}).raise_for_status()

    def sent(**claims: Any) -> str:
        lying.behave()
        return try_token(misled, lying, **claims)

    assert sent(amr=["pwd", "mfa"]) == "/", "the setting names it"
    for claims in ({}, {"amr": ["pwd"]}, {"acr": "mfa"}, {"amr": "no list"}):
        assert sent(**claims) in ("/?signin=factor_required", "/?signin=wrong_token")
    assert line(misled, reason="factor_required")["outcome"] == "refused"
    machine.put("/api/roles/operator/factor", json={"required": False}).raise_for_status()

    assert sent(amr=["pwd"]) == "/", "control: nobody asks for it"
    browser = misled.client(**BROWSER)
    assert parse_qs(urlsplit(begun(browser)).query)["acr_values"] == ["gold"]


def test_what_is_said_of_another_user_is_not_believed(misled: Desk, lying: Hostile) -> None:
    """Groups come from the token, or from where the provider tells of users; of the same one."""
    lying.behave()
    lying.document["userinfo_endpoint"] = f"{lying.issuer}/userinfo"
    found: Provider = misled.app.state.provider
    found._metadata = None

    def of(subject: str) -> Any:
        def answer(asked: BaseHTTPRequestHandler) -> None:
            reply(asked, 200, f'{{"sub": "{subject}", "groups": ["desk"]}}'.encode())

        return answer

    lying.answers["/userinfo"] = of("somebody else")
    assert try_token(misled, lying, groups=None) == "/?signin=wrong_token"
    lying.answers["/userinfo"] = of("user-1")
    assert try_token(misled, lying, groups=None) == "/", "control"
    lying.behave()
    found._metadata = None


# --- a provider that is away, or leads elsewhere ----------------------------------------------


def reply(asked: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
    asked.send_response(status)
    for name, value in headers.items():
        asked.send_header(name, value)
    asked.end_headers()
    asked.wfile.write(body)


def huge(asked: BaseHTTPRequestHandler) -> None:
    reply(asked, 200, b" " * (MAX_BYTES + 1))


def endless(asked: BaseHTTPRequestHandler) -> None:
    with suppress(OSError):  # whoever asked has gone
        asked.wfile.write(b"HTTP/1.1 200 OK\r\n")
        for _ in range(200):
            asked.wfile.write(b"X: y\r\n")
            asked.wfile.flush()
            time.sleep(0.05)


def elsewhere(asked: BaseHTTPRequestHandler) -> None:
    reply(asked, 302, b"", Location="/other")


@pytest.mark.parametrize(
    ("document", "answer"),
    [
        ({"issuer": "https://accounts.example"}, None),
        ({"token_endpoint": "http://elsewhere.example/token"}, None),
        ({"authorization_endpoint": "javascript:alert(1)"}, None),
        ({"jwks_uri": "file:///etc/passwd"}, None),
        ({"end_session_endpoint": "https://user:pass@host/"}, None),
        ({"id_token_signing_alg_values_supported": ["none", "HS256"]}, None),
        ({"code_challenge_methods_supported": ["plain"]}, None),
        ({"token_endpoint": None}, None),
        ({}, huge),
        ({}, endless),
        ({}, elsewhere),
        ({}, lambda asked: reply(asked, 500, b"")),
        ({}, lambda asked: reply(asked, 200, b"[" * 100_000)),
    ],
)
async def test_a_provider_that_cannot_be_trusted_is_not_used(
    lying: Hostile,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    document: dict[str, Any],
    answer: Any,
) -> None:
    client = Client(CLIENT, SECRET)
    given = client.settings(lying.issuer, "http://127.0.0.1:1", tmp_path)
    trusted = Provider(Settings(state_dir=tmp_path, **given))
    lying.behave()
    lying.answers["/other"] = lambda asked: reply(asked, 200, b"{}")
    assert (await trusted.address(states.begun("/"))).startswith(lying.issuer), "control"
    lying.document |= document
    if answer is not None:
        lying.answers[DISCOVERY] = answer
    if answer is endless:
        monkeypatch.setattr(provider, "FIRST_SECONDS", 0.5)
    found = Provider(Settings(state_dir=tmp_path, **given))
    with pytest.raises(NotByProviderError) as refused:
        await found.address(states.begun("/"))
    assert refused.value.reason == "provider_away"
    assert answer is not endless or "within 0.5 s" in str(refused.value)
    assert found.up is False


def test_while_the_provider_is_away_people_sign_in_here(
    database_server: str, template_database: str, tmp_path: Path
) -> None:
    issuer, client = f"http://127.0.0.1:{ports.free()}", Client(CLIENT, SECRET)
    with opened(database_server, template_database, tmp_path, issuer, client, ports.free()) as desk:
        browser = desk.client(**BROWSER)
        asked = "/api/session/provider"
        eventually(lambda: browser.get(asked).json()["up"] is False)
        assert browser.get(asked).json()["name"] == urlsplit(issuer).netloc
        assert browser.get(BEGIN).headers["location"] == "/?signin=provider_away"
        began = time.monotonic()
        assert desk.try_in(desk.person()).is_success
        assert time.monotonic() - began < 2 * crowding()
        assert browser.get("/api/session/provider/end").headers["location"] == "/"


def test_a_role_that_there_is_not_lets_nobody_in(desk: Desk, identity: Identity) -> None:
    settings = msgspec.structs.replace(desk.settings, oidc_groups="choir=singer; desk=operator")
    assert people.unknown_roles(desk.database, settings) == ["singer"]
    person = Person(identity.issuer, "a", "an", frozenset({"choir", "desk"}), False)
    with pytest.raises(NotByProviderError) as refused, desk.database.transaction():
        people.enter(desk.database, settings, person, label="", address="")
    assert refused.value.reason == "no_role"


def test_control_without_a_provider_there_is_no_way_in_by_one(
    database_server: str, template_database: str, tmp_path: Path
) -> None:
    with open_desk(database_server, template_database, tmp_path) as desk:
        browser = desk.client(**BROWSER)
        assert browser.get("/api/session/provider").json()["there"] is False
        for path in (BEGIN, CALLBACK, "/api/session/provider/end"):
            assert browser.get(path).status_code == 404
