"""Waits for what other processes do, for tests; only a failure takes the whole time."""

import time
from collections.abc import Callable


def eventually(holds: Callable[[], object], within_seconds: float = 20) -> None:
    """Returns once ``holds()`` is true; fails the test where it does not become so in time."""
    deadline = time.monotonic() + within_seconds
    while not holds():
        assert time.monotonic() < deadline, "it did not come true in time"
        time.sleep(0.05)
