"""Signing in, and how guessing is slowed down.

An attempt is judged by what failed before it: under the same name from the same address, from the
same address, and under the same name from anywhere. It counts as failed until it has succeeded, so
that many at once are no way around that. Nobody is locked out by others:

- a browser in which somebody has signed in before is judged by its own failures alone;
- nobody guesses a password that was generated, so nobody waits who has one;
- the command line of the machine itself resets a password without signing in.

Between ``begin`` and its end nothing is held: the password is looked at elsewhere.
"""

from collections.abc import Iterable
from typing import NamedTuple

from services.alerts.store import Connection
from services.api import passwords
from services.api.queries import SQL
from services.api.users import (
    BROWSER_SECONDS,
    CONSOLE,
    SESSION_SECONDS,
    Account,
    Session,
    account,
    keep,
    session_of,
)
from streams.secrets import hash_of

WINDOW_SECONDS = 15 * 60
FREE_TRIES = {"both": 5, "address": 20, "name": 50}
"""Failures within the window before a wait, by what they have in common with this attempt."""
LONGEST_WAIT_SECONDS = 300.0
MUST_CHANGE_SECONDS = 15 * 60
"""For choosing a password."""


class WrongPasswordError(Exception):
    """Name or password are wrong; which one is not said."""


class TooManyFailuresError(Exception):
    """Wait ``seconds`` before the next attempt."""

    def __init__(self, seconds: float, name: str) -> None:
        super().__init__(f"too many failed sign-ins: wait {seconds:.0f} s")
        self.seconds = seconds
        self.name = name
        """Of the account; empty: there is none of that name."""


class Attempt(NamedTuple):
    """Somebody's try, already counted as failed."""

    who: dict[str, object]
    account: Account | None

    @property
    def hash(self) -> str:
        """Empty where nobody can sign in, whatever the password."""
        found = self.account
        if found is None or found.disabled_at is not None or found.expired:
            return ""
        return found.password_hash


def wait_seconds(failures: Iterable[tuple[bool, bool, bool, float]], *, known: bool) -> float:
    """How long the next attempt must wait; doubles with each failure beyond the free ones.

    Args:
        failures: (same name, same address, same browser, seconds ago) of each within the window.
        known: from a browser in which this user has signed in before.
    """
    ages: dict[str, list[float]] = {"both": [], "address": [], "name": []}
    for same_name, same_address, same_browser, age in failures:
        if known:
            if same_browser:
                ages["both"].append(age)
            continue
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


def begin(connection: Connection, name: str, address: str, browser: str = "") -> Attempt:
    """Counts an attempt, as failed; the connection is in autocommit.

    Args:
        browser: the cookie of a browser in which somebody has signed in; empty: none.

    Raises:
        TooManyFailuresError
    """
    found = account(connection, name)
    name = found.name if found else name.lower()
    key = hash_of(browser) if browser else None
    who: dict[str, object] = {"user_name": name, "address": address, "window": WINDOW_SECONDS}
    asked = {"browser": key, "user_name": name, "seconds": BROWSER_SECONDS}
    row = connection.execute(SQL["browser_known"], asked).fetchone() if key else None
    known = bool(row and row[0])
    who["browser"] = key if known else None
    with connection.transaction():
        connection.execute(SQL["failures_lock"])
        failures = connection.execute(SQL["failures_recent"], who).fetchall()
        if (wait := wait_seconds(failures, known=known)) > 0 and not (found and found.one_time):
            raise TooManyFailuresError(wait, found.name if found else "")
        connection.execute(SQL["failure_add"], who)
    return Attempt(who, found)


def succeed(
    connection: Connection, attempt: Attempt, *, label: str = "", browser: str = ""
) -> tuple[str, Session]:
    """A new token and whose it is, where the password was right.

    Args:
        label: the program that signs in.
        browser: the cookie by which this browser is known from now on; empty: it takes none.

    Raises:
        WrongPasswordError: the account was removed or disabled meanwhile.
    """
    found = attempt.account
    if found is None:
        raise WrongPasswordError("wrong name or password")
    clear(connection, attempt)
    connection.execute(SQL["browsers_drop"], {"user_name": None, "seconds": BROWSER_SECONDS})
    if browser:
        put = {"browser": hash_of(browser), "user_name": found.name}
        connection.execute(SQL["browser_put"], put)
    token, _ = keep(
        connection,
        found.name,
        CONSOLE,
        seconds=MUST_CHANGE_SECONDS if found.must_change else SESSION_SECONDS,
        label=label,
        address=str(attempt.who["address"]),
    )
    session = session_of(connection, token)
    if session is None:
        raise WrongPasswordError("the user has just been disabled")
    return token, session


def clear(connection: Connection, attempt: Attempt) -> None:
    """It was right: what failed before it, in the same place, counts no more."""
    connection.execute(SQL["failures_clear"], attempt.who)


def sign_in(connection: Connection, name: str, password: str, address: str) -> tuple[str, Session]:
    """All of it at once, for programs that have nothing else to do.

    Raises:
        WrongPasswordError
        TooManyFailuresError
    """
    attempt = begin(connection, name, address)
    if not passwords.matches(attempt.hash, password):
        raise WrongPasswordError("wrong name or password")
    return succeed(connection, attempt)


def sign_out(connection: Connection, token: str) -> None:
    connection.execute(SQL["session_drop"], {"token_hash": hash_of(token)})
