"""``/api/session``: signing in, who is signed in, signing out."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from services.api import users
from services.api.auth import COOKIE, may, pool_of, session, token_of
from services.api.permissions import Permission, Role
from services.api.problems import ProblemError, answers

router = APIRouter(tags=["session"], prefix="/api/session")


class SignIn(BaseModel):
    model_config = ConfigDict(
        json_schema_extra={"examples": [{"name": "admin", "password": "as printed by make up"}]}
    )
    name: str = Field(min_length=1, max_length=100)
    password: str = Field(min_length=1, max_length=1000)


class SessionBody(BaseModel):
    name: str
    role: Role
    expires_at: str | None = Field(description="RFC 3339; null: never")


class NewSession(SessionBody):
    token: str = Field(description="For `Authorization: Bearer`; browsers have it as a cookie")


@router.post("", responses=answers(401, 422, 429))
def sign_in(body: SignIn, request: Request, response: Response) -> NewSession:
    """Signs in; after repeated failures the answer is 429, with `Retry-After` in seconds."""
    address = request.client.host if request.client else ""
    with pool_of(request).connection() as connection:
        try:
            token, found = users.sign_in(connection, body.name, body.password, address)
        except users.WrongPasswordError as error:
            raise ProblemError(401, "wrong_password", str(error)) from None
        except users.TooManyFailuresError as error:
            wait = {"Retry-After": str(int(error.seconds) + 1)}
            raise ProblemError(429, "too_many_failures", str(error), headers=wait) from None
    response.set_cookie(
        COOKIE,
        token,
        max_age=users.SESSION_SECONDS,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )
    return NewSession(token=token, **_body(found).model_dump())


@router.get("", dependencies=[may(Permission.SESSION_READ)], responses=answers(401))
def who(request: Request) -> SessionBody:
    """Who is signed in, and until when."""
    return _body(session(request))


@router.delete(
    "", status_code=204, dependencies=[may(Permission.SESSION_END)], responses=answers(401)
)
def sign_out(
    request: Request, response: Response, token: Annotated[str, Depends(token_of)]
) -> None:
    """Voids the token."""
    with pool_of(request).connection() as connection:
        users.sign_out(connection, token)
    response.delete_cookie(COOKIE, httponly=True, samesite="strict")


def _body(found: users.Session) -> SessionBody:
    until = found.expires_at.isoformat() if found.expires_at else None
    return SessionBody(name=found.user.name, role=found.user.role, expires_at=until)
