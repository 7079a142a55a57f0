"""How often somebody may try what needs no sign-in, by their address; kept in memory only."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable

MOST_KNOWN = 10_000
"""Addresses; the one that was heard of longest ago is forgotten first."""


class Tries:
    def __init__(
        self, most: int, seconds: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        """So many in so many seconds."""
        self._most, self._seconds, self._clock = most, seconds, clock
        self._known: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, address: str) -> float:
        """Counts a try; seconds until it may be tried again, 0: it may be now."""
        now = self._clock()
        with self._lock:
            times = self._known.setdefault(address, deque())
            self._known.move_to_end(address)
            while len(self._known) > MOST_KNOWN:
                self._known.popitem(last=False)
            while times and times[0] <= now - self._seconds:
                times.popleft()
            if len(times) >= self._most:
                return times[0] + self._seconds - now
            times.append(now)
        return 0.0
