"""Every route says what people get of it who are limited to an area; one that does not is closed.

The routes are the app's own: a new one is found here without a line.
"""

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi.routing import APIRoute

from services.api import auth
from services.api.limited import CITYWIDE, FILTERED, PLACELESS, is_open
from services.api.permissions import Permission
from services.api.users import Session, User
from tests.contract.test_permissions import APP, CLOSED, ROUTES, ask, named

KNOWN = {(method, route.path) for method, route in CLOSED}
EVERYTHING = frozenset(Permission)


@pytest.mark.parametrize(("method", "route"), CLOSED, ids=named)
def test_a_route_says_what_of_it_an_area_shows(method: str, route: APIRoute) -> None:
    asked = method, route.path
    lines = [asked in lines for lines in (FILTERED, PLACELESS, CITYWIDE)]
    assert sum(lines) == 1, (
        f"{method} {route.path}: say in services/api/limited.py whether it shows what is inside an"
        " area only (FILTERED), says nothing of a place (PLACELESS), or is the whole city's"
        " (CITYWIDE)"
    )


def test_no_line_is_of_a_route_that_is_gone() -> None:
    assert FILTERED | set(PLACELESS) | set(CITYWIDE) == KNOWN
    assert len(KNOWN) == len(CLOSED) < len(ROUTES)


def test_what_nobody_has_thought_of_is_closed() -> None:
    assert not is_open("GET", "/api/new")
    assert is_open("HEAD", "/api/alerts")


@pytest.fixture
async def client(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[httpx.AsyncClient]:
    """Tokens: "limited" and, for the control, "everywhere", who both may do all else."""
    may = Session(User("somebody", "administrator"), None, EVERYTHING)
    people = {"everywhere": may, "limited": may._replace(area=frozenset({"Hồng Bàng"}))}
    monkeypatch.setattr(auth, "session_of", lambda _connection, token, _idle: people.get(token))
    transport = httpx.ASGITransport(APP, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://app") as client:
        yield client


@pytest.mark.parametrize(("method", "route"), CLOSED, ids=named)
async def test_what_is_the_whole_citys_is_refused_to_who_is_limited(
    client: httpx.AsyncClient, method: str, route: APIRoute
) -> None:
    answer = await ask(client, method, route, "limited")
    if (method, route.path) in CITYWIDE:
        assert (answer.status_code, answer.json()["reason"]) == (403, "limited_area")
    else:
        assert answer.status_code not in (401, 403, 500), answer.text
    control = await ask(client, method, route, "everywhere")
    assert control.status_code not in (401, 403, 500), control.text
