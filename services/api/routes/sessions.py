"""``/api/session``: signing in, who is signed in, another password, signing out."""

import secrets
from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, ConfigDict, Field

from services.alerts.store import Connection
from services.api import devices, factors, passwords, signin, users
from services.api.asked import asked
from services.api.attempts import ask, attempt_of
from services.api.auth import (
    BROWSER,
    COOKIE,
    asker,
    cookie,
    idle_seconds,
    may,
    pool_of,
    set_cookie,
    token_of,
)
from services.api.permissions import Permission
from services.api.problems import ProblemError, answers
from services.api.recording import recorded
from services.api.signin import Attempt

router = APIRouter(tags=["session"], prefix="/api/session")

_BROWSER_LENGTH = 43


class SignIn(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "lan", "password": "three unusual words"}]}
    )
    name: str = Field(min_length=1, max_length=100)
    password: str = Field(min_length=1, max_length=1000)
    code: str = Field(
        "", max_length=40, description="Of the second factor, or a recovery code, where asked for"
    )


class NewPassword(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"old": "as given", "new": "three unusual words"}]}
    )
    old: str = Field(min_length=1, max_length=1000)
    new: str = Field(
        min_length=1,
        max_length=1000,
        description=f"At least {passwords.LEAST} characters, and not guessed easily",
    )


class SessionBody(BaseModel):
    name: str
    role: str
    expires_at: str | None = Field(description="RFC 3339; null: never")
    permissions: list[Permission]
    wards: list[str] | None = Field(
        description="Only of these is anything shown; null: everywhere; none: nowhere"
    )
    must_change_password: bool = Field(
        description="Nothing is allowed before `PUT /api/session/password`"
    )
    must_enrol: bool = Field(
        description="The role needs a second factor: nothing is allowed before one is set up by"
        " `/api/session/factor`, or, by an identity provider, shown there"
    )
    by_provider: bool = Field(
        description="The account is an identity provider's: it has no password here"
    )
    idle_seconds: int = Field(
        description="Without use for so long it ends; reading by cookie is none, `PUT"
        " /api/session` is; 0: it does not"
    )


class NewSession(SessionBody):
    token: str = Field(description="For `Authorization: Bearer`; browsers have it as a cookie")


@router.post("", responses=answers(401, 422, 429))
async def sign_in(body: SignIn, request: Request, response: Response) -> NewSession:
    """Signs in; after repeated failures the answer is 429, with `Retry-After` in seconds.

    Who has a second factor is asked for its `code` when the password is right: `code_required`.
    """
    browser = request.cookies.get(cookie(request, BROWSER), "")
    attempt = await attempt_of(request, body.name, body.password, browser)
    label = request.headers.get("user-agent", "")[:200]
    if len(browser) != _BROWSER_LENGTH:  # several people may sign in in one
        browser = secrets.token_urlsafe(32) if "mozilla" in label.lower() else ""
    await _check_code(request, attempt, body.code)

    def enter(connection: Connection) -> tuple[str, users.Session]:
        with recorded(request, connection):
            token, found = signin.succeed(connection, attempt, label=label, browser=browser)
            asked(request).by(found)
            devices.others_out(connection, browser, found.user.name)
        return token, found

    token, found = await ask(pool_of(request), enter)
    if browser:
        set_cookie(request, response, BROWSER, browser, users.BROWSER_SECONDS)
    return _new(request, response, token, found)


@router.get("", dependencies=[may(Permission.SESSION_READ)], responses=answers(401))
def who(request: Request) -> SessionBody:
    """Who is signed in, and until when."""
    return _body(request, asker(request))


@router.put(
    "", status_code=204, dependencies=[may(Permission.SESSION_READ)], responses=answers(401)
)
def use() -> None:
    """Says that somebody is there, which reading by cookie does not: see `idle_seconds`."""


@router.put(
    "/password",
    dependencies=[may(Permission.PASSWORD_OWN)],
    responses=answers(401, 403, 409, 422, 429),
)
async def change_password(body: NewPassword, request: Request, response: Response) -> NewSession:
    """Another password of one's own; all other sessions end, and this one gets another token."""
    found = asker(request)
    name = found.user.name
    own_password(found)
    # Whoever has found an open session may not guess the password by it.
    attempt = await attempt_of(request, name, body.old, "", wrong=403)
    if body.new == body.old:
        raise ProblemError(422, "weak_password", "that is the password that you have")
    hashing: passwords.Hashing = request.app.state.hashing
    try:
        await hashing.run(passwords.check, body.new, (name,))
        hashed = await hashing.run(passwords.hashed, body.new)
    except passwords.WeakPasswordError as weak:
        raise ProblemError(422, "weak_password", str(weak)) from None

    def change(connection: Connection) -> tuple[str, users.Session]:
        with recorded(request, connection):
            if not users.set_password(connection, name, hashed, before=attempt.hash):
                raise ProblemError(409, "changed", "it was changed by somebody else meanwhile")
            users.end(connection, name, purposes=(users.CONSOLE,))
            here = request.cookies.get(cookie(request, BROWSER), "")
            users.forget_devices(connection, name, but=here)
            fresh = users.account(connection, name)
            return signin.succeed(
                connection,
                attempt._replace(account=fresh),
                label=request.headers.get("user-agent", "")[:200],
            )

    token, found = await ask(pool_of(request), change)
    await run_in_threadpool(users.first_password_used, request.app.state.settings, name)
    return _new(request, response, token, found)


@router.delete(
    "", status_code=204, dependencies=[may(Permission.SESSION_END)], responses=answers(401)
)
def sign_out(
    request: Request, response: Response, token: Annotated[str, Depends(token_of)]
) -> None:
    """Voids the token; nobody is told of alerts in this browser any more."""
    with pool_of(request).connection() as connection, recorded(request, connection):
        signin.sign_out(connection, token)
        devices.signed_out(connection, request.cookies.get(cookie(request, BROWSER), ""))
    response.delete_cookie(
        cookie(request), httponly=True, samesite="strict", secure=request.url.scheme == "https"
    )


async def _check_code(request: Request, attempt: Attempt, code: str) -> None:
    """Raises ProblemError where a second factor is asked for, and the code is none of it."""
    name = str(attempt.who["user_name"])
    settings, pool = request.app.state.settings, pool_of(request)
    if not await ask(pool, lambda connection: factors.asked(connection, name)):
        return
    if not code:
        raise ProblemError(401, "code_required", "give the code of the second factor, too")
    if not await ask(pool, lambda connection: factors.matches(connection, settings, name, code)):
        raise ProblemError(401, "wrong_code", "the code is wrong, too old, or was used already")


def _new(request: Request, response: Response, token: str, found: users.Session) -> NewSession:
    set_cookie(request, response, COOKIE, token, users.SESSION_SECONDS)
    return NewSession(token=token, **_body(request, found).model_dump())


def own_password(found: users.Session) -> None:
    """Raises ProblemError where somebody has none here."""
    if found.by_provider:
        raise ProblemError(409, "by_provider", "your account is the identity provider's")


def _body(request: Request, found: users.Session) -> SessionBody:
    return SessionBody(
        name=found.user.name,
        role=found.user.role,
        expires_at=found.expires_at.isoformat() if found.expires_at else None,
        permissions=sorted(found.permissions),
        wards=None if found.area is None else sorted(found.area),
        must_change_password=found.must_change,
        must_enrol=found.must_enrol,
        by_provider=found.by_provider,
        idle_seconds=int(idle_seconds(request)) if found.purpose == users.CONSOLE else 0,
    )
