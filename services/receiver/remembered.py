"""Requests with an idempotency key: each is published once, however often it is sent.

What is to be published is noted before, with its stamps. Where the process ends in between, the
same packs are published again under the same stamps, by which the stages know them.
"""

import re
import threading
from collections import Counter
from typing import Any, NamedTuple

import psycopg
from psycopg_pool import ConnectionPool

from services.receiver.keys import Key
from services.receiver.queries import SQL
from services.web.problems import ProblemError
from streams.events import Micros

MOST_OF_KEY = 100_000
"""Requests of one key that are remembered: one a second is 86,400 a day."""
_GIVEN = re.compile(r'"?([\x21\x23-\x7e]{1,200})"?')

Stamps = list[tuple[Micros, int]]


class Known(NamedTuple):
    """A request that came before."""

    body_hash: bytes
    arrived: Micros
    stamps: Stamps
    status: int | None
    """None: nobody was answered."""
    answer: str | None


def given(header: str) -> str:
    """The key in a header ``Idempotency-Key``, quoted or not; raises ProblemError."""
    found = _GIVEN.fullmatch(header.strip())
    if found is None:
        said = "Idempotency-Key: give 1 to 200 visible characters of ASCII"
        raise ProblemError(400, "wrong_idempotency_key", said)
    return found[1]


class Remembered:
    """In the database. Thread-safe.

    Raises (from all that asks):
        psycopg.OperationalError: the database is away.
    """

    def __init__(self, pool: ConnectionPool) -> None:
        self._pool = pool
        self._counts = Counter[str]()
        self._busy = set[tuple[str, str]]()
        self._lock = threading.Lock()

    def enter(self, key: Key, named: str) -> None:
        """Nobody else answers a request of this name until ``leave``; raises ProblemError."""
        with self._lock:
            if (key.id, named) in self._busy:
                said = "a request with this Idempotency-Key is being answered"
                raise ProblemError(409, "in_progress", said, headers={"Retry-After": "1"})
            self._busy.add((key.id, named))

    def leave(self, key: Key, named: str) -> None:
        with self._lock:
            self._busy.discard((key.id, named))

    def find(self, key: Key, named: str, body_hash: bytes) -> Known | None:
        """What is known of it; raises ProblemError 422 where it was of another body."""
        with self._pool.connection() as connection:
            asked = {"key": key.id, "idempotency_key": named}
            row = connection.execute(SQL["request_get"], asked).fetchone()
        if row is None:
            return None
        kept, arrived, stamps, status, answer = row
        if kept != body_hash:
            said = "this Idempotency-Key was given with something else: take another"
            raise ProblemError(422, "other_body", said)
        pairs = list(zip(stamps[::2], stamps[1::2], strict=True))
        return Known(kept, arrived, pairs, status, answer)

    def begin(
        self, key: Key, named: str, body_hash: bytes, arrived: Micros, stamps: Stamps
    ) -> None:
        """Before it is published; raises ProblemError where too many are kept."""
        if self._counts[key.id] >= MOST_OF_KEY:
            said = f"{MOST_OF_KEY} requests of the last 24 hours are kept: send it without"
            raise ProblemError(429, "too_many_kept", said, headers={"Retry-After": "3600"})
        row = {
            "key": key.id,
            "idempotency_key": named,
            "body_hash": body_hash,
            "arrived": arrived,
            "stamps": [number for stamp in stamps for number in stamp],
        }
        with self._pool.connection() as connection:
            connection.execute(SQL["request_begin"], row)
        self._counts[key.id] += 1

    def end(self, key: Key, named: str, status: int, answer: str) -> None:
        """Keeps the answer, which is given from then on."""
        row = {"key": key.id, "idempotency_key": named, "status": status, "answer": answer}
        with self._pool.connection() as connection:
            connection.execute(SQL["request_end"], row)

    def forget(self, connection: psycopg.Connection[Any]) -> None:
        """What is older than a day."""
        connection.execute(SQL["requests_drop"])
        self._counts = Counter(dict(connection.execute(SQL["requests_count"]).fetchall()))
