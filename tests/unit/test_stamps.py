from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.events import DAY, HOUR, MINUTE, SECOND
from streams.stamps import RESERVED_TIME, Reserved, StampClock, Stamps

NOW = 1_800_000_000 * SECOND


class Clock:
    """A clock that shows what a test sets."""

    def __init__(self, shows: int) -> None:
        self.shows = shows

    def __call__(self) -> int:
        return self.shows


def clock_at(
    path: Path, wall: int, steady: int = 0, boot: str = "boot 1"
) -> tuple[StampClock, Clock, Clock]:
    clocks = Clock(wall), Clock(steady)
    return StampClock(path, *clocks, boot=boot), *clocks


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
    clock, _, steady = clock_at(tmp_path / "stamps", NOW)
    sequences = []
    for _ in range(5):
        steady.shows += SECOND
        sequences.append(clock.stamp("camera-1")[1])
    assert sequences == [1, 2, 3, 4, 5]


def test_time_goes_on_when_the_wall_clock_goes_back(tmp_path: Path) -> None:
    clock, wall, steady = clock_at(tmp_path / "stamps", NOW)
    before = clock.now()
    wall.shows -= HOUR
    steady.shows += 10 * SECOND
    assert clock.now() == before + 10 * SECOND
    assert clock.wrong_by == -HOUR - 10 * SECOND


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
    again, _, _ = clock_at(tmp_path / "stamps", NOW + 8 * HOUR, steady=8 * HOUR)
    assert again.stamp("camera-1")[0] == NOW + 8 * HOUR
    booted, _, _ = clock_at(tmp_path / "stamps", NOW + DAY, boot="boot 2")
    assert booted.stamp("camera-1")[0] == NOW + DAY


def test_a_clock_of_forty_days_ahead_for_two_seconds_is_not_stamped(tmp_path: Path) -> None:
    clock, wall, steady = clock_at(tmp_path / "stamps", NOW)
    clock.stamp("camera-1")
    wall.shows += 40 * DAY
    steady.shows += 2 * SECOND
    assert clock.stamp("camera-1")[0] == NOW + 2 * SECOND
    wall.shows -= 40 * DAY - 3 * SECOND
    again, _, _ = clock_at(tmp_path / "stamps", wall.shows, steady=3 * SECOND)
    assert NOW + 2 * SECOND < again.stamp("camera-1")[0] <= NOW + 4 * SECOND


def test_a_clock_that_was_taken_over_stays_so_after_a_crash(tmp_path: Path) -> None:
    clock, wall, _ = clock_at(tmp_path / "stamps", NOW)
    clock.now()
    wall.shows += HOUR
    assert clock.now() == NOW
    assert not clock.accept(2 * HOUR)
    assert clock.accept(HOUR)
    again, _, _ = clock_at(tmp_path / "stamps", NOW + HOUR)
    assert NOW + HOUR <= again.now() <= NOW + HOUR + RESERVED_TIME
    assert again.wrong_by == 0


def test_the_city_follows_the_gateways_clock_and_its_own_while_there_is_none(
    tmp_path: Path,
) -> None:
    gateway, _, _ = clock_at(tmp_path / "gateway", NOW)
    wall, steady = Clock(NOW + 40 * DAY), Clock(0)
    city = StampClock(tmp_path / "city", wall, steady, boot="boot 1", leader=tmp_path / "gateway")
    assert city.now() == NOW + 40 * DAY  # nothing says that this is wrong
    gateway.now()
    steady.shows += SECOND
    assert city.now() == NOW + SECOND
    assert city.stamp("cam-1")[0] <= NOW + SECOND + 1
    (tmp_path / "gateway").write_bytes(b"{")
    steady.shows += SECOND
    assert city.now() == NOW + 2 * SECOND


def test_a_clock_that_is_taken_over_is_announced_before_others_go_by_it(tmp_path: Path) -> None:
    gateway, wall, _ = clock_at(tmp_path / "gateway", NOW)
    gateway.now()
    city = StampClock(
        tmp_path / "city", Clock(NOW), Clock(0), boot="boot 1", leader=tmp_path / "gateway"
    )
    assert city.now() <= NOW + RESERVED_TIME
    seen = []

    def announce(now: int) -> None:
        other = StampClock(
            tmp_path / "other", Clock(NOW), Clock(0), boot="boot 1", leader=tmp_path / "gateway"
        )
        again, _, _ = clock_at(tmp_path / "gateway", NOW + HOUR)
        seen.append((now, other.now(), again.now()))

    wall.shows += HOUR
    assert gateway.accept(HOUR, announce)
    [(now, elsewhere, after_a_crash)] = seen
    assert now == NOW + HOUR
    assert elsewhere <= NOW + RESERVED_TIME
    assert after_a_crash >= now


def test_only_who_ticks_takes_a_clock_over(tmp_path: Path) -> None:
    wall, steady = Clock(NOW), Clock(0)
    clock = StampClock(tmp_path / "stamps", wall, steady, boot="boot 1", patience=MINUTE)
    clock.now()
    wall.shows += HOUR
    for _ in range(90):
        wall.shows += SECOND
        steady.shows += SECOND
        assert clock.stamp("cam-1")[0] <= NOW + 91 * SECOND
    said: list[int] = []
    clock.tick(said.append)
    assert said == [wall.shows]
    assert clock.stamp("cam-1")[0] == wall.shows


def test_an_earlier_release_can_read_the_file(tmp_path: Path) -> None:
    clock, _, _ = clock_at(tmp_path / "stamps", NOW)
    clock.stamp("camera-1")
    content = msgspec.json.decode((tmp_path / "stamps").read_bytes())
    assert (content["time"], content["sequence"]) == (NOW + RESERVED_TIME, 10_001)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "stamps").write_bytes(b"{")
    with pytest.raises(ValueError, match="remove it"):
        StampClock(tmp_path / "stamps")
