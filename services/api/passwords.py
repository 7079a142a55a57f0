"""Passwords: what is one, how it is kept, and how many are computed at a time.

They are kept as Argon2id hashes. One costs 64 MiB and a tenth of a second of every core: so few are
computed at a time, in threads of their own, and whoever waits for one holds no connection to the
database and no thread that answers others.
"""

import asyncio
import os
import secrets
import unicodedata
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

LEAST = 12
"""Characters. ASVS 5 asks for 8 and recommends 15; there are no rules of which characters."""
MOST = 256
JUDGED = 72
"""Characters that are looked at; more are never worse."""
GUESSES_LOG10 = 8.0
"""What zxcvbn calls safely unguessable: moderate protection where somebody has the hashes."""
BESIDES = 8
"""Characters that are left without the user's name and the words of this place."""
SITE = ("cityops", "operator", "vietnam", "haiphong", "hanoi", "matkhau", "anhyeuem", "dieuhanh")
"""Words that anybody would try first here, beside the name and the lists of zxcvbn."""
AT_A_TIME = max(1, (os.cpu_count() or 1) // 2)
WAITING = 64
"""More are refused: whoever has waited for those is not there any more."""

_hasher = PasswordHasher()
_Result = TypeVar("_Result")


class WeakPasswordError(ValueError):
    """One line that says what is wrong with it."""


class BusyError(Exception):
    """Too many passwords are being looked at; ask again in a few seconds."""


def normal(password: str) -> str:
    """As it is hashed: the same, however a keyboard composes its letters (NIST 800-63B)."""
    return unicodedata.normalize("NFKC", password)


def check(password: str, besides: Iterable[str] = ()) -> None:
    """Whether somebody may have it.

    Args:
        besides: words that a guesser would try, such as the user's name.

    Raises:
        WeakPasswordError
    """
    password = normal(password)
    if len(password) < LEAST:
        raise WeakPasswordError(f"a password has at least {LEAST} characters: three or four words")
    if len(password) > MOST:
        raise WeakPasswordError(f"a password has at most {MOST} characters")
    from zxcvbn import zxcvbn  # its lists of words take a while to load, and 20 MiB

    words = [
        *SITE,
        *(w.casefold() for each in besides for w in (each, *each.split()) if len(w) > 2),
    ]
    left = password.casefold()
    for word in sorted(words, key=len, reverse=True):
        left = left.replace(word, "")
    guesses = float(zxcvbn(password[:JUDGED], user_inputs=words)["guesses_log10"])
    if guesses < GUESSES_LOG10 or len(left) < BESIDES:
        raise WeakPasswordError("that password is guessed easily: take three or four unusual words")


def generated() -> str:
    """One that nobody guesses: 144 random bits."""
    return secrets.token_urlsafe(18)


def hashed(password: str) -> str:
    return _hasher.hash(normal(password))


def matches(hash: str, password: str) -> bool:
    """Takes as long where the hash is empty, which no password matches."""
    try:
        return _hasher.verify(hash or _nobodys(), normal(password)) and hash != ""
    except (VerificationError, InvalidHashError):
        return False


@cache
def _nobodys() -> str:
    return _hasher.hash(secrets.token_hex(16))


class Hashing:
    """Computes few at a time; belongs to one event loop."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_A_TIME, "passwords")
        self._waiting = 0

    async def run(self, work: Callable[..., _Result], *arguments: object) -> _Result:
        """What ``work`` gives; raises BusyError where too many wait."""
        if self._waiting >= WAITING:
            raise BusyError
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._threads, work, *arguments)
        finally:
            self._waiting -= 1

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)
