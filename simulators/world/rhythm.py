"""How much of a thing there is at an hour, on a day: shares of its busiest usual hour; assumed."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from simulators.world import calendar
from simulators.world.calendar import Times


class Rhythm(NamedTuple):
    """By the hour from midnight, 24 values, straight lines between; and what other days have."""

    working: tuple[float, ...]
    saturday: float
    """Share of a working day's."""
    sunday: float
    """Also of holidays."""
    tet: float

    def at(self, times: Times) -> NDArray[np.float64]:
        """[n]"""
        hours = np.arange(24.0)
        usual = np.interp(calendar.hour(times), hours, self.working, period=24.0)
        weekday = calendar.weekday(times)
        share = np.select(
            [
                calendar.is_tet(times),
                weekday == calendar.SUNDAY,
                weekday == calendar.SATURDAY,
            ],
            [self.tet, self.sunday, self.saturday],
            1.0,
        )
        found: NDArray[np.float64] = usual * share
        return found


def _by_hour(values: str) -> tuple[float, ...]:
    """Of percents."""
    found = tuple(int(value) / 100 for value in values.split())
    assert len(found) == 24
    return found


TRAFFIC = Rhythm(
    _by_hour("8 5 4 4 8 25 80 100 70 55 55 60 55 50 52 60 90 100 75 55 45 35 22 12"),
    0.85,
    0.75,
    0.6,
)
"""Peaks at 6:30–8:00 and 16:30–18:30."""
OFFICE = Rhythm(
    _by_hour("0 0 0 0 0 0 0 40 100 95 75 30 10 60 100 90 50 10 0 0 0 0 0 0"), 0.25, 0.0, 0.0
)
"""What is handed in at offices: most at 8–10 and 14–16."""
ONLINE = Rhythm(
    _by_hour("12 8 5 4 4 8 18 40 75 100 95 70 60 75 90 95 85 65 55 70 80 75 50 25"), 0.8, 0.7, 0.4
)
"""Requests and payments of people at any hour."""
CALLS = Rhythm(
    _by_hour("20 12 8 6 8 18 40 65 80 85 85 80 72 72 78 80 85 92 98 100 100 85 60 35"),
    1.0, 0.95, 1.1,
)  # fmt: skip
"""Mobile traffic: most in the evening, and at Tết more than ever."""
LEISURE = Rhythm(
    _by_hour("5 2 1 1 2 8 15 22 30 38 45 50 48 42 45 55 70 85 95 100 95 70 35 12"), 1.2, 1.4, 1.5
)
"""People at public places."""
POWER = Rhythm(
    _by_hour("55 50 48 47 48 55 65 75 85 90 95 92 85 85 90 92 92 95 100 98 90 80 70 60"),
    0.95, 0.85, 0.7,
)  # fmt: skip
PORT = Rhythm(
    _by_hour("90 85 75 65 55 45 40 45 55 60 65 60 50 55 65 70 75 80 85 95 100 100 98 95"),
    0.95, 0.85, 0.2,
)  # fmt: skip
"""Lorries at the gates: most at night."""
EMERGENCY = Rhythm(
    _by_hour("45 35 30 28 28 32 45 65 85 95 100 95 85 80 82 85 85 88 92 95 92 85 70 55"),
    1.0, 1.05, 1.15,
)  # fmt: skip
