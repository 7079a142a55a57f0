"""Real time is kept: late steps lose their pictures, a machine that slept goes on from now."""

from simulators.pace import Pace

PERIOD = 200_000


class Clock:
    def __init__(self) -> None:
        self.time = 1_000_000_000

    def __call__(self) -> int:
        return self.time


def test_steps_are_a_period_apart_and_wait_for_their_time() -> None:
    clock = Clock()
    pace = Pace(clock, PERIOD)
    first, second = pace.next(), pace.next()
    assert second.at - first.at == PERIOD
    assert (first.wait, second.wait) == (PERIOD, 2 * PERIOD)
    assert first.shown
    assert second.shown


def test_a_late_step_keeps_its_time_but_not_its_pictures() -> None:
    clock = Clock()
    pace = Pace(clock, PERIOD)
    pace.next()
    clock.time += 4 * PERIOD
    late = [pace.next() for _ in range(4)]
    assert [due.shown for due in late] == [False, True, True, True]
    assert [due.wait for due in late] == [0, 0, 0, PERIOD]
    assert pace.skipped == 1


def test_where_it_was_far_ahead_of_the_right_time_it_does_not_wait_for_it() -> None:
    clock = Clock()
    pace = Pace(clock, PERIOD)
    pace.next()
    clock.time -= 40 * 86_400_000_000
    due = pace.next()
    assert (due.at, due.wait, due.shown) == (clock.time, 0, True)


def test_after_a_sleep_time_goes_on_from_now() -> None:
    clock = Clock()
    pace = Pace(clock, PERIOD)
    before = pace.next()
    clock.time += 8 * 3600 * 1_000_000
    after = pace.next()
    assert after.at == clock.time > before.at
    assert after.shown
    assert pace.jumps == 1
    assert pace.next().at == after.at + PERIOD
