"""Every route says what of it goes into the audit log; every refusal does.

The routes and the roles are the app's own: a new one is found here without a line.
"""

import re

import httpx
import pytest
from fastapi.routing import APIRoute

from services.api.audited import RULES, UNRECORDED, Rule, rule_of
from services.api.permissions import PUBLIC, RIGHTS, ROLES
from services.audit.entry import Entry
from tests.contract.test_permissions import (
    APP,
    CLOSED,
    ROUTES,
    ask,
    asked_by,
    client,
    named,
)

__all__ = ["client"]

KNOWN = {(method, route.path) for method, route in ROUTES}
OF_EVERYBODY = {("GET", "/healthz"), ("GET", "/openapi.json"), ("GET", "/")}
"""They tell no secrets, and nobody has signed in."""


@pytest.mark.parametrize(("method", "route"), ROUTES, ids=named)
def test_a_route_says_what_of_it_is_recorded(method: str, route: APIRoute) -> None:
    asked = method, route.path
    if asked in OF_EVERYBODY:
        return
    assert (asked in RULES) != (asked in UNRECORDED), (
        f"{method} {route.path}: say in services/api/audited.py what of it goes into the audit"
        " log, in RULES, or why nothing does, in UNRECORDED"
    )


def test_no_rule_is_of_a_route_that_is_gone() -> None:
    assert set(RULES) | set(UNRECORDED) <= KNOWN
    assert OF_EVERYBODY <= PUBLIC


@pytest.mark.parametrize(("method", "route"), CLOSED, ids=named)
def test_what_changes_something_is_recorded_with_it(method: str, route: APIRoute) -> None:
    if method != "GET" and (method, route.path) not in UNRECORDED:
        assert RULES[method, route.path].sort in ("change", "order")
    elif not route.path.startswith("/api/exports/"):
        rule = RULES.get((method, route.path))
        assert rule is None or rule.sort == "view"
    else:
        rule = RULES[method, route.path]
        assert (rule.sort, rule.action.partition(":")[2]) == ("order", "export")


@pytest.mark.parametrize(("asked", "rule"), RULES.items(), ids=str)
def test_a_rule_has_an_action_and_a_subject_that_is_there(
    asked: tuple[str, str], rule: Rule
) -> None:
    _, path = asked
    assert re.fullmatch(r"[a-z]+:[a-z-]+", rule.action)
    in_path = re.findall(r"{(\w+)}", path)
    assert rule.subject in in_path if in_path else True
    route = next(route for one, route in ROUTES if (one, route.path) == asked)
    body = route.body_field
    fields = set(body.field_info.annotation.model_fields) if body is not None else set()
    assert set(rule.tells) <= fields
    assert rule.subject in {"", *in_path, *fields}
    assert not set(rule.tells) & {"password", "old", "new", "code", "token", "address"}, (
        "secrets never enter the audit log"
    )


def test_control_a_route_that_nobody_has_thought_of_is_recorded_all_the_same() -> None:
    assert rule_of("POST", "/api/new") == Rule("view", "post:/api/new")
    assert rule_of("GET", "/api/new") == Rule("view", "get:/api/new")
    assert rule_of("GET", "/api/alerts") is None


@pytest.mark.parametrize(("method", "route"), CLOSED, ids=named)
async def test_a_refusal_is_recorded_with_who_and_what(
    client: httpx.AsyncClient, method: str, route: APIRoute
) -> None:
    noted: list[Entry] = APP.state.recorder.entries
    (permission,) = asked_by(route)
    for role in ROLES:
        noted.clear()
        answer = await ask(client, method, route, role)
        refused = [entry for entry in noted if entry.outcome == "refused"]
        if permission in RIGHTS[role]:
            assert refused == [], role
            continue
        assert answer.status_code == 403, role
        (entry,) = refused
        assert (entry.actor, entry.role, entry.reason) == (f"some {role}", role, "role")
        rule = RULES.get((method, route.path))
        assert entry.action == (rule.action if rule else f"{method.lower()}:{route.path}")
        if rule and f"{{{rule.subject}}}" in route.path:
            assert entry.subject == "some-id"
        assert entry.address == "127.0.0.1"


async def test_a_token_that_is_void_is_recorded_and_no_token_is_not(
    client: httpx.AsyncClient,
) -> None:
    noted: list[Entry] = APP.state.recorder.entries
    method, route = CLOSED[0]
    noted.clear()
    await ask(client, method, route)
    assert noted == []
    await ask(client, method, route, "void")
    (entry,) = noted
    assert (entry.action, entry.outcome, entry.actor) == ("session:use", "refused", "")
    assert "void" not in str(entry)
