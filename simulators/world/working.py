"""Working time as an axis: as the city's calendar has it, for many instants at once."""

from datetime import date, timedelta
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from simulators.world.calendar import Times
from streams.events import DAY, Micros
from streams.worktime.calendar import Calendar

_EPOCH = date(1970, 1, 1)


def reach(calendar: Calendar, day: int, days: int, time: Micros) -> int:
    """So many local days before ``day``, and after it, that on either side so many of them are
    worked, and so much time."""
    return max(_until(calendar, day, step, days, time) for step in (-1, 1))


def _until(calendar: Calendar, day: int, step: int, days: int, time: Micros) -> int:
    number = 0
    while days > 0 or time > 0:
        number += 1
        spans = calendar.spans(_EPOCH + timedelta(days=day + step * number))
        days -= bool(spans)
        time -= sum(end - start for start, end in spans)
    return number


class WorkingTime:
    """Of some days: what lies outside of them cannot be asked for."""

    def __init__(self, calendar: Calendar, first: int, last: int) -> None:
        """``first`` to ``last``: local days since 1970."""
        spans = [
            (number, *span)
            for number in range(first, last + 1)
            for span in calendar.spans(_EPOCH + timedelta(days=number))
        ]
        self._day, self._start, self._end = np.array(spans, np.int64).reshape(-1, 3).T
        self._offset = calendar.offset
        self._after: Times = np.cumsum(self._end - self._start, dtype=np.int64)
        """[spans]: what has been worked when each ends."""

    def is_open(self, times: Times) -> NDArray[np.bool_]:
        at = np.searchsorted(self._start, times, "right") - 1
        return (at >= 0) & (times < self._end[np.maximum(at, 0)])

    def worked(self, times: Times) -> Times:
        """What has been worked from the first day until then."""
        at = np.maximum(np.searchsorted(self._start, times, "right") - 1, 0)
        since = np.clip(times - self._start[at], 0, self._end[at] - self._start[at])
        found: Times = self._after[at] - (self._end[at] - self._start[at]) + since
        return found

    def at(self, worked: Times) -> Times:
        """The instant at which so much has been; that at which offices close, not open again."""
        at = np.minimum(np.searchsorted(self._after, worked, "left"), len(self._after) - 1)
        found: Times = self._end[at] - (self._after[at] - worked)
        return found

    def after_days(self, times: Times, days: Times) -> Times:
        """When offices close on the last of so many working days after that of each."""
        at = np.searchsorted(self._days, (times + self._offset) // DAY, "right") + days - 1
        found: Times = self._closes[at]
        return found

    @cached_property
    def _days(self) -> Times:
        """Those that are worked."""
        return np.unique(self._day)

    @cached_property
    def _closes(self) -> Times:
        """[worked days]"""
        last = np.searchsorted(self._day, self._days, "right") - 1
        found: Times = self._end[last]
        return found
