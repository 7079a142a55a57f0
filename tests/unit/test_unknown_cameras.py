"""What a camera has seen does not last through a gap in its frames."""

from typing import Any

import pytest

from streams.events import HOUR, SECOND, Incident, Micros, Removed
from streams.feeds.registry import frame_lateness
from streams.incidents.hold import gap_limit
from streams.incidents.lapse import LEAST_UNHEARD
from tests.support.extension import extended
from tests.support.watchman import FRAME, START, Thing, Watchman, at, camera, rule, zone

CAR = [at("car", 300, 200)]
CROWD = [at("person", 100 + 60 * n, 200, 20, 50) for n in range(6)]
SEEN: list[tuple[str, list[Thing]]] = [
    ("stopped_vehicle", CAR),
    ("crowd", CROWD),
    ("intrusion", CROWD[:1]),
]
LATENESS = frame_lateness()


def open_on(kind: str, things: list[Thing], seconds: int = 30, **of: Any) -> Watchman:
    man = Watchman(camera(**of), zone(), rule(kind))
    look(man, things, seconds)
    return man


def look(man: Watchman, things: list[Thing], seconds: int) -> None:
    for _ in range(seconds * 5):
        man.see(*things)


def brief(incidents: list[Incident], last: Micros) -> list[tuple[int, float | None, float | None]]:
    """(revision, unknown since, end) in seconds from ``last``."""

    def seconds(time: Micros | None) -> float | None:
        return None if time is None else (time - last) / SECOND

    return [(i.revision, seconds(i.unknown_since), seconds(i.end)) for i in incidents]


@pytest.mark.parametrize(("kind", "things"), SEEN)
@pytest.mark.parametrize(("quiet", "seconds"), [(0, 30), (0, 42), (40, 22)])
def test_what_is_open_when_frames_stop_is_over_as_of_the_last(
    kind: str, things: list[Thing], quiet: int, seconds: int
) -> None:
    """Wherever the minute that is counted begins, for which a tick looks at the camera anyway."""
    man = open_on(kind, [], quiet)
    look(man, things, seconds)
    last = man.time
    man.pass_until(last + 120 * SECOND)
    opened, lost, over = man.incidents
    assert brief([opened, lost, over], last) == [(0, None, None), (1, 0, None), (2, 0, 0)]
    assert 0 < lost.decided_at - (last + LEAST_UNHEARD + LATENESS) <= SECOND
    assert 0 < over.decided_at - (last + gap_limit(FRAME) + LATENESS) <= SECOND
    assert over.evidence == opened.evidence


@pytest.mark.parametrize(("kind", "things"), SEEN)
def test_frames_that_come_on_leave_it_known(kind: str, things: list[Thing]) -> None:
    """The control."""
    man = open_on(kind, things, 150)
    assert brief(man.incidents, man.time) == [(0, None, None)]


@pytest.mark.parametrize(("kind", "things"), SEEN)
@pytest.mark.parametrize("gap_s", [32, 45, 60])
def test_what_is_still_there_after_a_gap_is_the_same(
    kind: str, things: list[Thing], gap_s: int
) -> None:
    man = open_on(kind, things)
    last = man.time
    man.pass_until(last + gap_s * SECOND - FRAME)
    look(man, things, 20)
    # A tick proves the gap; where frames were faster, the first of them.
    assert brief(man.incidents, last) == [(0, None, None), (1, 0, None), (2, None, None)]
    look(man, [], 20)
    *_, over = man.incidents
    assert over.revision == 3
    assert over.end is not None
    assert over.end > last + gap_s * SECOND


@pytest.mark.parametrize(("kind", "things"), SEEN)
def test_what_is_gone_after_a_gap_was_over_before_it(kind: str, things: list[Thing]) -> None:
    man = open_on(kind, things)
    last = man.time
    man.pass_until(last + 45 * SECOND)
    look(man, [], 20)
    assert brief(man.incidents, last) == [(0, None, None), (1, 0, None), (2, 0, 0)]


@pytest.mark.parametrize(("kind", "things"), SEEN)
@pytest.mark.parametrize("gap_s", [75, 3600])
@pytest.mark.parametrize("ticks", [True, False])
def test_what_is_there_after_too_long_a_gap_is_another(
    kind: str, things: list[Thing], gap_s: int, *, ticks: bool
) -> None:
    man = open_on(kind, things)
    last = man.time
    if ticks:
        man.pass_until(last + gap_s * SECOND)
    else:
        man.time += gap_s * SECOND
    look(man, things, 30)
    ids = list(dict.fromkeys(one.id for one in man.incidents))
    first = [one for one in man.incidents if one.id == ids[0]]
    assert brief(first, last)[-1][1:] == (0, 0)
    (second,) = [one for one in man.incidents if one.id != ids[0]]
    assert second.start > last + gap_s * SECOND
    assert second.revision == 0


def test_nothing_that_began_before_a_gap_has_held_through_it() -> None:
    man = open_on("crowd", CROWD, 2)
    assert man.incidents == []
    man.time += HOUR
    man.see(*CROWD)
    man.see(*CROWD)
    assert man.incidents == []
    look(man, CROWD, 5)
    (opened,) = man.incidents
    assert opened.start > START + HOUR


@pytest.mark.parametrize(
    "changed",
    [Removed("rule", "stopped_vehicle"), Removed("zone", "zone"), Removed("source", "cam")],
)
@pytest.mark.parametrize("gap_s", [36, 50])
def test_what_is_removed_in_the_gap_was_over_when_it_was_last_seen(
    changed: Removed, gap_s: int
) -> None:
    man = open_on("stopped_vehicle", CAR)
    last = man.time
    man.pass_until(last + gap_s * SECOND)
    man.configure(changed)
    man.pass_until(last + 200 * SECOND)
    *_, over = man.incidents
    assert (over.end, over.unknown_since) == (last, last)
    assert len([one for one in man.incidents if one.end is not None]) == 1


def test_a_slow_camera_has_its_periods() -> None:
    man = open_on("stopped_vehicle", CAR, period=40 * SECOND)
    last = man.time
    man.pass_until(last + 200 * SECOND)
    _, lost, over = man.incidents
    assert 0 < lost.decided_at - (last + 100 * SECOND + LATENESS) <= SECOND
    assert 0 < over.decided_at - (last + 120 * SECOND + LATENESS) <= SECOND


def test_that_a_camera_is_not_heard_of_is_never_unknown_itself() -> None:
    man = Watchman(camera(), zone(), rule("no_data"), rule("stopped_vehicle"))
    look(man, CAR, 30)
    man.pass_until(man.time + 300 * SECOND)
    missed = [one for one in man.incidents if one.kind == "no_data"]
    assert [(one.revision, one.unknown_since) for one in missed] == [(0, None)]
    over = [one for one in man.incidents if one.kind == "stopped_vehicle"][-1]
    assert over.end == missed[0].start


def test_kinds_of_an_installation_are_held_to_the_same() -> None:
    with extended():
        man = Watchman(camera(), rule("crowded_picture"))
        look(man, CROWD + [at("car", 60 + 150 * n, 340) for n in range(3)], 5)
        last = man.time
        man.pass_until(last + 120 * SECOND)
        assert brief(man.incidents, last) == [(0, None, None), (1, 0, None), (2, 0, 0)]


def test_wherever_it_is_stored_it_goes_on_the_same() -> None:
    """Workers killed in gaps, and a cache of what is due that is made anew."""

    def run(every: int) -> list[Incident]:
        man = Watchman(camera(), camera("other"), zone(), rule("stopped_vehicle"), rule("crowd"))
        number = 0
        for things, gap_s in (([], 0), (CAR, 20), (CAR, 45), (CROWD, 90), (CAR, 31), ([], 61)):
            man.pass_until(man.time + 0)
            for _ in range(gap_s):
                man.pass_until(man.time + SECOND)
                number += 1
                if every and number % every == 0:
                    man.restart()
            look(man, things, 25)
            if every:
                man.restart()
        man.pass_until(man.time + 100 * SECOND)
        return man.incidents

    whole = run(0)
    assert len(whole) >= 8
    assert any(one.unknown_since is not None and one.end is None for one in whole)
    for every in (1, 3, 10, 37):
        assert run(every) == whole


def test_a_tick_looks_at_no_camera_of_which_nothing_can_be_due() -> None:
    """Whoever opens an incident is looked at again before it can be unknown, and once."""
    man = Watchman(camera(), zone(), rule("stopped_vehicle"))
    looks: list[list[str]] = []
    stage: Any = man.partition.stage
    look(man, CAR, 30)
    agenda = stage._agendas[0]
    taken = agenda.take
    agenda.take = lambda time: looks.append(found := taken(time)) or found
    look(man, CAR, 120)
    assert sum(map(len, looks)) < 12
    assert len(agenda._queue) < 12
    man.pass_until(man.time + 100 * SECOND)
    assert man.incidents[-1].end is not None
