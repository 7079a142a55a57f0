"""``/api/session/provider``: signing in by an identity provider (OpenID Connect, code with PKCE).

Browsers are sent there and come back; whatever goes wrong they end at the console's page, with a
word in its address that the page has a sentence for. Nothing here asks who somebody is.
"""

import logging
import re
from typing import TYPE_CHECKING, Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import RedirectResponse
from pydantic import BaseModel, Field

from services.alerts.store import Connection
from services.api import devices, users
from services.api.asked import asked
from services.api.attempts import ask
from services.api.auth import BROWSER, COOKIE, cookie, pool_of, set_cookie
from services.api.problems import ProblemError, answers
from services.api.provider import people, states
from services.api.provider.people import Entry
from services.api.provider.refusal import NotByProviderError
from services.api.recording import recorded

if TYPE_CHECKING:
    from services.api.provider.provider import Provider

router = APIRouter(tags=["session"], prefix="/api/session/provider")

STATE = "cityops_state"
"""The cookie of a sign-in under way."""
SEE_OTHER = 303
_BACK = re.compile(r"/(?:\?[\w%&=.~+,:@!$'()*;/?-]{0,1000})?", re.ASCII)
"""The console is one page; what it shows stands in its address."""
_ONCE = ("code", "state", "iss", "error")
_CODE_WORD = re.compile(r"[a-z_]{1,40}")

log = logging.getLogger(__name__)


class ProviderBody(BaseModel):
    there: bool = Field(description="People may sign in by a provider, too")
    name: str = Field(description="What people call it")
    up: bool = Field(description="It answered when it was last asked, a minute ago at most")
    signs_out: bool = Field(description="`/api/session/provider/end` ends the session there, too")


@router.get("", responses=answers())
async def get_provider(request: Request) -> ProviderBody:
    """Whether there is a provider, and whether it answers; nobody waits for it here."""
    found: Provider | None = request.app.state.provider
    if found is None:
        return ProviderBody(there=False, name="", up=False, signs_out=False)
    found.look()
    return ProviderBody(there=True, name=found.name, up=found.up, signs_out=found.signs_out)


@router.get(
    "/begin", status_code=SEE_OTHER, response_class=RedirectResponse, responses=answers(404)
)
async def begin(
    request: Request,
    back: Annotated[str, Query(max_length=1100, description="Path and query in the console")] = "/",
) -> RedirectResponse:
    """Sends the browser to the provider."""
    state = states.begun(back if _BACK.fullmatch(back) else "/")
    try:
        address = await _provider(request).address(state)
    except NotByProviderError as error:
        log.warning("signing in by the provider: %s", error)
        return _to(f"/?signin={error.reason}")
    answer = _to(address)
    _set_state(request, answer, states.sealed(state, request.app.state.settings))
    return answer


@router.get(
    "/callback", status_code=SEE_OTHER, response_class=RedirectResponse, responses=answers(404)
)
async def callback(request: Request) -> RedirectResponse:
    """Where the provider sends the browser back to, with a code; signs in whom it vouches for."""
    _provider(request)
    told = asked(request)
    try:
        state = _state(request)
    except NotByProviderError as error:
        log.warning("signing in by the provider: %s", error)
        told.turned_away("failed", error.reason)
        return _to(f"/?signin={error.reason}")
    try:
        entry = await _enter(request, state)
    except NotByProviderError as error:
        log.warning("signing in by the provider: %s", error)
        told.subject = error.subject
        refused = error.reason in (
            "no_role",
            "factor_required",
            "disabled",
            "name_taken",
            "no_name",
        )
        told.turned_away("refused" if refused else "failed", error.reason)
        answer = _to(f"/?signin={error.reason}")
    else:
        answer = _to(state.back)
        set_cookie(request, answer, COOKIE, entry.token, users.SESSION_SECONDS)
    _set_state(request, answer, "")
    return answer


@router.get("/end", status_code=SEE_OTHER, response_class=RedirectResponse, responses=answers(404))
async def end(request: Request) -> RedirectResponse:
    """Sends the browser to where it signs out of the provider, too, if there is such a place."""
    return _to(await _provider(request).farewell() or "/")


def _provider(request: Request) -> "Provider":
    found: Provider | None = request.app.state.provider
    if found is None:
        raise ProblemError(404, "no_provider", "there is no identity provider")
    return found


def _state(request: Request) -> states.State:
    """The sign-in that this browser has begun, and this address belongs to."""
    given = request.query_params
    if any(len(given.getlist(name)) > 1 for name in _ONCE):
        raise NotByProviderError("wrong_state", "the answer says something twice")
    sealed = request.cookies.get(cookie(request, STATE), "")
    return states.opened(sealed, given.get("state", ""), request.app.state.settings)


async def _enter(request: Request, state: states.State) -> Entry:
    provider, given = _provider(request), request.query_params
    settings, pool = request.app.state.settings, pool_of(request)
    await provider.check_issuer(given.get("iss"))
    await ask(pool, lambda connection: people.use(connection, state))
    if "error" in given or not given.get("code"):
        word = given.get("error", "no code")
        said = word if _CODE_WORD.fullmatch(word) else "something"
        raise NotByProviderError("provider_denied", f"the provider says {said}")
    person = await provider.person(given["code"], state)
    label = request.headers.get("user-agent", "")[:200]
    address = request.client.host if request.client else ""

    def enter(connection: Connection) -> Entry:
        with recorded(request, connection):
            entry = people.enter(connection, settings, person, label=label, address=address)
            told = asked(request)
            told.by(entry.session)
            told.detail = entry.told
            here = request.cookies.get(cookie(request, BROWSER), "")
            devices.others_out(connection, here, entry.session.user.name)
            return entry

    def leave(connection: Connection) -> None:
        with connection.transaction():
            people.leave(connection, person)

    try:
        return await ask(pool, enter)
    except NotByProviderError as error:
        if error.reason == "no_role":
            await ask(pool, leave)
        raise


def _to(address: str) -> RedirectResponse:
    return RedirectResponse(address, SEE_OTHER)


def _set_state(request: Request, answer: RedirectResponse, value: str) -> None:
    """`Lax`, as the browser comes from the provider's pages; empty: it is over."""
    answer.set_cookie(
        cookie(request, STATE),
        value,
        max_age=states.SECONDS if value else 0,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )
