"""A source of which nothing is to come: it is switched off, or its recording has ended."""

import msgspec
import pytest

from services.api.doubts import Unused, doubts
from services.api.life import Lives
from services.commandline import accounts
from services.commands import status
from streams.events import MINUTE, SECOND, Heartbeat, Rule, Source, Tick
from streams.kafka.heartbeat import Words
from tests.support.loops import PERIOD, START, Driver, controls, loop, pack
from tests.support.watchman import START as BEGUN
from tests.support.watchman import Watchman, at, camera, rule, zone

QUIET = Rule("quiet", "no_data", "high")
SECONDS = range(30 * 5)
ENDED = msgspec.structs.replace(camera(), rests="ended")


def off(source: Source) -> Source:
    return msgspec.structs.replace(source, rests="off")


@pytest.mark.parametrize("rests", [True, False])
def test_nobody_misses_a_camera_that_rests(*, rests: bool) -> None:
    man = Watchman(camera(), rule("no_data"))
    man.see()
    if rests:
        man.configure(ENDED)
    man.pass_until(BEGUN + 10 * MINUTE)
    assert len(man.incidents) == (0 if rests else 1), "the control is missed"


def test_what_is_open_of_a_camera_that_comes_to_rest_ended_with_its_last_picture() -> None:
    man = Watchman(camera(), zone(), rule("stopped_vehicle"))
    for _ in SECONDS:
        man.see(at("car", 300, 200))
    last = man.time
    man.pass_until(last + 70 * SECOND)
    assert [one.unknown_since for one in man.incidents] == [None, last]
    man.configure(ENDED)
    *_, over = man.incidents
    assert (over.revision, over.end) == (2, last)
    man.restart()
    man.pass_until(last + 10 * MINUTE)
    assert len(man.incidents) == 3


def test_a_fault_of_a_camera_that_comes_to_rest_ended_with_its_last_picture() -> None:
    man = Watchman(camera())
    for _ in SECONDS:
        man.see(verdict="dark")
    last = man.time
    man.pass_until(last + SECOND)
    man.configure(ENDED)
    raised, over = man.incidents
    assert (over.id, over.kind, over.end) == (raised.id, "camera_dark", last)


def test_that_nothing_is_heard_ends_where_a_camera_is_to_say_nothing() -> None:
    man = Watchman(camera(), rule("no_data"))
    man.see()
    man.pass_until(BEGUN + 90 * SECOND)
    man.configure(ENDED)
    raised, over = man.incidents
    assert (over.id, over.end) == (raised.id, man.time)


def test_a_camera_that_is_to_speak_again_is_given_its_time() -> None:
    man = Watchman(camera(), rule("no_data"))
    man.see()
    man.configure(ENDED)
    man.pass_until(BEGUN + 10 * MINUTE)
    man.configure(camera())
    man.pass_until(BEGUN + 10 * MINUTE + 59 * SECOND)
    assert man.incidents == []
    man.pass_until(BEGUN + 10 * MINUTE + 62 * SECOND)
    assert [one.start for one in man.incidents] == [BEGUN + 10 * MINUTE]


def ticks(driver: Driver, first: int, last: int) -> None:
    for second in range(first, last):
        driver.feed(Tick(START + second * SECOND))


def speaking(*changes: Source) -> Driver:
    """A loop that has said something once, and what was changed then."""
    driver = Driver().city("a", rules=[QUIET])
    driver.feed(pack([("a", START + PERIOD, 720.0, 5.0, 40.0)], 1))
    ticks(driver, 1, 20)
    return driver.feed(*controls(changes, first=10))


def test_nobody_misses_a_sensor_that_rests() -> None:
    resting, control = speaking(off(loop("a"))), speaking()
    for driver in (resting, control):
        ticks(driver, 20, 600)
    assert resting.incidents == []
    assert [one.kind for one in control.incidents] == ["no_data"]


def test_that_nothing_is_heard_of_a_sensor_ends_where_it_is_switched_off() -> None:
    driver = speaking()
    ticks(driver, 20, 120)
    driver.feed(*controls([off(loop("a"))], first=10))
    ticks(driver, 120, 600)
    raised, over = driver.incidents
    assert over.id == raised.id
    assert over.end is not None


def test_a_sensor_that_is_switched_on_again_is_given_its_time() -> None:
    driver = speaking(off(loop("a")))
    ticks(driver, 20, 600)
    driver.feed(*controls([loop("a")], first=20))
    driver.reload()
    ticks(driver, 600, 655)
    assert driver.incidents == []
    ticks(driver, 655, 670)
    (incident,) = driver.incidents
    assert incident.start == START + 599 * SECOND


def test_a_source_that_rests_is_in_no_doubt_unless_it_speaks() -> None:
    now = BEGUN
    gone, resting = camera("gone"), off(camera("off"))
    found = Lives({}, Words(), [gone, resting], now)
    assert [found.rests(one) for one in (gone, resting)] == ["", "off"]
    assert list(doubts([gone, resting], found, ({}, {}), {})) == ["gone"]
    speaks = Heartbeat("city", "1", 1, now, True, "", 0, {}, {"off": now})
    assert Lives({"city": speaks}, Words(), [resting], now).rests(resting) == ""


@pytest.mark.parametrize(("type", "fate", "doubted"), [
    ("security_monitor", "late", False), ("dossier_office", "late", False),
    ("security_monitor", "refused", True), ("loop", "late", True),
])  # fmt: skip
def test_an_event_that_is_told_late_counts_and_makes_no_doubt(
    type: str, fate: str, doubted: bool
) -> None:
    now = BEGUN
    one = msgspec.structs.replace(loop("a"), kind=type)
    speaks = {"city": Heartbeat("city", "1", 1, now, True, "", 0, {}, {"a": now})}
    found = Lives(speaks, Words(), [one], now)
    assert list(doubts([one], found, ({}, {"a": Unused(fate, "", False)}), {})) == ["a"] * doubted


def test_the_status_names_who_rests_and_a_few_of_many() -> None:
    many = [{"id": f"s{number}", "rests": "off"} for number in range(8)]
    assert status._resting([*many, {"id": "film", "rests": "ended"}], 0) == [
        "switched off, and not missed: s0, s1, s2, s3, s4, s5 and 2 more",
        "ended, and not missed: film",
    ]
    assert status._resting([], 0) == []
    assert status._resting([], 7) == ["not heard yet, and not missed: 7 sources"]
    assert status._resting([], 1) == ["not heard yet, and not missed: 1 source"]


def test_of_accounts_it_is_said_what_is_still_open() -> None:
    counted = {"counted": "2026-11-29T05:49:00Z", "unsaid": []}
    for state in counted, {"counted": None, "unsaid": ["detect"]}:
        assert "what came beside it is still open" in accounts._until(state)


def test_a_rule_of_which_sources_are_only_not_heard_is_counted_and_not_listed() -> None:
    def told(rule: str, **reasons: int) -> dict[str, object]:
        reason = next(iter(reasons))
        place = {"source": "cam-1", "since": None, "reason": reason, "detail": ""}
        found = [place | {"apart_seconds": None}]
        return {"rule": rule, "sources": 1, "reasons": reasons, "places": found}

    first, *listed = status._partly([told("silent", unheard=1), told("shed", shed=1)])
    assert first.startswith("not judged: 2 rules in 2 places")
    assert [line.split()[1].rstrip(":") for line in listed] == ["shed"]
