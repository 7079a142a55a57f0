"""A password that somebody gives, looked at without keeping anybody waiting."""

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

_Result = TypeVar("_Result")


async def attempt_of(
    request: Request, name: str, password: str, browser: str, wrong: int = 401
) -> signin.Attempt:
    """An attempt whose password was right; raises ProblemError."""
    address = request.client.host if request.client else ""
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
