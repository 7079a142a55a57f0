from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events import DAY, HOUR, SECOND
from streams.stamps import RESERVED_TIME, Reserved, StampClock, Stamps

NOW = 1_800_000_000 * SECOND


class Clock:
    """A clock that shows what a test sets."""

    def __init__(self, shows: int) -> None:
        self.shows = shows

    def __call__(self) -> int:
        return self.shows


def clock_at(path: Path, wall: int, steady: int = 0) -> tuple[StampClock, Clock, Clock]:
    clocks = Clock(wall), Clock(steady)
    return StampClock(path, *clocks), *clocks


steps = st.lists(
    st.tuples(
        st.sampled_from(["stamp", "now", "crash"]),
        st.sampled_from(["a", "b"]),
        st.integers(-2 * DAY, 2 * DAY),  # the wall clock jumps by this
        st.integers(0, 5 * SECOND),  # while so much time passes
    ),
    max_size=40,
)


@given(steps=steps)
def test_stamps_rise_strictly_per_source_whatever_clock_and_process_do(
    steps: list[tuple[str, str, int, int]],
) -> None:
    wall, steady, stamps = NOW, 0, Stamps(Reserved())
    newest = {"a": (0, 0), "b": (0, 0)}
    reading = 0
    for action, source, jump, passed in steps:
        wall, steady = max(0, wall + jump + passed), steady + passed
        if action == "crash":
            stamps, steady = Stamps(stamps.reserved), 0  # what was stored is all that is left
            continue
        now = stamps.now(wall, steady)
        assert now >= reading
        reading = now
        if action == "stamp":
            time, sequence = stamps.stamp(source, now)
            assert time > newest[source][0]
            assert sequence > newest[source][1]
            assert stamps.reserved.time >= time
            assert stamps.reserved.sequence >= sequence
            newest[source] = time, sequence


def test_a_stamp_is_the_time_asked_for_where_that_is_free(tmp_path: Path) -> None:
    clock, _, _ = clock_at(tmp_path / "stamps", NOW)
    assert clock.stamp("loop-1", NOW - HOUR)[0] == NOW - HOUR
    assert clock.stamp("loop-2", NOW - HOUR)[0] == NOW - HOUR
    assert clock.stamp("loop-1", NOW - HOUR)[0] == NOW - HOUR + 1


def test_sequences_have_no_gaps_while_the_process_lives(tmp_path: Path) -> None:
    clock, wall, _ = clock_at(tmp_path / "stamps", NOW)
    sequences = []
    for _ in range(5):
        wall.shows += SECOND
        sequences.append(clock.stamp("camera-1")[1])
    assert sequences == [1, 2, 3, 4, 5]


def test_time_goes_on_when_the_wall_clock_goes_back(tmp_path: Path) -> None:
    clock, wall, steady = clock_at(tmp_path / "stamps", NOW)
    before = clock.now()
    wall.shows -= HOUR
    steady.shows += 10 * SECOND
    assert clock.now() == before + 5 * SECOND
    wall.shows = NOW + HOUR  # it has caught up
    assert clock.now() == NOW + HOUR


def test_a_restart_goes_on_above_what_was_given_out(tmp_path: Path) -> None:
    clock, _, _ = clock_at(tmp_path / "stamps", NOW)
    time, sequence = clock.stamp("camera-1")
    again, _, _ = clock_at(tmp_path / "stamps", NOW - DAY)
    later = again.stamp("camera-1")
    assert time < later[0] <= time + RESERVED_TIME + 1
    assert later[1] > sequence
    assert again.now() >= time


def test_a_restart_after_eight_hours_stamps_now(tmp_path: Path) -> None:
    clock, _, _ = clock_at(tmp_path / "stamps", NOW)
    clock.stamp("camera-1")
    again, _, _ = clock_at(tmp_path / "stamps", NOW + 8 * HOUR)
    assert again.stamp("camera-1")[0] == NOW + 8 * HOUR


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "stamps").write_bytes(b"{")
    with pytest.raises(ValueError, match="remove it"):
        StampClock(tmp_path / "stamps")
