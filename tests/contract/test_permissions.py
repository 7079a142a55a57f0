"""Every route asks for a permission or is public on purpose; every role is let in where it may.

The routes and the roles are the app's own: a new one is checked without a line here.
"""

import re
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import SimpleNamespace
from typing import Any

import httpx
import psycopg
import pytest
from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from services.api import auth, routes
from services.api.app import create_app
from services.api.auth import May
from services.api.permissions import (
    FORMERLY,
    MUST_CHANGE,
    NO_TOKEN,
    OWN,
    PUBLIC,
    RIGHTS,
    ROLES,
    Permission,
    canonical,
    rights,
    roles_with,
)
from services.api.users import Session, User
from services.audit.entry import Entry
from streams.kafka.heartbeat import Words
from streams.settings import Settings

REFUSED = (401, 403)


class AwayPool:
    """Whoever gets past the permission finds the database away."""

    @contextmanager
    def connection(self) -> Iterator[Any]:
        yield SimpleNamespace(execute=self._fail, transaction=self._fail, cursor=self._fail)

    @staticmethod
    def _fail(*_: Any, **__: Any) -> Any:
        raise psycopg.OperationalError("away")


class Noted:
    """In place of the audit log's recorder."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.note = self.entries.append


def app_with(settings: Settings) -> FastAPI:
    app = create_app(settings)
    app.state.pool = AwayPool()
    app.state.frames = SimpleNamespace(newest=lambda _camera: None)
    app.state.heartbeats = SimpleNamespace(latest=dict, words=Words)
    app.state.outages = SimpleNamespace(budgets=list)
    app.state.recorder = Noted()
    return app


APP = app_with(Settings(state_dir=Path("absent"), database_url="postgresql://127.0.0.1:9/absent"))
"""It is asked and never started."""


def routes_of(app: FastAPI) -> list[tuple[str, APIRoute]]:
    found = []
    for route in app.routes:
        assert isinstance(route, APIRoute), f"{route} is no route that can ask for a permission"
        found += [(method, route) for method in sorted(route.methods)]
    return found


def asked_by(route: APIRoute) -> list[Permission]:
    calls = (dependency.call for dependency in route.dependant.dependencies)
    return [call.permission for call in calls if isinstance(call, May)]


ROUTES = routes_of(APP)
CLOSED = [(method, route) for method, route in ROUTES if asked_by(route)]


def named(value: Any) -> str | None:
    return value.path if isinstance(value, APIRoute) else None


@pytest.fixture
async def client(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """A token is the name of a role; "new" who must choose a password first, "bare" who must set
    up a second factor."""
    people: dict[str, Session]
    people = {role: Session(User(f"some {role}", role), None, RIGHTS[role]) for role in ROLES}
    people |= {
        f"{word} {role}": person._replace(**{field: True})
        for word, field in (("new", "must_change"), ("bare", "must_enrol"))
        for role, person in list(people.items())
    }
    monkeypatch.setattr(auth, "session_of", lambda _connection, token, _idle: people.get(token))
    transport = httpx.ASGITransport(APP, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        yield client


async def ask(
    client: httpx.AsyncClient, method: str, route: APIRoute, token: str | None = None
) -> httpx.Response:
    """Without parameters and body: rights are judged before those."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return await client.request(method, re.sub(r"{\w+}", "some-id", route.path), headers=headers)


def test_there_are_routes_of_both_sorts() -> None:
    assert len(CLOSED) > 20
    assert len(ROUTES) == len(CLOSED) + len(PUBLIC)


def test_a_module_has_one_router_with_all_of_its_routes() -> None:
    """Routes of another router would be served by nobody, and checked by nothing here."""
    for found in iter_modules(routes.__path__):
        module = import_module(f"{routes.__name__}.{found.name}")
        routers = [name for name, each in vars(module).items() if isinstance(each, APIRouter)]
        assert routers == ["router"], f"{module.__name__}: put its routes under one `router`"
        assert module.router.routes, f"{module.__name__} has no route: move it out of the folder"
        served = {route.path for _, route in ROUTES}
        assert {route.path for route in module.router.routes} <= served


@pytest.mark.parametrize(("method", "route"), ROUTES, ids=named)
def test_a_route_asks_for_one_permission_or_is_public(method: str, route: APIRoute) -> None:
    asked = asked_by(route)
    expected = 0 if (method, route.path) in PUBLIC else 1
    assert len(asked) == expected, (
        f"{method} {route.path} asks for {asked or 'no permission'}:"
        " use services.api.auth.may once, or add it to services.api.permissions.PUBLIC"
    )


@pytest.mark.parametrize(("method", "route"), CLOSED, ids=named)
async def test_nobody_is_let_in_without_signing_in(
    client: httpx.AsyncClient, method: str, route: APIRoute
) -> None:
    for token in (None, "void"):
        answer = await ask(client, method, route, token)
        assert (answer.status_code, answer.json()["reason"]) == (401, "not_signed_in")


@pytest.mark.parametrize(("method", "route"), CLOSED, ids=named)
async def test_a_role_is_let_in_where_it_has_the_permission(
    client: httpx.AsyncClient, method: str, route: APIRoute
) -> None:
    (permission,) = asked_by(route)
    for role in ROLES:
        for word, reason in (("new", "must_change_password"), ("bare", "must_enrol")):
            answer = await ask(client, method, route, f"{word} {role}")
            if permission in MUST_CHANGE:
                assert answer.status_code not in REFUSED, role
            else:
                assert (answer.status_code, answer.json()["reason"]) == (403, reason), role
        answer = await ask(client, method, route, role)
        if permission in RIGHTS[role]:
            assert answer.status_code not in REFUSED, (role, answer.text)
            assert answer.status_code != 500, (role, answer.text)
        else:
            assert (answer.status_code, answer.json()["reason"]) == (403, "role"), role


def test_every_role_has_rights_and_admin_has_all() -> None:
    assert set(RIGHTS) == set(ROLES)
    assert RIGHTS["administrator"] == frozenset(Permission)


def test_analysts_change_nothing_and_see_no_picture() -> None:
    verbs = {permission.partition(":")[2] for permission in RIGHTS["analyst"]}
    assert verbs == {"read", "export", "end", "own"}  # of their own session, password and tokens
    assert not RIGHTS["analyst"] & {Permission.PICTURES_READ, Permission.EVIDENCE_READ}


def test_data_is_taken_away_by_few() -> None:
    assert roles_with(Permission.DATA_EXPORT) == ["administrator", "analyst", "supervisor"]


def test_everybody_may_what_concerns_only_themselves() -> None:
    for permissions in (*RIGHTS.values(), rights("gone", None)):
        assert permissions >= OWN
    assert {each.partition(":")[2] for each in OWN} == {"read", "end", "own"}
    assert {
        Permission.KEYS_MANAGE,
        Permission.CHANNELS_MANAGE,
        Permission.ALERTS_WARN,
        Permission.PICTURES_ORIGINAL,
        Permission.PICTURES_ERASE,
    } == NO_TOKEN - OWN
    assert MUST_CHANGE < OWN


def test_a_role_of_the_sites_own_may_what_it_says_and_nothing_that_is_not_known() -> None:
    assert rights("dispatcher", ["alerts:act", "nothing:known"]) == OWN | {Permission.ALERTS_ACT}
    assert rights("analyst", ["alerts:act"]) == RIGHTS["analyst"], "one that comes with CityOps"


def test_former_names_of_roles_are_understood() -> None:
    assert {canonical(name) for name in FORMERLY} <= set(ROLES)
    assert not set(FORMERLY) & set(ROLES)


def test_every_permission_is_asked_for_and_is_a_noun_with_a_verb() -> None:
    assert {asked for _, route in CLOSED for asked in asked_by(route)} == set(Permission)
    for permission in Permission:
        assert re.fullmatch(r"[a-z]+:[a-z]+", permission)
