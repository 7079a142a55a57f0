"""Users, their passwords and tokens, in the database.

Passwords are kept as Argon2id hashes, tokens as SHA-256 of 256 random bits. Guessing is slowed
down per name and address, and more leniently per address and per name alone, so that nobody is
locked out by somebody else's guesses from elsewhere until there are very many of them.
"""

import hashlib
import secrets
import threading
from collections.abc import Iterable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import NamedTuple

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from services.alerts.store import Connection
from services.api.permissions import Role
from services.api.queries import SQL
from streams.secrets import write_secret
from streams.settings import Settings

SESSION_SECONDS = 12 * 3600
"""A shift and a half: nobody is signed out in the middle of a night."""
FIRST_USER = "admin"
WINDOW_SECONDS = 15 * 60
FREE_TRIES = {"both": 5, "address": 20, "name": 50}
"""Failures within the window before a wait, by what they have in common with this attempt."""
LONGEST_WAIT_SECONDS = 300.0

_hasher = PasswordHasher()
_one_at_a_time = threading.Lock()
"""Each verification takes 64 MiB, and a check of the failures must see the one before it."""


class User(NamedTuple):
    name: str
    role: Role


class Session(NamedTuple):
    user: User
    expires_at: datetime | None
    """None: a program's token, valid until it is withdrawn."""


class WrongPasswordError(Exception):
    """Name or password are wrong; which one is not said."""


class TooManyFailuresError(Exception):
    """Wait ``seconds`` before the next attempt."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too many failed sign-ins: wait {seconds:.0f} s")
        self.seconds = seconds


def wait_seconds(failures: Iterable[tuple[bool, bool, float]]) -> float:
    """How long the next attempt must wait; doubles with each failure beyond the free ones.

    Args:
        failures: (same name, same address, seconds ago) of each within the window.
    """
    ages: dict[str, list[float]] = {"both": [], "address": [], "name": []}
    for same_name, same_address, age in failures:
        for name, counts in (
            ("both", same_name and same_address), ("address", same_address), ("name", same_name),
        ):  # fmt: skip
            if counts:
                ages[name].append(age)
    waits = [0.0]
    for name, found in ages.items():
        beyond = len(found) - FREE_TRIES[name]
        if beyond >= 0:
            pause = min(2.0 ** min(beyond, 16), LONGEST_WAIT_SECONDS)
            waits.append(pause - min(found))
    return max(waits)


def sign_in(connection: Connection, name: str, password: str, address: str) -> tuple[str, Session]:
    """A new token and whose it is; the connection is in autocommit.

    Raises:
        WrongPasswordError
        TooManyFailuresError
    """
    who = {"user_name": name, "address": address, "window": WINDOW_SECONDS}
    with _one_at_a_time:
        wait = wait_seconds(connection.execute(SQL["failures_recent"], who).fetchall())
        if wait > 0:
            raise TooManyFailuresError(wait)
        row = connection.execute(SQL["user_get"], {"name": name}).fetchone()
        if not _matches(row[2] if row else _absent(), password) or row is None:
            connection.execute(SQL["failure_add"], who)
            raise WrongPasswordError("wrong name or password")
        connection.execute(SQL["failures_clear"], who)
    connection.execute(SQL["sessions_expire"])
    token = secrets.token_urlsafe(32)
    _keep(connection, token, name, "console", SESSION_SECONDS)
    session = session_of(connection, token)
    if session is None:
        raise WrongPasswordError("the user has just been removed")
    return token, session


def session_of(connection: Connection, token: str) -> Session | None:
    """Whose token it is; None where it is void."""
    row = connection.execute(SQL["session_get"], {"token_hash": _hash(token)}).fetchone()
    return None if row is None else Session(User(row[0], row[1]), row[2])


def sign_out(connection: Connection, token: str) -> None:
    connection.execute(SQL["session_drop"], {"token_hash": _hash(token)})


def add_user(connection: Connection, name: str, role: Role, password: str) -> None:
    """Nothing happens where the name is taken."""
    connection.execute(
        SQL["user_add"], {"name": name, "role": role, "password_hash": _hasher.hash(password)}
    )


def first_start(connection: Connection, settings: Settings) -> None:
    """The first user and this machine's own token, where they are not there yet.

    Password and token stand in files of the state folder that only their owner can read. What a
    file says already is kept, so that a database made anew knows the same secrets.
    """
    row = connection.execute(SQL["users_any"]).fetchone()
    if row is None or not row[0]:
        given = settings.admin_password or None
        password = _secret(settings.secret("admin-password"), given)
        add_user(connection, FIRST_USER, "admin", password)
    token = _secret(settings.secret("token"), settings.token or None)
    with connection.transaction():
        connection.execute(SQL["service_tokens_drop"], {"token_hash": _hash(token)})
        _keep(connection, token, FIRST_USER, "service", None)


def _secret(path: Path, given: str | None) -> str:
    """What is given, else what the file holds, else something random; the file holds it then."""
    if given is None:
        try:
            if kept := path.read_text().strip():
                return kept
        except FileNotFoundError:
            pass
    secret = given or secrets.token_urlsafe(18)
    write_secret(path, secret)
    return secret


def _keep(
    connection: Connection, token: str, name: str, purpose: str, seconds: float | None
) -> None:
    connection.execute(
        SQL["session_add"],
        {"token_hash": _hash(token), "user_name": name, "purpose": purpose, "seconds": seconds},
    )


@cache
def _absent() -> str:
    """Verified where there is no such user, so that the answer takes as long."""
    return _hasher.hash(secrets.token_hex(16))


def _matches(hashed: str, password: str) -> bool:
    try:
        return _hasher.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
