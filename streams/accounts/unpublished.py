"""What a publisher has not published, until it is said in accounts of its own. Thread-safe."""

import threading
from collections import Counter

from streams.events import HOUR, SECOND, Accounts, Booked, Fate, Micros

EVERY: Micros = 10 * SECOND
"""Of event time; after a crash what had not been said is in no accounts."""


class Unpublished:
    """Counts by source."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, Fate, str]] = Counter()
        self._said: Micros = 0
        """When it was said last."""

    def note(self, source: str, reason: str, number: int = 1, fate: Fate = "shed") -> None:
        """So many values, or pictures, of a source were not published."""
        with self._lock:
            self._counts[source, fate, reason] += number

    def say(
        self, part: str, topic: str, partition: int, now: Micros, *, at_once: bool = False
    ) -> Accounts | None:
        """Accounts of what was noted since they were said last; None: there is none, or not yet.

        Args:
            part: who publishes.
            topic: logical, to which it would have gone.
            partition: into which the accounts go.
            now: event time; where it goes back, what was noted is said at once.
            at_once: as nothing will be said later.
        """
        with self._lock:
            soon = 0 <= now - self._said < EVERY and not at_once
            if soon or not self._counts:
                return None
            counts, self._counts, self._said = self._counts, Counter(), now
        hour = now // HOUR * HOUR
        rows = tuple(
            Booked(source, hour, fate, reason, number)
            for (source, fate, reason), number in sorted(counts.items())
        )
        return Accounts(part, topic, partition, now, rows)
