"""The clock behind event time: what it follows, what it does not, and what it takes over."""

import time
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.clock import (
    RELEASED,
    SLEW,
    STEP,
    Kept,
    advance,
    begin,
    boot,
    spelled,
    steady_clock,
    wall_clock,
)
from streams.control import ABSURD_AHEAD
from streams.events import DAY, HOUR, MINUTE, SECOND, Micros
from streams.stamps import REFUSED_AHEAD, RESERVED_TIME, Reserved, Stamps

NOW = 1_800_000_000 * SECOND
PATIENCE = 15 * MINUTE
OUTAGE = 14 * DAY


class Machine:
    """A machine whose wall clock is set, which is suspended, and is booted again."""

    def __init__(self) -> None:
        self.true: Micros = NOW
        self.booted: Micros = NOW - HOUR
        self.boots = 1
        self.error: Micros = 0
        """By how much its wall clock is ahead."""
        self.reserved = Reserved()
        self.start()

    def start(self) -> None:
        self.stamps = Stamps(self.reserved, f"boot {self.boots}", PATIENCE, OUTAGE)

    def reboot(self, off: Micros) -> None:
        self.true += off
        self.boots, self.booted = self.boots + 1, self.true
        self.start()

    @property
    def wall(self) -> Micros:
        return self.true + self.error

    @property
    def steady(self) -> Micros:
        return self.true - self.booted

    def read(self) -> Micros:
        now = self.stamps.now(self.wall, self.steady)
        self.reserved = self.stamps.reserved
        return now

    def run(self, time: Micros, every: Micros = SECOND) -> Micros:
        """Reads once a second; gives the last reading."""
        for _ in range(time // every):
            self.true += every
            now = self.read()
        return now


@pytest.mark.parametrize("ahead", [5 * SECOND, 10 * MINUTE, 31 * DAY, 40 * DAY, -HOUR, -21 * DAY])
@pytest.mark.parametrize("lasts", [SECOND, 2 * SECOND, 10 * MINUTE])
def test_a_step_that_does_not_last_leaves_no_trace(ahead: Micros, lasts: Micros) -> None:
    machine = Machine()
    machine.run(10 * SECOND)
    machine.error = ahead
    assert abs(machine.run(lasts) - machine.true) <= SECOND
    assert machine.stamps.wrong_by == ahead
    assert machine.reserved.time <= machine.true + 2 * RESERVED_TIME
    machine.error = 0
    assert abs(machine.run(SECOND) - machine.true) <= SECOND
    assert machine.stamps.wrong_by == 0
    machine.start()  # nor after a restart: what is kept on disk lies about now
    assert abs(machine.run(SECOND) - machine.true) <= RESERVED_TIME


def test_a_step_that_lasts_is_taken_over_at_once_and_only_then() -> None:
    machine = Machine()
    machine.run(10 * SECOND)
    machine.error = 3 * HOUR
    before = machine.run(PATIENCE)
    assert abs(before - machine.true) <= SECOND
    assert abs(machine.run(SECOND) - machine.wall) <= SECOND
    assert machine.stamps.wrong_by == 0


def test_one_that_goes_on_stepping_is_not_taken_over() -> None:
    machine = Machine()
    machine.run(10 * SECOND)
    for step in range(1, 10):
        machine.error = step * HOUR
        machine.run(PATIENCE // 2)
    assert abs(machine.read() - machine.true) <= SECOND


def test_a_restart_takes_over_no_sooner_and_no_later() -> None:
    machine = Machine()
    machine.run(10 * SECOND)
    machine.error = 40 * DAY
    for _ in range(3):
        machine.run(PATIENCE // 4)
        machine.start()
        assert abs(machine.read() - machine.true) <= 2 * RESERVED_TIME
    machine.run(PATIENCE // 4 + 5 * SECOND)
    assert abs(machine.read() - machine.wall) <= 2 * RESERVED_TIME


def test_without_patience_it_is_taken_over_only_when_somebody_says_so() -> None:
    machine = Machine()
    machine.stamps = Stamps(Reserved(), "boot 1")
    machine.run(10 * SECOND)
    machine.error = HOUR
    assert abs(machine.run(DAY, every=MINUTE) - machine.true) <= SECOND
    assert not machine.stamps.accept(machine.wall, machine.steady, 2 * HOUR)  # another step
    assert machine.stamps.accept(machine.wall, machine.steady, HOUR)
    assert machine.read() == machine.wall
    assert not machine.stamps.accept(machine.wall, machine.steady, HOUR)  # it is believed


def test_where_it_is_ahead_it_slows_down_and_never_goes_back() -> None:
    machine = Machine()
    machine.run(10 * SECOND)
    machine.error = -HOUR
    machine.run(PATIENCE)
    last = machine.read()
    readings = [machine.run(MINUTE) for _ in range(130)]
    assert all(a < b for a, b in zip([last, *readings], readings, strict=False))
    assert readings[0] - last == pytest.approx(30 * SECOND, abs=SECOND)
    assert abs(readings[-1] - machine.wall) <= STEP
    assert machine.stamps.wrong_by == 0


def wrongly_ahead(by: Micros = 40 * DAY) -> Machine:
    """A machine that has taken over a clock far ahead, which is then put right."""
    machine = Machine()
    machine.run(10 * SECOND)
    machine.error = by
    machine.run(PATIENCE + 2 * SECOND)
    assert abs(machine.read() - machine.wall) <= SECOND
    machine.run(HOUR, every=MINUTE)
    machine.error = 0
    return machine


def test_far_ahead_it_goes_on_as_it_is_until_somebody_says_so() -> None:
    machine = wrongly_ahead()
    machine.run(2 * PATIENCE)
    assert machine.read() == pytest.approx(machine.true + 40 * DAY, abs=MINUTE)
    assert machine.stamps.wrong_by == pytest.approx(-40 * DAY, abs=MINUTE)
    before = machine.read()
    stamped = machine.stamps.stamp("cam-1", before)
    assert machine.stamps.accept(machine.wall, machine.steady, machine.stamps.wrong_by)
    assert machine.read() == machine.true
    assert machine.stamps.wrong_by == 0
    undone = machine.stamps.undone
    assert undone is not None
    # The stretch begins where the clock was taken over, and ends where it was put right.
    assert undone.until == before
    assert machine.true < undone.since < before - HOUR
    later = machine.stamps.stamp("cam-1", machine.true)
    assert later[0] == machine.true + 1
    assert later[1] > stamped[1]
    assert machine.reserved.time <= machine.true + RESERVED_TIME
    machine.start()  # and so it stays
    assert machine.run(MINUTE) == pytest.approx(machine.true, abs=2 * RESERVED_TIME)
    assert machine.stamps.undone == undone


def test_it_goes_back_only_into_what_it_jumped_over() -> None:
    machine = wrongly_ahead(2 * DAY)
    machine.error = 2 * DAY
    machine.run(5 * DAY, every=MINUTE)  # so long that what was stamped lies before now
    machine.error = 0
    before = machine.run(MINUTE)
    assert machine.stamps.accept(machine.wall, machine.steady, machine.stamps.wrong_by)
    assert machine.stamps.undone is None
    assert machine.run(HOUR, every=MINUTE) - before == pytest.approx(HOUR // 2, abs=SECOND)
    machine.run(4 * DAY, every=MINUTE)
    assert abs(machine.read() - machine.true) <= STEP  # at half speed, but it comes back


def test_a_clock_that_was_believed_at_a_boot_can_be_undone_too() -> None:
    machine = Machine()
    machine.run(10 * SECOND)
    machine.error = 10 * DAY
    machine.reboot(HOUR)
    assert machine.read() == machine.wall
    machine.error = 0
    machine.run(MINUTE)
    assert machine.stamps.accept(machine.wall, machine.steady, machine.stamps.wrong_by)
    assert machine.read() == machine.true


def test_so_can_a_first_start_and_one_mistake_after_another() -> None:
    machine = Machine()
    machine.error = 40 * DAY
    machine.run(MINUTE)
    for error in (80 * DAY, 60 * DAY, 0):
        machine.error = error
        machine.run(MINUTE)
        assert machine.stamps.accept(machine.wall, machine.steady, machine.stamps.wrong_by)
        assert machine.read() == machine.wall
    assert machine.read() == machine.true


def test_small_steps_slow_it_down_and_undo_nothing() -> None:
    machine = wrongly_ahead(12 * HOUR)
    machine.run(MINUTE)
    assert machine.stamps.accept(machine.wall, machine.steady, machine.stamps.wrong_by)
    assert machine.stamps.undone is None


def test_what_a_time_server_corrects_is_followed_smoothly() -> None:
    machine = Machine()
    machine.run(10 * SECOND)
    for error in (2 * SECOND, 0, -2 * SECOND):
        machine.error = error
        last = machine.read()
        for _ in range(450):
            now = machine.run(SECOND)
            assert SECOND - SECOND // SLEW <= now - last <= SECOND + SECOND // SLEW
            last = now
        assert abs(last - machine.wall) <= 1
        assert machine.stamps.wrong_by == 0


def test_readings_close_to_each_other_follow_as_fast() -> None:
    machine = Machine()
    machine.read()
    machine.error = SECOND
    machine.run(10 * SECOND, every=37)
    assert machine.read() - machine.true == pytest.approx(SECOND // 10, abs=2)


def test_a_suspended_machine_wakes_at_the_right_time() -> None:
    machine = Machine()
    machine.run(10 * SECOND)
    machine.true += 8 * HOUR
    assert abs(machine.read() - machine.true) <= SECOND


def test_hours_down_are_hours_also_where_the_clock_was_set_meanwhile() -> None:
    machine = Machine()
    machine.run(10 * SECOND)
    machine.true += 8 * HOUR
    machine.error = 40 * DAY
    machine.start()
    assert abs(machine.read() - machine.true) <= SECOND
    assert machine.stamps.wrong_by == pytest.approx(40 * DAY, abs=SECOND)


def test_after_a_reboot_only_the_clock_knows() -> None:
    machine = Machine()
    machine.run(10 * SECOND)
    machine.reboot(8 * HOUR)
    assert machine.read() == machine.true


def test_after_a_reboot_with_an_empty_battery_time_goes_on_from_what_was_stamped() -> None:
    machine = Machine()
    last = machine.run(10 * SECOND)
    machine.error = -20 * 365 * DAY
    machine.reboot(MINUTE)
    assert last <= machine.read() <= last + 2 * RESERVED_TIME
    machine.run(MINUTE)
    machine.error = 0  # a time server answers
    machine.run(PATIENCE + 5 * SECOND)
    assert abs(machine.read() - machine.true) <= STEP


def test_after_a_reboot_a_clock_too_far_ahead_is_in_doubt_until_it_has_lasted() -> None:
    machine = Machine()
    last = machine.run(10 * SECOND)
    machine.error = 40 * DAY
    machine.reboot(MINUTE)
    assert last <= machine.read() <= last + 2 * RESERVED_TIME
    assert machine.stamps.wrong_by == pytest.approx(40 * DAY + MINUTE, abs=2 * SECOND)
    now = machine.run(PATIENCE // 2)
    assert now - last <= PATIENCE // 2 + 2 * RESERVED_TIME
    machine.start()  # a restart does not believe it either
    assert machine.read() - now <= 2 * RESERVED_TIME
    machine.run(PATIENCE)
    assert abs(machine.read() - machine.wall) <= STEP


def test_one_that_is_put_right_before_then_costs_no_more_than_the_outage() -> None:
    machine = Machine()
    machine.run(10 * SECOND)
    machine.error = 40 * DAY
    machine.reboot(5 * MINUTE)
    machine.run(MINUTE)
    machine.error = 0
    machine.run(PATIENCE + 5 * SECOND)
    assert abs(machine.read() - machine.true) <= STEP
    assert machine.stamps.wrong_by == 0


def test_a_machine_that_was_off_for_long_is_believed_when_somebody_says_so() -> None:
    machine = Machine()
    machine.run(10 * SECOND)
    machine.reboot(90 * DAY)
    machine.read()
    wrong = machine.stamps.wrong_by
    assert wrong == pytest.approx(90 * DAY, abs=2 * SECOND)
    assert machine.stamps.accept(machine.wall, machine.steady, wrong)
    assert machine.read() == machine.true


def test_a_first_start_with_a_clock_from_before_the_release_is_in_doubt() -> None:
    machine = Machine()
    machine.error = RELEASED - NOW - 20 * 365 * DAY
    assert machine.read() == RELEASED
    assert machine.stamps.wrong_by < -19 * 365 * DAY
    machine.run(2 * PATIENCE)  # however long it says so
    assert machine.read() == pytest.approx(RELEASED + 2 * PATIENCE, abs=SECOND)
    assert not machine.stamps.accept(machine.wall, machine.steady, machine.stamps.wrong_by)
    machine.error = 0  # a time server answers, late
    machine.run(PATIENCE + 5 * SECOND)
    assert abs(machine.read() - machine.true) <= STEP
    assert machine.stamps.wrong_by == 0


def test_the_release_is_not_of_the_future() -> None:
    assert wall_clock() >= RELEASED


def test_a_file_of_an_earlier_release_is_believed_where_it_can_be() -> None:
    stamps = Stamps(Reserved(NOW - DAY, 7), "boot 1")
    assert stamps.now(NOW, HOUR) == NOW
    # It stamped what a wrong clock showed, and the stages are there: ticks go on, evenly.
    ahead = Stamps(Reserved(NOW + 40 * DAY, 7), "boot 1")
    assert ahead.now(NOW, HOUR) == NOW + 40 * DAY
    assert ahead.now(NOW + MINUTE, HOUR + MINUTE) == NOW + 40 * DAY + MINUTE
    assert ahead.wrong_by == -40 * DAY


def test_other_parts_go_by_the_publishers_clock() -> None:
    leader = Kept("boot 1", HOUR, NOW - HOUR)
    city = Stamps(Reserved(), "boot 1")
    assert city.now(NOW + 40 * DAY, HOUR, leader) == NOW
    elsewhere = Stamps(Reserved(), "boot 2")
    assert elsewhere.now(NOW + MINUTE, HOUR, leader) == NOW + MINUTE


def test_stamps_that_every_stage_refused_are_forgotten() -> None:
    assert REFUSED_AHEAD == ABSURD_AHEAD
    city = Stamps(Reserved(NOW + 31 * DAY, 500), "boot 1")
    leader = Kept("boot 1", HOUR, NOW - HOUR)
    assert city.now(NOW, HOUR, leader) == NOW
    time, sequence = city.stamp("cam-1", NOW)
    assert (time, sequence) == (NOW + 1, 501)
    assert city.reserved.time < NOW + MINUTE
    # What they may have taken is not.
    near = Stamps(Reserved(NOW + MINUTE, 500), "boot 1")
    assert near.now(NOW, HOUR, leader) == NOW + MINUTE
    assert near.stamp("cam-1", NOW)[0] == NOW + MINUTE + 1


def test_a_picture_that_was_being_drawn_when_time_was_undone_holds_back_none_after_it() -> None:
    city = Stamps(Reserved(), "boot 1")

    def at(passed: Micros, ahead: Micros) -> Micros:
        leader = Kept("boot 1", HOUR + passed, NOW + ahead - HOUR)
        return city.now(NOW + ahead + passed, HOUR + passed, leader)

    at(0, 0)
    due = at(SECOND, 40 * DAY)
    city.stamp("cam-1", due)
    assert at(2 * SECOND, 0) == NOW + 2 * SECOND
    city.stamp("cam-1", due)
    for second in range(3, 6):
        now = at(second * SECOND, 0)
        assert city.stamp("cam-1", now)[0] == now == NOW + second * SECOND
    # What is due a little later is stamped so.
    assert city.stamp("cam-1", now + SECOND)[0] == now + SECOND


class Act(NamedTuple):
    what: str
    amount: Micros
    runs: int


acts = st.lists(
    st.builds(
        Act,
        st.sampled_from(["step", "restart", "reboot", "suspend", "right", "accept"]),
        st.one_of(
            st.integers(-30 * DAY, 30 * DAY), st.integers(-HOUR, HOUR), st.integers(-STEP, STEP)
        ),
        st.integers(1, 1200),
    ),
    max_size=12,
)


@given(acts=acts)
def test_whatever_happens_it_rises_and_goes_evenly(acts: list[Act]) -> None:
    """A reading rises by what passed, by half of it, or jumps to where the wall clock is."""
    machine, known = Machine(), None
    last = machine.run(SECOND)
    for act in acts:
        before = machine.true
        match act.what:
            case "step":
                machine.error += act.amount
            case "right":
                machine.error = 0
            case "restart":
                machine.start()
            case "reboot":
                machine.reboot(abs(act.amount))
            case "suspend":
                machine.true += abs(act.amount)
            case "accept":
                machine.stamps.accept(machine.wall, machine.steady, machine.stamps.wrong_by)
                if (undone := machine.stamps.undone) and undone != known:
                    known = undone
                    assert machine.read() == machine.wall < undone.since < undone.until
                    assert undone.until <= last + RESERVED_TIME
                    last = machine.read()
        for _ in range(min(act.runs, 40)):
            machine.true += SECOND * act.runs // 40
            now = machine.read()
            passed = machine.true - before
            least = passed // 2 - 2 * RESERVED_TIME if act.what != "reboot" else 0
            assert now - last >= least
            jumped = abs(now - machine.wall) <= SECOND
            assert jumped or now - last <= passed + passed // SLEW + 2 * RESERVED_TIME
            assert machine.reserved.time >= now
            last, before = now, machine.true


@given(passed=st.lists(st.integers(0, HOUR), min_size=1, max_size=20))
def test_reading_twice_is_reading_once(passed: list[Micros]) -> None:
    """How often it is asked decides nothing, but for what is lost in rounding."""
    kept = begin(None, 0, 0, "", wall=NOW + SECOND, steady=0)
    often = kept
    for end in range(1, len(passed) + 1):
        steady = sum(passed[:end])
        often = advance(often, NOW + steady, steady, 0)
    once = advance(kept, NOW + sum(passed), sum(passed), 0)
    assert often.now == once.now


def test_the_machines_own_clock_counts_from_boot() -> None:
    before = steady_clock()
    assert before <= steady_clock() <= before + MINUTE
    assert boot() == boot() != ""


def test_a_process_that_is_told_another_time_asks_the_kernel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    right = steady_clock()
    shown = time.clock_gettime_ns
    monkeypatch.setattr(time, "clock_gettime_ns", lambda number: shown(number) + 40 * DAY * 1000)
    assert right - SECOND <= steady_clock() <= right + MINUTE


def test_amounts_are_spelled_in_their_two_largest_units() -> None:
    assert spelled(40 * DAY + 2 * HOUR + MINUTE) == "40 d 2 h ahead"
    assert spelled(-5 * MINUTE - SECOND) == "5 min 1 s behind"
    assert spelled(1) == "0 s ahead"
