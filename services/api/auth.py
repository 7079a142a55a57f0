"""Who may use which route: every route names its roles, or says that anyone may.

A router takes ``user: Annotated[User, Depends(needs("engineer"))]``; ``admin`` may do everything.
Programs send ``Authorization: Bearer TOKEN``, browsers the cookie that signing in has set.
"""

from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends, Request
from psycopg_pool import ConnectionPool

from services.api.accounts import ROLES, Role, Session, User, session_of
from services.api.problems import ProblemError

COOKIE = "cityops_session"
_SAFE = {"GET", "HEAD", "OPTIONS"}


class Needs:
    """A dependency: gives the user, or answers 401 or 403."""

    def __init__(self, roles: frozenset[Role]) -> None:
        self.roles = roles

    def __call__(self, request: Request) -> User:
        user = session(request).user
        if user.role not in self.roles:
            allowed = ", ".join(sorted(self.roles))
            raise ProblemError(403, "role", f"{user.name} is {user.role}; this takes {allowed}")
        return user


class Anyone:
    """A dependency that says on purpose that a route needs no sign-in."""

    async def __call__(self) -> None:
        return None


def needs(*roles: Role) -> Needs:
    """Users of one of these roles, or of ``admin``; none given: whoever is signed in."""
    return Needs(frozenset({*roles, "admin"}) if roles else frozenset(ROLES))


anyone = Anyone()
SignedIn = Annotated[User, Depends(needs())]
Operator = Annotated[User, Depends(needs("operator"))]
Engineer = Annotated[User, Depends(needs("engineer"))]


def pool_of(request: Request) -> ConnectionPool:
    """The app's connections, in autocommit, inside the namespace's schema."""
    pool: ConnectionPool = request.app.state.pool
    return pool


def token_of(request: Request) -> str:
    """The request's token, empty where it has none.

    Raises:
        ProblemError: a cookie comes with a request that another site's page has made.
    """
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer" and token:
        return token.strip()
    token = request.cookies.get(COOKIE, "")
    origin = request.headers.get("origin")
    # Beside SameSite=Strict, for browsers that do not keep to it.
    changes = bool(token) and request.method not in _SAFE
    if changes and origin and urlsplit(origin).netloc != request.headers.get("host"):
        raise ProblemError(403, "foreign_origin", f"a page of {origin} must not do this")
    return token


def session(request: Request) -> Session:
    """Raises ProblemError 401 where nobody is signed in."""
    token = token_of(request)
    if token:
        with pool_of(request).connection() as connection:
            found = session_of(connection, token)
        if found is not None:
            return found
    raise ProblemError(
        401,
        "not_signed_in",
        "sign in first: POST /api/session",
        headers={"WWW-Authenticate": "Bearer"},
    )
