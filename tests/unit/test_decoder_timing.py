"""When pictures were, and which of them are given."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.gateway.decoder.source import READ_SECONDS
from services.gateway.decoder.timing import (
    LATE,
    LONGEST_HOLE,
    FileClock,
    SegmentClock,
    Slots,
    Stamps,
    StreamClock,
)
from streams.cameras.sight import near_enough
from streams.cameras.tracking import SPARSEST
from streams.events import SECOND


def times(stamps: list[float | None], rate: float = 10.0) -> list[float]:
    clock = FileClock(rate)
    return [round(clock.time(stamp, 0.0), 6) for stamp in stamps]


def test_a_recording_has_the_times_of_its_timestamps_holes_included() -> None:
    assert times([5.0, 15.0, 25.0, 25.12]) == [0.0, 10.0, 20.0, 20.12]


def test_without_timestamps_pictures_come_at_its_rate() -> None:
    assert times([None, None, None]) == [0.0, 0.1, 0.2]
    assert times([None, None], rate=0.0) == [0.0, 0.04]


@pytest.mark.parametrize("stamp", [0.0, 7.0, 7.1, 7.1 + LONGEST_HOLE + 1, 1e9])
def test_after_a_reset_or_a_jump_the_next_picture_is_one_interval_on(stamp: float) -> None:
    assert times([7.0, 7.1, stamp, stamp + 0.1]) == [0.0, 0.1, 0.2, 0.3]


def test_timestamps_that_are_repeated_or_go_back_a_little_stretch_no_recording() -> None:
    assert times([0.0, 0.0, 0.2, 0.2, 0.4, 0.4]) == pytest.approx([0, 0.1, 0.2, 0.3, 0.4, 0.5])
    assert times([0.0, 0.3, 0.1, 0.2, 0.6, 0.7]) == pytest.approx([0, 0.3, 0.4, 0.5, 0.6, 0.7])
    stuck = times([7.0] * 100)
    assert stuck == pytest.approx([number / 10 for number in range(100)])


def test_a_stream_whose_timestamps_stand_still_goes_on_by_when_pictures_come() -> None:
    clock = StreamClock()
    found = [clock.time(7.0, 100 + number / 5) for number in range(30)]
    assert found == pytest.approx([number / 5 for number in range(30)])


def test_of_two_timestamps_that_one_counts_that_does_not_go_back() -> None:
    stamps = Stamps()
    shown, decoded = [1.0, 3.0, 4.0, 2.0, 7.0, 6.0], [2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    found = [stamps.seconds(*pair) for pair in zip(shown, decoded, strict=True)]
    assert found == [1.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    stamps = Stamps()
    assert [stamps.seconds(at, 9.0 - at) for at in (1.0, 2.0, 3.0)] == [1.0, 2.0, 3.0]
    assert Stamps().seconds(None, 4.0) == 4.0
    assert Stamps().seconds(None, None) is None


def test_a_stream_keeps_the_evenness_of_its_timestamps() -> None:
    clock = StreamClock()
    arrivals = [100.0, 100.3, 100.45, 100.9]
    stamps = [9.0, 9.2, 9.4, 9.6]
    found = [clock.time(s, now) for s, now in zip(stamps, arrivals, strict=True)]
    assert found == pytest.approx([0.0, 0.2, 0.4, 0.6])


def test_what_a_stream_had_in_store_takes_no_time() -> None:
    clock = StreamClock()
    stored = [clock.time(number / 10, 50.0) for number in range(40)]
    assert stored == [0.0] * 40
    assert [clock.time(4 + n / 10, 50.1 + n / 10) for n in range(3)] == pytest.approx(
        [0.1, 0.2, 0.3]
    )


@pytest.mark.parametrize("jump", [3600.0, -3600.0, LATE + 1, -LATE - 1])
def test_a_stream_whose_timestamps_jump_goes_on_by_when_pictures_come(jump: float) -> None:
    clock = StreamClock()
    assert clock.time(50.0, 10.0) == 0.0
    assert clock.time(50.2 + jump, 10.2) == pytest.approx(0.2)
    assert clock.time(50.4 + jump, 10.4) == pytest.approx(0.4)


def segments(*, every: float, rate: float, count: int, jump: float = 0.0) -> list[float]:
    """Times of a stream whose pieces come each when the next begins; after the first its timestamps
    jump."""
    clock, found = SegmentClock(), []
    for piece in range(count):
        stamp = piece * every + jump * (piece > 0)
        number = round(every * rate)
        found += [clock.time(stamp + n / rate, 50.0 + piece * every) for n in range(number)]
    return found


def test_what_comes_by_the_piece_keeps_the_evenness_of_its_timestamps() -> None:
    for rate in (0.2, 5.0, 25.0):
        found = segments(every=10.0, rate=rate, count=5)
        assert found == pytest.approx([number / rate for number in range(len(found))])


@pytest.mark.parametrize("jump", [-3600.0, 3600.0])
def test_after_a_jump_the_piece_follows_the_one_before(jump: float) -> None:
    found = segments(every=4.0, rate=5.0, count=5, jump=jump)
    steps = np.diff(found)
    assert (steps >= 0).all()
    assert steps.max() <= 0.4 + 1e-6
    assert found[-1] == pytest.approx(19.8, abs=0.4)


def test_a_piece_that_is_late_is_shown_as_it_comes() -> None:
    clock = SegmentClock()
    assert clock.time(0.0, 100.0) == 0.0
    assert clock.time(0.2, 100.0 + LATE) == pytest.approx(0.2)
    assert clock.time(0.4, 110.0) == pytest.approx(10.0)
    assert clock.time(0.6, 110.0) == pytest.approx(10.2)


STAMP = st.none() | st.floats(-1e6, 1e6)


@given(st.lists(STAMP, max_size=50), st.just(0.0) | st.floats(1 / LONGEST_HOLE, 1000))
def test_times_of_a_recording_rise_and_leave_no_hole(
    stamps: list[float | None], rate: float
) -> None:
    clock = FileClock(rate)
    found = [clock.time(stamp, 0.0) for stamp in stamps]
    for before, after in itertools.pairwise(found):
        assert before < after
        assert after - before <= max(LONGEST_HOLE, 1 / rate if rate else 0) + 1e-3


@given(st.lists(st.tuples(STAMP, st.floats(0, 10)), max_size=50))
def test_times_of_a_stream_never_go_back_nor_run_away(
    pictures: list[tuple[float | None, float]],
) -> None:
    clock, now, last = StreamClock(), 0.0, 0.0
    for number, (stamp, waited) in enumerate(pictures):
        now += waited if number else 0.0
        found = clock.time(stamp, now)
        assert max(last, now - LATE - 1e-6) <= found <= max(last, now + 1e-6)
        last = found


def test_a_stream_as_rare_as_can_be_judged_is_not_taken_for_silent() -> None:
    assert not near_enough(round((READ_SECONDS - 1) * SECOND), SPARSEST)


@pytest.mark.parametrize("rate", [5.0, 7.0, 12.0, 12.5, 23.976, 25.0, 29.97, 30.0, 60.0])
@pytest.mark.parametrize("digits", [3, 6])
def test_of_any_rate_no_more_are_given_than_asked_for(rate: float, digits: int) -> None:
    slots, given = Slots(5.0), []
    for number in range(int(rate * 60)):
        at = round(number / rate, digits)
        if slots.due(at):
            slots.take(at)
            given.append(at)
    assert abs(len(given) - 300) <= 1
    spread = [b - a for a, b in itertools.pairwise(given)]
    assert max(spread) <= 0.2 + 1 / rate + 2e-3
