"""A source is up when it was heard itself, whatever its gateway, its link or its clock does."""

import math
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest

from services.api.life import Acquaintance, Lives, lives
from streams.control import Control
from streams.events import DAY, HOUR, MINUTE, SECOND, Heard, Heartbeat, Micros, Tick
from streams.hearing import SHOWN_AFTER, shown_after
from streams.kafka.heartbeat import Words
from streams.runtime.heard import SOURCES, heard
from streams.runtime.partition import Partition
from streams.stage import Hearing, Result
from streams.stages.detect import Detect, LastFrame
from streams.stamps import steady_clock
from streams.topics import FRAMES, READINGS
from tests.support.loops import START, Driver, loop, pack
from tests.support.watchman import camera

LOOP, CAMERA = loop("a", period=3 * SECOND), camera("cam-1")


def said(driver: Driver, now: Micros) -> Words:
    """What a worker says of the driver's partition at that time by the clock."""
    partition = Partition(driver.stage, 0, 1)
    partition.states = driver.state
    words = Words()
    for event in heard(partition, "streams-1", now):
        words.take(event)
    return words


def driven(*, every: int = 3, late: Micros = 0, until: int = 60, stop: int = 60) -> Driver:
    """One loop that sends every so many seconds, each reading so late, until it stops."""
    driver = Driver().city("a", "b")
    for second in range(1, until + 1):
        if second % every == 0 and second <= stop:
            at = START + second * SECOND
            driver.feed(pack([("a", at - late, 600.0, 10.0, 45.0)], second, at))
        driver.feed(Tick(START + second * SECOND))
    return driver


def life(driver: Driver, *beats: Heartbeat, clock: Micros = 0, after: Micros = 0) -> Lives:
    """As of ``after`` the last tick, by a clock that is wrong by ``clock``."""
    now = START + MINUTE + clock
    return Lives({beat.part: beat for beat in beats}, said(driver, now), [LOOP], now + after)


def claim(source: str, time: Micros) -> Heartbeat:
    """A publisher says that it has published something of the source."""
    return Heartbeat("city", "1", 1, 0, True, "", 0, {}, {source: time})


@pytest.mark.parametrize("late", [0, 20 * SECOND, 3 * MINUTE, HOUR, -30 * SECOND, -5 * MINUTE])
@pytest.mark.parametrize("clock", [0, 40 * DAY, -HOUR])
def test_a_source_is_up_while_its_own_readings_arrive(late: Micros, clock: Micros) -> None:
    found = life(driven(late=late), clock=clock).of(LOOP)
    assert found.up
    assert found.heard == START + 59 * SECOND, "the tick before it"
    assert found.lag == (late - SECOND if late else 0)
    assert found.newest == START + MINUTE - late
    assert found.lags(LOOP) is (late != 0)
    stopped = life(driven(late=late, stop=40), clock=clock).of(LOOP)
    assert not stopped.up, "the control: one that has stopped is not"
    assert not stopped.lags(LOOP)


def test_each_is_judged_by_its_own_period() -> None:
    seldom = msgspec.structs.replace(LOOP, period=20 * SECOND)
    driver = driven(every=20, stop=40)
    assert life(driver).of(seldom).up
    assert not life(driver).of(LOOP).up


def test_a_gateway_that_lives_does_not_make_its_sources_live() -> None:
    driver = driven(stop=20)
    driver.feed(pack([("b", START + MINUTE, 600.0, 10.0, 45.0)], 99, START + MINUTE))
    now = START + MINUTE
    found = Lives({}, said(driver, now), [LOOP, loop("b")], now)
    assert not found.of(LOOP).up
    assert found.of(loop("b")).up
    assert found.gateway(LOOP) == now
    assert Lives({}, said(driven(stop=20), now), [LOOP], now).gateway(LOOP) == START + 17 * SECOND


def test_a_publishers_word_does_not_stand_for_a_sensor_that_is_not_heard() -> None:
    driver, now = driven(stop=0), START + MINUTE
    assert not life(driver, claim("a", now)).of(LOOP).up
    assert Lives({"city": claim("a", now)}, Words(), [LOOP], now).of(LOOP).up, (
        "the control: nobody hears"
    )


def test_a_camera_is_up_by_its_frames_or_where_nobody_looks_by_its_publishers_word() -> None:
    now = START + MINUTE
    nothing = Words()
    nothing.take(Heard("detect-1", FRAMES, 0, now, now, (), b"", b""))
    assert not Lives({"city": claim("cam-1", now)}, nothing, [CAMERA], now).of(CAMERA).up, (
        "its pictures come, and none can be used"
    )
    assert Lives({"city": claim("cam-1", now)}, Words(), [CAMERA], now).of(CAMERA).up
    assert not Lives({"city": claim("cam-1", START)}, Words(), [CAMERA], now).of(CAMERA).up
    partition = Partition(Detect(lambda _: None, 1), 0, 1)  # type: ignore[arg-type, return-value]
    partition.states = {
        "": Control(now),
        "cam-1": LastFrame(now - HOUR, now - SECOND),
        "of an earlier release": LastFrame(now),
    }
    words = Words()
    for event in heard(partition, "detect-1", now):
        words.take(event)
    assert Lives({}, words, [CAMERA], now).of(CAMERA) == (
        *(now - HOUR, now - SECOND),
        *(HOUR - SECOND, True, False),
    )
    assert list(words.of) == ["cam-1"]


def test_one_that_sends_nothing_usable_is_not_up() -> None:
    driver = driven(stop=20)
    for second in range(61, 91):
        at = START + second * SECOND
        driver.feed(pack([("a", at, math.inf, -1.0, -1.0)], second, at), Tick(at))
    now = START + 90 * SECOND
    found = Lives({}, said(driver, now), [LOOP], now).of(LOOP)
    assert not found.up
    assert found.heard is not None
    assert found.heard <= START + 20 * SECOND


def test_when_the_worker_is_away_nobody_is_up_for_long() -> None:
    driver = driven()
    assert life(driver, after=SHOWN_AFTER).of(LOOP).up
    assert not life(driver, after=MINUTE).of(LOOP).up


def test_words_that_were_stored_are_the_same() -> None:
    driver = driven()
    driver.reload()
    assert said(driver, START).of == said(driven(), START).of


def test_a_message_holds_no_more_than_fits() -> None:
    class Many:
        name, reads, blocking, prepare, state_type = "many", READINGS, False, None, Control

        def step(self, state: object, event: object, at: object) -> Result:
            return Result()

        def hearing(self, state: object) -> list[Hearing]:
            names = tuple(f"{number:05}" for number in range(3 * SOURCES + 1))
            times = np.arange(len(names))
            return [Hearing(names, times, -times)]

    partition = Partition(Many(), 0, 1)
    assert list(heard(partition, "one", 0)) == [], "before the first tick nothing is known"
    partition.states = {"": Control(START)}
    events = list(heard(partition, "one", 0))
    assert [len(event.sources) for event in events] == [0, SOURCES, SOURCES, SOURCES, 1]
    words = Words()
    for event in events:
        words.take(event)
    assert words.of["04097"] == (4097, -4097, START, 0)
    words.take(msgspec.structs.replace(events[1], heard=b"1"))
    assert len(words.of) == 3 * SOURCES + 1


@pytest.mark.parametrize("period", [0, SECOND, MINUTE, HOUR])
def test_who_may_still_have_its_turn_is_awaited_and_not_silent(period: Micros) -> None:
    seldom, began = msgspec.structs.replace(LOOP, period=period), START
    patience = shown_after(period)
    for after, awaited in ((0, True), (patience, True), (patience + 1, False)):
        found = Lives({}, Words(), [seldom], began + after, {seldom.id: after}).of(seldom)
        assert (found.up, found.awaited) == (False, awaited)
    now = began + patience
    assert (
        not Lives({"city": claim("a", START - DAY)}, Words(), [seldom], now, {seldom.id: patience})
        .of(seldom)
        .awaited
    ), "it was heard before, and no longer"


@pytest.mark.parametrize("step", [-DAY, DAY])
def test_a_clock_that_is_set_prolongs_and_ends_no_wait(
    monkeypatch: pytest.MonkeyPatch, step: Micros
) -> None:
    told = SimpleNamespace(latest=dict, words=Words)
    state = SimpleNamespace(heartbeats=told, acquaintance=Acquaintance(steady_clock()))
    request: Any = SimpleNamespace(app=SimpleNamespace(state=state))
    monkeypatch.setattr("services.api.life.wall_clock", lambda: START + step)
    assert lives(request, [LOOP]).of(LOOP).awaited
    state.acquaintance = Acquaintance(steady_clock() - MINUTE)
    assert not lives(request, [LOOP]).of(LOOP).awaited


def test_who_is_new_is_awaited_from_then_and_who_was_there_from_the_beginning() -> None:
    known, old, new = Acquaintance(START), loop("old"), loop("new")
    assert known.of([old], START + HOUR) == {"old": START}
    later = {"old": START, "new": START + 2 * HOUR}
    assert known.of([old, new], START + 2 * HOUR) == later
    assert known.of([new, old], START + 3 * HOUR) == later
    assert known.of([new], START + 4 * HOUR) == {"new": START + 2 * HOUR}
    assert known.of([new, old], START + 5 * HOUR)["old"] == START + 5 * HOUR


def test_who_has_stopped_is_not_awaited() -> None:
    now = START + MINUTE
    stopped = Lives({}, said(driven(stop=20), now), [LOOP], now, {LOOP.id: 0}).of(LOOP)
    assert (stopped.up, stopped.awaited) == (False, False)
