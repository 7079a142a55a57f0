"""Waits for what other processes do, for tests; only a failure takes the whole time."""

import time
from collections.abc import Callable


def eventually(holds: Callable[[], object], within_seconds: float = 20) -> None:
    """Returns once ``holds()`` is true; fails the test where it does not become so in time."""
    began = time.monotonic()
    deadline = began + within_seconds
    while not holds():
        now = time.monotonic()
        assert now < deadline, "it did not come true in time"
        # Where asking is dear it is done less often, so that what is waited for can happen.
        time.sleep(min(max(0.05, 4 * (now - began)), 0.25))
        began = time.monotonic()
