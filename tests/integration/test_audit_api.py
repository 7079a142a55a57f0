"""The audit log over HTTP: every role, its filters and pages, and text that comes from anybody."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from services.api.permissions import RIGHTS, ROLES, Permission, Role
from services.api.routes import audit as route
from tests.support.audit import settled, told
from tests.support.desk import Desk, open_desk

NASTY = "x\u202e\x1b[2J<b>[bold]"


@pytest.fixture(scope="module")
def desk(
    database_server: str, template_database: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Desk]:
    state = tmp_path_factory.mktemp("state")
    with open_desk(database_server, template_database, state) as desk:
        yield desk


def listed(client: httpx.Client, **filters: Any) -> list[dict[str, Any]]:
    answer = client.get("/api/audit", params=filters)
    assert answer.is_success, answer.text
    lines: list[dict[str, Any]] = answer.json()["lines"]
    return lines


@pytest.mark.parametrize("role", ROLES)
def test_who_may_read_it_does_and_that_is_recorded(desk: Desk, role: Role) -> None:
    name = desk.person(role)
    answer = desk.client(desk.token(name)).get("/api/audit")
    outcome = "done" if Permission.AUDIT_READ in RIGHTS[role] else "refused"
    assert answer.status_code == (200 if outcome == "done" else 403)
    line = told(desk, lambda one: one.actor == name and one.action == "audit:read")
    assert line.outcome == outcome


def test_a_role_of_the_sites_own_makes_an_auditor(desk: Desk) -> None:
    machine = desk.machine()
    rights = {"permissions": ["audit:read"]}
    machine.put("/api/roles/auditor", json=rights).raise_for_status()
    client = desk.client(desk.token(desk.person("auditor")))
    (line,) = listed(client, action="role:put")
    assert (line["subject"], line["detail"]) == ("auditor", "permissions: audit:read")
    assert client.get("/api/alerts").status_code == 403


def test_filters_and_pages_give_every_line_once_the_newest_first(desk: Desk) -> None:
    machine, names = desk.machine(), [desk.person() for _ in range(4)]
    for name in names:
        machine.put(f"/api/users/{name}/role", json={"role": "supervisor"}).raise_for_status()
    machine.put("/api/users/nobody/role", json={"role": "supervisor"})
    settled(desk)
    found = listed(machine, action="user:role", outcome="done")
    assert [line["subject"] for line in found] == names[::-1]
    assert [line["sequence"] for line in found] == sorted(
        (line["sequence"] for line in found), reverse=True
    )
    (failed,) = listed(machine, action="user", outcome="failed")
    assert (failed["subject"], failed["reason"]) == ("nobody", "no_user")
    assert listed(machine, actor="MACHINE", subject=names[1], action="user:role")
    assert listed(machine, until="2020-01-01T00:00:00Z") == []
    assert listed(machine, since="2999-01-01T00:00:00Z") == []
    pages: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        asked = {"limit": 2, "action": "user:role"} | ({"cursor": cursor} if cursor else {})
        page = machine.get("/api/audit", params=asked).json()
        pages, cursor = pages + page["lines"], page["next"]
    assert [line["subject"] for line in pages] == ["nobody", *names[::-1]]


@pytest.mark.parametrize(
    ("filters", "status"),
    [
        ({"since": "yesterday"}, 422),
        ({"outcome": "lost"}, 422),
        ({"limit": 0}, 422),
        ({"limit": route.MAX_PAGE + 1}, 422),
        ({"cursor": "x"}, 400),
        ({"cursor": "kQA"}, 400),
    ],
)
def test_what_cannot_be_meant_is_refused(desk: Desk, filters: Any, status: int) -> None:
    assert desk.machine().get("/api/audit", params=filters).status_code == status


def test_text_from_outside_is_exact_and_bounded(desk: Desk) -> None:
    machine = desk.machine()
    machine.put(f"/api/users/{quote(NASTY + 'y' * 400)}/role", json={"role": "supervisor"})
    told(desk, lambda one: one.subject.startswith("x\u202e"))
    (line,) = [one for one in listed(machine, action="user:role") if NASTY in one["subject"]]
    assert len(line["subject"]) == 200


def test_by_which_means_and_with_which_token_is_said(desk: Desk) -> None:
    name = desk.person("engineer")
    browser = desk.signed_in(name)
    wall = {"label": "importer", "scopes": ["configuration:change"], "days": 3}
    token = browser.post("/api/tokens", json=wall).json()["token"]
    zone = {"id": "z", "source": "nowhere", "polygon": [[0, 0], [1, 1]]}
    for client in (browser, desk.client(token), desk.client(desk.token(name))):
        assert client.post("/api/zones", json=zone).status_code == 422
    cityops = desk.client(desk.settings.secret("token").read_text().strip(), **AGENT)
    assert cityops.post("/api/zones", json=zone).status_code == 422
    settled(desk)
    lines = listed(desk.machine(), action="zone:put", outcome="failed")
    assert [(one["actor"], one["means"], one["label"]) for one in lines[::-1]] == [
        (name, "browser", ""),
        (name, "token", "importer"),
        (name, "api", ""),
        ("machine", "command line", ""),
    ]
    (made,) = listed(desk.machine(), action="token:add")
    assert made["detail"] == "scopes: configuration:change; days: 3"


AGENT = {"User-Agent": "cityops/0.1.0"}


def test_the_address_is_what_a_trusted_proxy_says_and_nobody_else(
    database_server: str, template_database: str, tmp_path: Any
) -> None:
    told_by = {"X-Forwarded-For": "203.0.113.9"}
    for proxies, address in (("", "127.0.0.1"), ("127.0.0.1", "203.0.113.9")):
        state = tmp_path / (proxies or "none")
        with open_desk(database_server, template_database, state, trusted_proxies=proxies) as desk:
            name = desk.person()
            assert desk.try_in(name, "guess", **told_by).status_code == 401
            line = told(desk, lambda one, name=name: one.subject == name)
            assert line.address == address
