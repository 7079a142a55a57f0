"""A password that somebody gives, looked at without keeping anybody waiting."""

import logging
from collections.abc import Callable
from typing import TypeVar

from fastapi import Request
from fastapi.concurrency import run_in_threadpool
from psycopg_pool import ConnectionPool

from services.alerts.store import Connection
from services.api import passwords, signin
from services.api.asked import asked
from services.api.auth import pool_of
from services.api.problems import ProblemError

log = logging.getLogger(__name__)

_Result = TypeVar("_Result")


async def attempt_of(
    request: Request, name: str, password: str, browser: str, wrong: int = 401
) -> signin.Attempt:
    """An attempt whose password was right; raises ProblemError."""
    address = request.client.host if request.client else ""
    _warn_of_proxy(request)
    hashing: passwords.Hashing = request.app.state.hashing
    try:
        attempt = await ask(
            pool_of(request),
            lambda connection: signin.begin(connection, name, address, browser),
        )
        _about(request, attempt.account.name if attempt.account else "")
        right = await hashing.run(passwords.matches, attempt.hash, password)
    except signin.TooManyFailuresError as error:
        _about(request, error.name)
        wait = {"Retry-After": str(int(error.seconds) + 1)}
        raise ProblemError(429, "too_many_failures", str(error), headers=wait) from None
    if not right:
        raise ProblemError(wrong, "wrong_password", "wrong name or password")
    return attempt


def _warn_of_proxy(request: Request) -> None:
    """Said once: all who come by a proxy that is not named have one address, and wait for each
    other's wrong passwords."""
    client, state = request.client, request.app.state
    # What a trusted proxy says stands in the place of the address, and has no port.
    if client and client.port and "x-forwarded-for" in request.headers:
        if not getattr(state, "warned_of_proxy", False):
            log.warning(
                "signing in by a proxy at %s, or by what says so: name it in"
                " CITYOPS_TRUSTED_PROXIES, or all of its people count as one where guessing is"
                " slowed down",
                client.host,
            )
        state.warned_of_proxy = True


def _about(request: Request, name: str) -> None:
    """Whose password was tried, for the audit log: never what is no user's name, as that may be a
    password in the wrong field."""
    asked(request).subject = name


async def ask(pool: ConnectionPool, what: Callable[[Connection], _Result]) -> _Result:
    """What the database says; no connection is held any longer."""

    def ask() -> _Result:
        with pool.connection() as connection:
            return what(connection)

    try:
        return await run_in_threadpool(ask)
    except signin.WrongPasswordError as error:
        raise ProblemError(401, "wrong_password", str(error)) from None
