"""What is made of an identity provider's settings, keys and claims, without one."""

import json
import unicodedata
import zlib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest
from joserfc.jwk import ECKey, OctKey
from joserfc.util import urlsafe_b64encode

from services.api.provider import provider
from services.api.provider.claims import claim, groups_in, name_of, role_of, shown_second_factor
from services.api.provider.client import Client
from services.api.provider.keys import KEPT_SECONDS, PAUSE_SECONDS, Keys, keys_of
from services.api.provider.provider import Provider
from services.api.provider.refusal import NotByProviderError
from services.api.provider.states import begun
from streams.groups import groups, second_factors
from streams.settings import PREFIX, SettingError, Settings, load
from tests.support.certificates import Authority
from tests.support.hostile import hostile
from tests.support.identity import Client as Registered
from tests.support.waiting import PATIENCE_SECONDS

WHOLE = {
    "PUBLIC_URL": "https://cityops.example.vn",
    "OIDC_ISSUER": "https://id.example.vn/realms/city",
    "OIDC_CLIENT_ID": "cityops",
    "OIDC_GROUPS": "/desk=operator",
}


def with_settings(**changes: str) -> Settings:
    given = {**WHOLE, **changes}
    return load({PREFIX + name: value for name, value in given.items() if value})


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"PUBLIC_URL": ""}, "PUBLIC_URL"),
        ({"OIDC_CLIENT_ID": ""}, "OIDC_CLIENT_ID"),
        ({"OIDC_GROUPS": ""}, "OIDC_GROUPS"),
        ({"OIDC_ISSUER": ""}, "OIDC_ISSUER"),
        ({"OIDC_ISSUER": "http://id.example.vn"}, "https://"),
        ({"OIDC_ISSUER": "https://"}, "OIDC_ISSUER"),
        ({"OIDC_ISSUER": "https://user:word@id.example.vn"}, "OIDC_ISSUER"),
        ({"OIDC_ISSUER": "https://id.example.vn?x"}, "OIDC_ISSUER"),
        ({"PUBLIC_URL": "http://cityops.example.vn"}, "https://"),
        ({"PUBLIC_URL": "https://example.vn/cityops"}, "PUBLIC_URL"),
        ({"PUBLIC_URL": "https://example.vn:port"}, "PUBLIC_URL"),
        ({"OIDC_GROUPS": "desk"}, "'desk'"),
        ({"OIDC_GROUPS": "desk=operator; =analyst"}, "'=analyst'"),
        ({"OIDC_SCOPES": "profile"}, "openid"),
        ({"OIDC_SECOND_FACTOR": "mfa"}, "'mfa'"),
        ({"OIDC_CLIENT_SECRET_FILE": "absent"}, "no such file"),
        ({"OIDC_CA": "absent"}, "no such file"),
    ],
)
def test_half_a_provider_is_an_error_that_says_which_half(
    changes: dict[str, str], said: str
) -> None:
    with pytest.raises(SettingError, match=PREFIX) as error:
        with_settings(**changes)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_control_a_whole_provider_is_taken() -> None:
    assert with_settings().oidc_client_id == "cityops"
    with_settings(PUBLIC_URL="http://localhost:8080", OIDC_ISSUER="http://127.0.0.1:9000")


def test_a_client_without_its_secret_does_not_start(tmp_path: Path) -> None:
    settings = Settings(state_dir=tmp_path, oidc_issuer="https://id.example.vn")
    with pytest.raises(SettingError, match="oidc-client-secret"):
        Provider(settings)


def test_a_groups_name_may_have_whatever_names_have() -> None:
    said = " cn=desk,ou=people=operator;/Trung tâm/Trực ban = operator ;;a=b=c;"
    assert groups(said) == (
        ("cn=desk,ou=people", "operator"),
        ("/Trung tâm/Trực ban", "operator"),
        ("a=b", "c"),
    )


@pytest.mark.parametrize(
    ("said", "role"),
    [
        (["desk"], "operator"),
        ("desk", "operator"),
        (["desk", "leads"], "supervisor"),
        ([], None),
        (None, None),
        (["Desk"], None),
        ({"desk": True}, None),
        ([["desk"], 7, None], None),
        (True, None),
    ],
)
def test_the_first_group_of_the_setting_says_the_role(said: Any, role: str | None) -> None:
    assert role_of(groups_in(said), (("leads", "supervisor"), ("desk", "operator"))) == role


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("said", ["NFC", "NFD"])
def test_a_groups_name_is_the_same_however_its_letters_are_written(form: str, said: str) -> None:
    name = "/Trung tâm/Trực ban"
    setting = groups(f"{unicodedata.normalize(form, name)}=operator")
    assert role_of(groups_in([unicodedata.normalize(said, name)]), setting) == "operator"
    assert role_of(groups_in([unicodedata.normalize(said, "/Trung tam/Truc ban")]), setting) is None


def test_what_no_database_holds_is_no_groups_name() -> None:
    assert groups_in(json.loads(r'["desk", "de\u0000sk", "\ud800", "x\udc00", "🚦"]')) == {
        "desk",
        "🚦",
    }


def test_a_claim_may_lie_within_others_or_have_dots_in_its_name() -> None:
    assert claim({"realm_access": {"roles": ["a"]}}, "realm_access.roles") == ["a"]
    assert claim({"https://example.vn/groups": ["b"]}, "https://example.vn/groups") == ["b"]
    assert claim({"realm_access": "x"}, "realm_access.roles") is None
    assert name_of({"name": " Lan \n Trần "}, "name") == "Lan Trần"
    assert name_of({"name": ["Lan"]}, "name") == ""


def test_a_second_factor_is_believed_where_the_setting_says_so() -> None:
    taken = second_factors("amr:mfa acr:urn:example:gold")
    assert shown_second_factor({"amr": ["pwd", "mfa"]}, taken)
    assert shown_second_factor({"acr": "urn:example:gold"}, taken)
    assert not shown_second_factor({"amr": ["pwd"], "acr": "mfa"}, taken)
    assert not shown_second_factor({"amr": ["pwd", "mfa"]}, ())


def document(*keys: dict[str, Any]) -> bytes:
    return json.dumps({"keys": keys}).encode()


def public(kid: str, **changes: Any) -> dict[str, Any]:
    made = ECKey.generate_key("P-256", {"kid": kid})
    return {**made.as_dict(private=False), **changes}


def test_only_public_keys_that_may_sign_are_taken() -> None:
    weak = {
        "kty": "RSA",
        "kid": "weak",
        "e": "AQAB",
        "n": urlsafe_b64encode(b"\xff" * 128).decode(),
    }
    shared = OctKey.generate_key(256, {"kid": "shared"}).as_dict(private=True)
    said = document(
        weak, shared, public("for sealing", use="enc"), {"kty": "EC"}, {"kty": []}, public("good")
    )
    assert [key.kid for key in keys_of(said)] == ["good"]
    for useless in (b"", b"[]", b"{}", document(), document(shared), b'{"keys": {"a": 1}}'):
        with pytest.raises(NotByProviderError, match="key"):
            keys_of(useless)


async def test_unknown_keys_are_looked_for_now_and_then() -> None:
    now, asked, there = 1000.0, [], [public("old")]

    async def fetch(address: str) -> bytes:
        asked.append(address)
        return document(*there)

    keys = Keys(fetch, lambda: now)
    for kid in ("old", "old", None, "made up", "made up too"):
        await keys.of("https://a/keys", kid)
    assert len(asked) == 1, "read a moment ago"
    there[:] = [public("new")]
    now += PAUSE_SECONDS + 1
    assert [key.kid for key in await keys.of("https://a/keys", "old")] == ["old"]
    assert [key.kid for key in await keys.of("https://a/keys", "new")] == ["new"]
    await keys.of("https://a/keys", "made up")
    assert len(asked) == 2
    now += KEPT_SECONDS + 1
    await keys.of("https://a/keys", "new")
    assert len(asked) == 3, "a key that was withdrawn is forgotten"


async def test_what_the_provider_has_packed_is_not_unpacked() -> None:
    """It could be a gigabyte, in an answer that is small enough to be taken."""
    asked_for = []
    bomb = zlib.compress(b" " * 2**24, 9, wbits=31)

    def answers(coding: str, body: bytes) -> Callable[[BaseHTTPRequestHandler], None]:
        def answer(asked: BaseHTTPRequestHandler) -> None:
            asked_for.append(asked.headers["Accept-Encoding"])
            asked.send_response(200)
            asked.send_header("Content-Encoding", coding)
            asked.end_headers()
            asked.wfile.write(body)

        return answer

    with hostile() as found:
        for coding in ("gzip", "zstd", "deflate, gzip", "made up"):
            found.answers["/bomb"] = answers(coding, bomb)
            with pytest.raises(NotByProviderError, match=f"answers in '{coding}', unasked"):
                await Client("").get(f"{found.issuer}/bomb", seconds=PATIENCE_SECONDS)
        found.answers["/bomb"] = answers("identity", b"{}")
        assert await Client("").get(f"{found.issuer}/bomb", seconds=PATIENCE_SECONDS) == b"{}"
    assert set(asked_for) == {"identity"}


async def test_a_provider_shows_a_certificate_that_can_be_verified(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(provider, "FIRST_SECONDS", PATIENCE_SECONDS)
    authority, stranger = Authority(tmp_path / "ours"), Authority(tmp_path / "theirs")
    with hostile(authority.sign("127.0.0.1")) as found:
        given = Registered("cityops", "secret").settings(
            found.issuer, "https://cityops.example.vn", tmp_path
        )
        for file, there in ((authority.file, True), (stranger.file, False), ("", False)):
            one = Provider(Settings(state_dir=tmp_path, **given, oidc_ca=str(file)))
            if there:
                assert (await one.address(begun("/"))).startswith(found.issuer)
                continue
            with pytest.raises(NotByProviderError, match="certificate"):
                await one.address(begun("/"))
    with pytest.raises(NotByProviderError):
        await Client("").get("http://[")
