"""When a process that exited is started again."""

FIRST_SECONDS = 0.2
LONGEST_SECONDS = 10.0
STEADY_SECONDS = 30.0
"""A process that ran this long has recovered: its next exit counts as the first."""


class Backoff:
    """The first restart comes at once, later ones ever more slowly, until one holds."""

    def __init__(self) -> None:
        self._failures = 0

    def next(self, ran_seconds: float) -> float:
        """Seconds to wait before the next start, after a run of ``ran_seconds``."""
        if ran_seconds >= STEADY_SECONDS:
            self._failures = 0
        self._failures += 1
        if self._failures == 1:
            return 0.0
        return min(LONGEST_SECONDS, FIRST_SECONDS * 2.0 ** (self._failures - 2))
