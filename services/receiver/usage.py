"""What each key has sent: its rate, its quota of the day, and how many of its requests are open.

A request passes while its key owes nothing, whatever its size, and what it holds is then owed: so a
batch of any size passes, and over time no more than the rate.
"""

import threading
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg

from services.receiver.keys import Key
from services.receiver.queries import SQL
from services.web.problems import ProblemError
from streams.events import SECOND, Micros, to_datetime

BURST_SECONDS = 10.0
"""So much of its rate may a key that was silent send at once."""
OPEN_REQUESTS = 16
"""Of a key at a time: each holds its body in memory."""


class Usage:
    """Thread-safe; of the days' counts only what was stored outlives the process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left: dict[str, tuple[float, float]] = {}
        """Key to (readings that it may send, as of when on a steady clock)."""
        self._open = Counter[str]()
        self._day = date.min
        self._taken = Counter[str]()
        self._refused = Counter[str]()
        self._changed = set[str]()

    def enter(self, key: Key, now: Micros, steady: float) -> None:
        """Another request of the key begins; ``leave`` ends it.

        Args:
            now: by the machine's clock, for the day.
            steady: seconds of a clock that only rises.

        Raises:
            ProblemError: 429, with when to come again.
        """
        with self._lock:
            self._turn(to_datetime(now).date())
            if self._open[key.id] >= OPEN_REQUESTS:
                said = f"{OPEN_REQUESTS} requests with this key are open: wait for one to end"
                raise _wait("too_many_at_once", said, 1)
            left = self._of(key, steady)
            if left <= 0:
                said = f"this key may send {key.rate:g} readings a second"
                raise _wait("rate", said, -left / key.rate)
            if self._taken[key.id] >= key.daily:
                midnight = datetime.combine(self._day + timedelta(1), datetime.min.time(), UTC)
                said = f"this key may send {key.daily} readings in a day (UTC)"
                raise _wait("quota", said, (midnight - to_datetime(now)).total_seconds())
            self._open[key.id] += 1

    def leave(self, key: Key) -> None:
        with self._lock:
            self._open[key.id] -= 1
            if not self._open[key.id]:
                del self._open[key.id]

    def note(self, key: Key, taken: int, refused: int, steady: float) -> None:
        """So many rows have come; each counts for the rate, and a request without any for one."""
        with self._lock:
            left = self._of(key, steady)
            self._left[key.id] = left - max(taken + refused, 1), steady
            self._taken[key.id] += taken
            self._refused[key.id] += refused
            self._changed.add(key.id)

    def load(self, connection: psycopg.Connection[Any], today: date) -> None:
        """What was sent today before this process began."""
        rows = connection.execute(SQL["usage_of_day"], {"day": today}).fetchall()
        with self._lock:
            self._turn(today)
            for key, taken, refused in rows:
                self._taken[key] += taken
                self._refused[key] += refused

    def store(self, connection: psycopg.Connection[Any]) -> None:
        """What has changed since it was last stored."""
        with self._lock:
            changed, self._changed = self._changed, set()
            rows = [
                {
                    "key": key,
                    "day": self._day,
                    "readings": self._taken[key],
                    "refused": self._refused[key],
                }
                for key in sorted(changed)
            ]
        try:
            for row in rows:
                connection.execute(SQL["usage_put"], row)
        except psycopg.Error:
            with self._lock:
                self._changed |= changed
            raise

    def _turn(self, today: date) -> None:
        if today != self._day:  # what was not stored of yesterday is a few seconds of it
            self._day = today
            self._taken.clear()
            self._refused.clear()
            self._changed.clear()

    def _of(self, key: Key, steady: float) -> float:
        most = max(key.rate * BURST_SECONDS, 1.0)
        left, at = self._left.get(key.id, (most, steady))
        return min(most, left + (steady - at) * key.rate)


def _wait(reason: str, detail: str, seconds: float) -> ProblemError:
    headers = {"Retry-After": str(max(1, min(86_400, int(seconds) + 1)))}
    return ProblemError(429, reason, detail, headers=headers)


def today(now: Micros) -> date:
    return to_datetime(now // SECOND * SECOND).date()
