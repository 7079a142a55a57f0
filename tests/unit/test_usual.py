"""The band of what is usual on a chart, and the stretches of which it is made."""

import itertools

from services.api.routes.measured import POINTS, step_of
from services.api.usual import RIPE, bands
from streams.events import DAY, HOUR, SECOND


def test_what_is_usual_is_known_from_what_came_before_only() -> None:
    calm = list(itertools.islice(itertools.cycle((10.0, 12.0)), 40))
    found = bands([*calm, 60.0, *calm])
    assert found[:RIPE] == [None] * RIPE
    at = found[len(calm)]
    assert at is not None
    assert at.low < 10 < 12 < at.high < 60, "the leap itself is not in it"
    after = found[len(calm) + 1]
    assert after is not None
    assert after.high < 60, "and one leap makes no leap usual"
    assert bands([*calm, 60.0])[: len(calm)] == bands(calm)


def test_a_stretch_is_of_whole_periods_and_a_chart_of_no_more_than_it_can_show() -> None:
    for span in (HOUR, 6 * HOUR, DAY, 7 * DAY):
        for period in (0, SECOND // 2, 5 * SECOND, 60 * SECOND, 900 * SECOND):
            step = step_of(span, period)
            assert span / (step * SECOND) <= POINTS
            assert step * SECOND % max(period, 1) == 0 or not period
    assert step_of(HOUR, 60 * SECOND) == 60
