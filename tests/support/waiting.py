"""Waits for what other processes do, for tests; only a failure takes the whole time."""

import os
import threading
import time
from collections.abc import Callable
from typing import Self

PATIENCE_SECONDS = 60.0
"""For what takes a second on a machine that does nothing else."""


def eventually(holds: Callable[[], object], within_seconds: float = PATIENCE_SECONDS) -> None:
    """Returns once ``holds()`` is true; fails the test where it does not become so in time."""
    began = time.monotonic()
    deadline = began + within_seconds
    while not holds():
        now = time.monotonic()
        assert now < deadline, "it did not come true in time"
        # Where asking is dear it is done less often, so that what is waited for can happen.
        time.sleep(min(max(0.05, 4 * (now - began)), 0.5))
        began = time.monotonic()


def crowding() -> float:
    """How many want each processor, at least one: so much longer may what computes take."""
    return max(1.0, os.getloadavg()[0] / len(os.sched_getaffinity(0)))


class Doze:
    """Sleeps a tenth of a second again and again, to know how long a busy machine let it lie."""

    def __init__(self) -> None:
        self.overslept = 0.0
        """Seconds, at most."""
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._over.is_set():
            began = time.monotonic()
            self._over.wait(0.1)
            self.overslept = max(self.overslept, time.monotonic() - began - 0.1)
