"""Who asks, and whether they may: a route asks for a permission by ``may(…)``.

Programs send ``Authorization: Bearer TOKEN``, browsers the cookie that signing in has set. Reading
by cookie is no use of a session: an open console reads by itself, and says when somebody is there.
"""

from typing import Any
from urllib.parse import urlsplit

from fastapi import Depends, Request, Response
from fastapi.openapi.models import HTTPBearer
from fastapi.security.base import SecurityBase
from psycopg_pool import ConnectionPool

from services.api import limited
from services.api.asked import asked, route_path
from services.api.permissions import MUST_CHANGE, Permission, roles_with
from services.api.problems import ProblemError
from services.api.users import Session, User, session_of, used

COOKIE = "cityops_session"
BROWSER = "cityops_browser"
"""The cookie of a browser in which somebody has signed in; it lets nobody in."""
HOST = "__Host-"
"""Before a cookie's name under TLS: browsers take it from this very host only (RFC 6265bis)."""
_SAFE = {"GET", "HEAD", "OPTIONS"}


class May(SecurityBase):
    """A dependency: gives the user, or answers 401 or 403."""

    model = HTTPBearer(description="Of `POST /api/session` or `POST /api/tokens`; or its cookie")
    scheme_name = "token"

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    def __call__(self, request: Request) -> User:
        return allowed(request, self.permission).user


def asker(request: Request) -> Session:
    """Who asks, where a route's ``may`` has let them in."""
    found: Session = request.state.session
    return found


def allowed(request: Request, permission: Permission) -> Session:
    """Who asks; raises ProblemError 401 or 403 where they may not.

    The one place where what somebody asks for becomes a line of the audit log to be written.
    """
    told = asked(request)
    found = request.state.session = session(request)
    told.by(found)
    told.about()
    if found.must_change and permission not in MUST_CHANGE:
        how = "choose a password first: cityops user password, or PUT /api/session/password"
        raise ProblemError(403, "must_change_password", how)
    if found.must_enrol and permission not in MUST_CHANGE:
        how = "your role needs a second factor: set one up in the console first"
        if found.by_provider:
            how = "your role needs a second factor: sign in again, with one, by the provider"
        raise ProblemError(403, "must_enrol", how)
    _insist(found, permission)
    if found.area is not None and not limited.is_open(request.method, route_path(request)):
        raise ProblemError(
            403,
            "limited_area",
            f"{found.user.name} is limited to an area; this is the whole city's",
        )
    return found


def needs(request: Request, permission: Permission) -> None:
    """Where a route's ``may`` has let somebody in who has to have another permission, too; raises
    as that does."""
    _insist(asker(request), permission)


def _insist(found: Session, permission: Permission) -> None:
    if permission not in found.permissions:
        roles = ", ".join(roles_with(permission))
        user = found.user
        raise ProblemError(
            403, "role", f"{user.name} is {user.role}; this needs {permission} ({roles})"
        )


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
    token = request.cookies.get(cookie(request), "")
    origin = request.headers.get("origin")
    # Beside SameSite=Strict, for browsers that do not keep to it.
    changes = bool(token) and request.method not in _SAFE
    if changes and origin and urlsplit(origin).netloc != request.headers.get("host"):
        raise ProblemError(403, "foreign_origin", f"pages of {origin} may not do this")
    return token


def cookie(request: Request, name: str = COOKIE) -> str:
    """What the cookie is called, by the request's scheme: under TLS no other one counts."""
    return HOST + name if request.url.scheme == "https" else name


def set_cookie(request: Request, response: Response, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        cookie(request, name),
        value,
        max_age=seconds,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
    )


def idle_seconds(request: Request) -> float:
    """For which a session may be without use; 0: for ever."""
    return float(request.app.state.settings.session_idle_minutes * 60)


def session(request: Request) -> Session:
    """Raises ProblemError 401 where nobody is signed in."""
    token = token_of(request)
    asked(request).showed = bool(token)
    if token:
        with pool_of(request).connection() as connection:
            found = session_of(connection, token, idle_seconds(request))
            if found is not None:
                by_program = "authorization" in request.headers
                if found.stale and (by_program or request.method not in _SAFE):
                    used(connection, found)
                return found
    raise not_signed_in()


def not_signed_in() -> ProblemError:
    said, headers = "sign in first: POST /api/session", {"WWW-Authenticate": "Bearer"}
    return ProblemError(401, "not_signed_in", said, headers=headers)
