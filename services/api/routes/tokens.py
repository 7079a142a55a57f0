"""``/api/sessions`` and ``/api/tokens``: where one is signed in, and tokens for one's programs."""

from collections.abc import Sequence
from typing import Literal

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field

from services.alerts.store import Connection
from services.api import users
from services.api.auth import asker, idle_seconds, may
from services.api.changing import Database
from services.api.permissions import NO_TOKEN, Permission
from services.api.problems import ProblemError, answers
from services.api.queries import SQL
from services.api.teams import checked

router = APIRouter(tags=["session"], prefix="/api")

LONGEST_DAYS = 366
MOST = 50
"""Tokens that one user has at a time."""


class SessionRow(BaseModel):
    id: str
    user: str
    kind: Literal["session", "token"]
    label: str = Field(description="A token's name; of a session the program that signed in")
    scopes: list[str] | None = Field(description="What a token may; null: all that its user may")
    wards: list[str] | None = Field(
        description="What a token may see of what its user may; null: all that"
    )
    address: str = Field(description="That signed in; empty: not known")
    created_at: str = Field(description="RFC 3339, as all times")
    used_at: str = Field(description="To the minute")
    expires_at: str | None
    current: bool = Field(description="It is the one that asks")


class TokenIn(BaseModel):
    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "examples": [{"label": "wall display", "scopes": ["alerts:read"], "days": 90}]
        },
    )
    label: str = Field(min_length=1, max_length=100)
    scopes: list[Permission] = Field(
        min_length=1, description="A part of what you may; it may nothing that you may no more"
    )
    wards: list[str] | None = Field(
        default=None,
        min_length=1,
        max_length=200,
        description="A part of what you may see; null: all that, whatever that is",
    )
    days: int = Field(ge=1, le=LONGEST_DAYS, description="After which it is void")


class NewToken(BaseModel):
    id: str
    token: str = Field(description="For `Authorization: Bearer`; it is said this once")


class Done(BaseModel):
    id: str


@router.get("/sessions", dependencies=[may(Permission.SESSIONS_OWN)], responses=answers(401))
def list_sessions(request: Request, database: Database) -> list[SessionRow]:
    """Where you are signed in, the place used last first."""
    found = asker(request)
    return rows(database, found.user.name, (users.CONSOLE,), idle_seconds(request), found.id)


@router.delete(
    "/sessions/{id}", dependencies=[may(Permission.SESSIONS_OWN)], responses=answers(401, 404)
)
def end_session(id: str, request: Request, database: Database) -> Done:
    """Signs you out there."""
    name = asker(request).user.name
    if not users.end(database, name, id=id, purposes=(users.CONSOLE,)):
        raise ProblemError(404, "no_session", "you have no such session")
    return Done(id=id)


@router.get("/tokens", dependencies=[may(Permission.TOKENS_OWN)], responses=answers(401))
def list_tokens(request: Request, database: Database) -> list[SessionRow]:
    """Your tokens, the one used last first; what they are is not said again."""
    found = asker(request)
    return rows(database, found.user.name, (users.TOKEN,), 0)


@router.post(
    "/tokens",
    dependencies=[may(Permission.TOKENS_OWN)],
    responses=answers(401, 403, 409, 422),
)
def add_token(body: TokenIn, request: Request, database: Database) -> NewToken:
    """Makes a token for a program that is to act in your name."""
    found = asker(request)
    if found.purpose == users.SERVICE:
        said = "the machine has a token of its own: sign in as yourself"
        raise ProblemError(409, "not_a_person", said)
    if beyond := sorted(set(body.scopes) & NO_TOKEN):
        raise ProblemError(422, "invalid", f"scopes: no token may {', '.join(beyond)}")
    users.grants(found, body.scopes, "the token")
    wards = checked(database, found, body.wards, "the token")
    with database.transaction():
        if len(rows(database, found.user.name, (users.TOKEN,), 0)) >= MOST:
            raise ProblemError(409, "too_many", f"you have {MOST} tokens: end one first")
        token, number = users.keep(
            database,
            found.user.name,
            users.TOKEN,
            seconds=body.days * 86400,
            label=body.label,
            scopes=body.scopes,
            wards=wards,
            address=request.client.host if request.client else "",
        )
    return NewToken(id=number, token=token)


@router.delete(
    "/tokens/{id}", dependencies=[may(Permission.TOKENS_OWN)], responses=answers(401, 404)
)
def end_token(id: str, request: Request, database: Database) -> Done:
    """Voids a token of yours, at once."""
    name = asker(request).user.name
    if not users.end(database, name, id=id, purposes=(users.TOKEN,)):
        raise ProblemError(404, "no_token", "you have no such token")
    return Done(id=id)


def rows(
    database: Connection,
    name: str,
    purposes: Sequence[str],
    idle_seconds: float,
    current: str = "",
) -> list[SessionRow]:
    """Somebody's sessions, tokens or both."""
    asked = {"user_name": name, "purposes": list(purposes), "idle_seconds": idle_seconds}
    found = database.execute(SQL["sessions_list"], asked).fetchall()
    return [
        SessionRow(
            id=number,
            user=user,
            kind="token" if purpose == users.TOKEN else "session",
            label=label,
            scopes=scopes,
            wards=wards,
            address=address,
            created_at=created.isoformat(),
            used_at=used.isoformat(),
            expires_at=until.isoformat() if until else None,
            current=number == current,
        )
        for number, user, purpose, label, scopes, wards, address, created, used, until in found
    ]
