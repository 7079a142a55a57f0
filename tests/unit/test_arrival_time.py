"""A feed that goes by arrival: readings have the time of the tick, the device's is kept beside."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.control import ABSURD_BEHIND
from streams.events import (
    DAY,
    LATE,
    MINUTE,
    REPEATED,
    SECOND,
    BadMessage,
    ControlChange,
    DeadLetter,
    Incident,
    Micros,
    Rule,
    Scored,
    Tick,
)
from streams.sensors.arrivals import REMEMBERED, Arrivals, timed
from streams.sensors.reordering import Rows
from tests.support.extension import extended
from tests.support.loops import START, Driver, controls
from tests.support.wells import BOOT, FEED, PERIOD, folder, pack, well

QUIET = Rule("quiet", "no_data", "high", parameters={"least_seconds": 20})


@pytest.fixture
def wells(tmp_path: Path) -> Iterator[None]:
    with extended(folder(tmp_path)):
        yield


def city(*rules: Rule) -> Driver:
    return Driver().feed(*controls([well("a"), well("b"), *rules]), Tick(START))


def told(driver: Driver) -> list[tuple[str, Micros, Micros, float, int]]:
    """(source, time since START, device's time, first metric's value, flags), as scored."""
    found = []
    for event in driver.events(Scored):
        source = np.frombuffer(event.source, "<u2").tolist()
        values = np.frombuffer(event.values, "<f8").reshape(len(source), -1)[:, 0].tolist()
        times = (np.frombuffer(event.times, "<i8") - START).tolist()
        said = np.frombuffer(event.device_times, "<i8").tolist()
        names = [event.sources[n] for n in source]
        found += list(zip(names, times, said, values, event.flags, strict=True))
    return found


def ticks(first: Micros, last: Micros) -> list[Tick]:
    return [Tick(START + time) for time in range(first, last + 1, SECOND)]


def play(off: Micros, *, readings: int = 24, drift: float = 1.0) -> Driver:
    """One reading each PERIOD, by a clock that is off; with a tick each second."""
    driver = city(QUIET)
    for second in range(1, readings * 5 + 30):
        if second % 5 == 0 and second <= readings * 5:
            said = START + off + round(drift * second * SECOND)
            driver.feed(pack([("a", said, 1.0), ("b", said, 2.0)], second))
        driver.feed(Tick(START + second * SECOND))
    return driver


@pytest.mark.usefixtures("wells")
@pytest.mark.parametrize("off", [0, 300 * SECOND, -300 * SECOND, -START, 4000 * DAY])
def test_its_readings_have_the_time_of_the_tick_whatever_the_clock_says(off: Micros) -> None:
    driver = play(off)
    rows = [row for row in told(driver) if row[0] == "a"]
    expected = [(PERIOD * n - SECOND, START + off + PERIOD * n, 0) for n in range(1, 25)]
    assert [(time, said, flag) for _, time, said, _, flag in rows] == expected
    assert not driver.events(DeadLetter)
    kinds = [incident.kind for incident in driver.events(Incident)]
    assert "clock_error" not in kinds
    opened, *_ = [one for one in driver.incidents if one.sources == ("a",)]
    last = START + 24 * PERIOD
    assert opened.kind == "no_data", "it has died at the end"
    assert abs(opened.start - last) <= 2 * SECOND


def test_control_by_the_clock_of_the_device_it_is_refused_or_named(tmp_path: Path) -> None:
    with extended(folder(tmp_path, FEED.replace("clock: arrival", "clock: source"))):
        with pytest.raises(BadMessage, match="absurd_time"):
            play(-START)
        ahead, right = play(300 * SECOND), play(0)
    assert "clock_error" in [incident.kind for incident in ahead.incidents]
    assert {event.device_times for event in right.events(Scored)} == {b""}


@pytest.mark.usefixtures("wells")
def test_readings_of_one_pack_keep_their_order_and_distances() -> None:
    rows = [("a", BOOT + n * PERIOD // 5, float(n)) for n in (2, 0, 1)]
    driver = city().feed(pack([*rows, ("b", 7, 9.0)], 1), *ticks(SECOND, 5 * SECOND))
    assert told(driver) == [
        ("a", -2 * SECOND, BOOT, 0.0, 0),
        ("a", -SECOND, BOOT + SECOND, 1.0, 0),
        ("a", 0, BOOT + 2 * SECOND, 2.0, 0),
        ("b", 0, 7, 9.0, 0),
    ]


@pytest.mark.usefixtures("wells")
def test_packs_between_two_ticks_follow_each_other() -> None:
    driver = city()
    for number in range(4):
        driver.feed(pack([("a", BOOT + 2 * number + n, 2.0 * number + n) for n in (0, 1)], number))
    driver.feed(*ticks(SECOND, 5 * SECOND))
    assert [value for *_, value, _ in told(driver)] == [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0]
    assert len({time for _, time, *_ in told(driver)}) == 8


@pytest.mark.usefixtures("wells")
@pytest.mark.parametrize("after", [0, 3 * SECOND, 60 * SECOND])
def test_what_comes_again_is_a_repeat(after: Micros) -> None:
    rows = [("a", BOOT + n * SECOND, float(n)) for n in range(6)]
    driver = city().feed(pack(rows, 1), *ticks(SECOND, after))
    driver.feed(pack(rows, 1), pack(rows[::-1][:4], 2), pack(rows[:3], 3))
    driver.feed(*ticks(after + SECOND, after + 10 * SECOND))
    once = [row for row in told(driver) if not row[-1] & REPEATED]
    assert [(said, value) for _, _, said, value, _ in once] == [row[1:] for row in rows]
    assert driver.counts["repeated"] == 6 + 4 + 3


@pytest.mark.usefixtures("wells")
def test_control_by_another_time_of_the_device_it_is_another_reading() -> None:
    driver = city().feed(pack([("a", BOOT, 1.0)], 1), pack([("a", BOOT + 1, 1.0)], 2))
    driver.feed(*ticks(SECOND, 10 * SECOND))
    assert len(told(driver)) == 2
    assert "repeated" not in driver.counts


@pytest.mark.usefixtures("wells")
def test_one_metric_a_message_is_one_reading_also_across_a_tick() -> None:
    driver = city().feed(pack([("a", BOOT, 1.0)], 1), Tick(START + SECOND))
    driver.feed(pack([("a", BOOT, 20.0)], 2, metric="warmth"), *ticks(2 * SECOND, 10 * SECOND))
    (event,) = driver.events(Scored)
    first = np.frombuffer(event.values, "<f8").reshape(-1, 2)[0].tolist()
    assert (event.metrics, first) == (("level", "warmth"), [1.0, 20.0])
    assert event.flags == bytes([0, REPEATED])


@pytest.mark.usefixtures("wells")
def test_another_value_comes_late_to_the_same_reading() -> None:
    driver = city().feed(pack([("a", BOOT, 1.0)], 1), *ticks(SECOND, 10 * SECOND))
    driver.feed(pack([("a", BOOT, 3.0)], 2), *ticks(11 * SECOND, 20 * SECOND))
    assert told(driver) == [("a", 0, BOOT, 1.0, 0), ("a", 0, BOOT, 3.0, LATE)]
    assert driver.counts["corrected"] == 1


@pytest.mark.usefixtures("wells")
def test_a_state_that_was_stored_goes_on() -> None:
    rows = [("a", BOOT + n * SECOND, float(n)) for n in range(6)]
    driver = city().feed(pack(rows, 1), Tick(START + SECOND))
    driver.reload()
    driver.feed(pack(rows, 2), pack([("a", BOOT + MINUTE, 6.0)], 3), *ticks(2 * SECOND, MINUTE))
    assert [value for *_, value, flag in told(driver) if not flag] == [*map(float, range(7))]


@pytest.mark.usefixtures("wells")
def test_before_the_first_tick_nothing_arrives() -> None:
    driver = Driver().feed(*[ControlChange(n, START, well(name)) for n, name in enumerate("ab", 1)])
    with pytest.raises(BadMessage, match="no_tick"):
        driver.feed(pack([("a", BOOT, 1.0)], 1))


@pytest.mark.usefixtures("wells")
def test_a_time_that_no_table_can_hold_is_refused_alone() -> None:
    driver = city().feed(pack([("a", BOOT, 1.0), ("b", 2**62, 2.0)], 1, time=BOOT))
    driver.feed(*ticks(SECOND, 5 * SECOND))
    assert [letter.reason for letter in driver.events(DeadLetter)] == ["absurd_time"]
    assert [row[0] for row in told(driver)] == ["a"]


said = st.integers(-60_000 * DAY, 60_000 * DAY)


@given(
    st.lists(st.lists(st.tuples(st.integers(0, 2), said), max_size=40), max_size=6),
    st.lists(st.integers(0, 400 * SECOND), min_size=6, max_size=6),
)
def test_no_two_readings_of_a_source_have_one_time_and_each_pack_is_in_order(
    packs: list[list[tuple[int, Micros]]], steps: list[Micros]
) -> None:
    known, tick = Arrivals(), START
    latest: dict[int, Micros] = {}
    remembered: dict[int, dict[Micros, Micros]] = {0: {}, 1: {}, 2: {}}
    for rows, step in zip(packs, steps, strict=False):
        tick += step
        slot, time = np.array(rows, np.int64).reshape(-1, 2).T
        plain = Rows(slot.astype("<u2"), time, np.zeros((len(slot), 1)), np.zeros(len(slot), "u1"))
        known, found, new = timed(known, plain, 3, tick)
        assert found.device is time
        for number in range(3):
            own = {
                (int(said), int(given), bool(fresh))
                for said, given, fresh in zip(
                    time[slot == number],
                    found.time[slot == number],
                    new[slot == number],
                    strict=True,
                )
            }
            held = remembered[number]
            assert {said for said, _, fresh in own if not fresh} == {s for s, *_ in own} & set(held)
            assert all(held[said] == given for said, given, fresh in own if not fresh)
            fresh = sorted((said, given) for said, given, fresh in own if fresh)
            assert all(one[1] < two[1] for one, two in pairwise(fresh))
            if fresh:
                assert latest.get(number, 0) < fresh[0][1]
                assert fresh[0][1] >= tick - ABSURD_BEHIND - len(fresh)
                assert fresh[-1][1] == max(tick, latest.get(number, 0) + len(fresh))
                latest[number] = fresh[-1][1]
                held |= dict(fresh)
                remembered[number] = dict(sorted(held.items(), key=lambda i: i[1])[-REMEMBERED:])
