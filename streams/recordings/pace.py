"""How fast event time passes in a replay, by this machine's clock."""

import time
from collections.abc import Callable

from streams.events import SECOND, Micros

HELD_SECONDS = 2.0
"""Later than this, the replay was halted: it goes on at its pace instead of catching up."""


class Pace:
    """Waits for each tick until it is due.

    Args:
        after: event time at which the replay begins.
        speed: seconds of event time in a second.
        now, sleep: the clock, in seconds, and how it is waited for.
    """

    def __init__(
        self,
        after: Micros,
        speed: float,
        *,
        now: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._after, self._speed = after, speed
        self._now, self._sleep = now, sleep
        self._began: float | None = None

    def wait(self, tick: Micros) -> None:
        """Returns when ``tick`` is due; the first call begins the time."""
        now = self._now()
        passed = (tick - self._after) / SECOND / self._speed
        if self._began is None:
            self._began = now
        left = self._began + passed - now
        if left < -HELD_SECONDS:
            self._began = now - passed
        elif left > 0:
            self._sleep(left)
