"""Whether anything is heard of a source."""

import numpy as np
import pytest

from streams.events import MINUTE, SECOND
from streams.hearing import NEVER, SHOWN_AFTER, patience, speaks, unheard_at


def test_patience_is_some_periods_within_two_bounds() -> None:
    periods = np.array([0, SECOND, 5 * SECOND, MINUTE])
    found = patience(periods, 3.0, least=10 * SECOND, most=MINUTE)
    assert found.tolist() == [10 * SECOND, 10 * SECOND, 15 * SECOND, MINUTE]
    endless = patience(np.array([np.iinfo(np.int64).max]), 1e6, least=0, most=MINUTE)
    assert endless.tolist() == [MINUTE]


def test_without_a_period_nobody_can_tell() -> None:
    since, least = np.array([MINUTE, MINUTE]), np.array([SECOND, SECOND])
    assert unheard_at(since, least, np.array([SECOND, 0])).tolist() == [MINUTE + SECOND, NEVER]


@pytest.mark.parametrize(("period", "after"), [(0, SHOWN_AFTER), (MINUTE, 3 * MINUTE)])
def test_a_page_shows_a_source_as_silent_by_the_clock(period: int, after: int) -> None:
    assert speaks(SECOND, period, SECOND + after)
    assert not speaks(SECOND, period, SECOND + after + 1)
    assert not speaks(None, period, SECOND)
