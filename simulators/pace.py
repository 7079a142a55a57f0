"""Which step is due: real time is kept, steps that come too late are not shown."""

from collections.abc import Callable
from typing import NamedTuple

from streams.events import Micros


class Due(NamedTuple):
    at: Micros
    """Event time of the step."""
    wait: Micros
    """Until then."""
    shown: bool
    """Whether its pictures are worth rendering."""


class Pace:
    """Steps ``period`` apart from ``start`` on.

    A step that is more than a period late is made without pictures; after ``forgiven`` (the
    machine slept) time goes on from now instead of being caught up. So it does where it was wrong,
    and now is long before.
    """

    def __init__(
        self, now: Callable[[], Micros], period: Micros, forgiven: Micros = 5_000_000
    ) -> None:
        self._now, self._period, self._forgiven = now, period, forgiven
        self._start, self._steps = now(), 0
        self.skipped = 0
        """Steps made without pictures."""
        self.jumps = 0
        """How often time went on from now."""

    def next(self) -> Due:
        self._steps += 1
        at = self._start + self._steps * self._period
        late = self._now() - at
        if late > self._forgiven or -late > self._forgiven + self._period:
            self._start, self._steps, at, late = at + late, 0, at + late, 0
            self.jumps += 1
        shown = late <= self._period
        self.skipped += not shown
        return Due(at, max(0, -late), shown)
