"""Who asks, and whether they may: a route asks for a permission by ``may(…)``.

Programs send ``Authorization: Bearer TOKEN``, browsers the cookie that signing in has set.
"""

from typing import Any
from urllib.parse import urlsplit

from fastapi import Depends, Request
from psycopg_pool import ConnectionPool

from services.api.permissions import RIGHTS, Permission, roles_with
from services.api.problems import ProblemError
from services.api.users import Session, User, session_of

COOKIE = "cityops_session"
_SAFE = {"GET", "HEAD", "OPTIONS"}


class May:
    """A dependency: gives the user, or answers 401 or 403."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    def __call__(self, request: Request) -> User:
        user = session(request).user
        if self.permission not in RIGHTS[user.role]:
            allowed = ", ".join(roles_with(self.permission))
            raise ProblemError(403, "role", f"{user.name} is {user.role}; this needs {allowed}")
        return user


def may(permission: Permission) -> Any:
    """A route's dependency: the signed-in user, whose role must have the permission."""
    return Depends(May(permission))


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
        raise ProblemError(403, "foreign_origin", f"pages of {origin} may not do this")
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
