"""Cameras whose pictures nothing can be judged by."""

from typing import Any

import msgspec
import pytest

from services.alerts.rationale import why
from streams.events import (
    SECOND,
    VERDICTS,
    Detections,
    FrameRef,
    Incident,
    Moved,
    Removed,
    Verdict,
)
from streams.kinds.kind import Watches
from streams.kinds.registry import all_kinds, fault_of, find
from tests.support.watchman import FRAME, START, Thing, Watchman, at, camera, rule, zone

BAD = VERDICTS[1:]
CAR = at("car", 300, 200)


def street(*rules: Any) -> Watchman:
    return Watchman(camera(), zone(), rule("stopped_vehicle"), *rules)


def look(man: Watchman, seconds: float, verdict: Verdict = "good", *things: Thing) -> None:
    for _ in range(round(seconds * SECOND) // FRAME):
        man.see(*things, verdict=verdict)


def told(man: Watchman) -> list[tuple[str, int, float, float | None]]:
    """(kind, revision, start, end) in seconds."""
    return [
        (one.kind, one.revision, since(one.start), None if one.end is None else since(one.end))
        for one in man.incidents
    ]


def since(time: int) -> float:
    return round((time - START) / SECOND, 1)


def test_every_bad_verdict_is_one_kind_of_fault() -> None:
    for verdict in BAD:
        kind = fault_of(verdict)
        assert kind.watches is Watches.SYSTEM
        assert [each for each in all_kinds().values() if verdict in each.verdicts] == [kind]
    with pytest.raises(KeyError):
        fault_of("good")


@pytest.mark.parametrize("verdict", BAD)
def test_it_is_raised_after_a_while_with_what_has_changed(verdict: Verdict) -> None:
    man = street()
    look(man, 10)
    last = man.time
    look(man, 19, verdict)
    assert man.incidents == []
    look(man, 2, verdict)
    (raised,) = man.incidents
    assert raised.kind == raised.rule == fault_of(verdict).id
    assert (raised.subject, raised.sources, raised.origin) == (verdict, ("cam",), "simulated")
    assert raised.place is not None
    now, before = raised.evidence
    assert (before.time, now.time) == (last, raised.decided_at)
    assert before.frame is not None
    assert before.frame.offset == last // FRAME
    look(man, 60, verdict)
    look(man, 9)
    assert len(man.incidents) == 1
    bad = man.time - 9 * SECOND
    look(man, 2)
    _, over = man.incidents
    assert (over.id, over.revision, over.end) == (raised.id, 1, bad)


@pytest.mark.parametrize("verdict", BAD)
def test_nothing_grows_or_begins_meanwhile(verdict: Verdict) -> None:
    man = street()
    look(man, 12, "good", CAR)
    look(man, 18, verdict, CAR)
    look(man, 6, "good", CAR)
    assert man.incidents == []
    assert man.partition.counts["not_judged"] == 90
    look(man, 4, "good", CAR)
    assert [one.kind for one in man.incidents] == ["stopped_vehicle"]


def test_what_is_open_is_unknown_and_goes_on_or_is_over() -> None:
    man = street()
    look(man, 25, "good", CAR)
    look(man, 45, "covered", CAR)
    look(man, 5, "good", CAR)
    stopped = [one for one in man.incidents if one.kind == "stopped_vehicle"]
    assert [one.unknown_since is None for one in stopped] == [True, False, True]
    look(man, 90, "covered")
    *_, over = [one for one in man.incidents if one.kind == "stopped_vehicle"]
    assert over.end == START + 75 * SECOND


def test_a_camera_with_bad_pictures_is_heard_of() -> None:
    man = street(rule("no_data"))
    look(man, 5)
    look(man, 200, "frozen")
    assert [one.kind for one in man.incidents] == ["camera_frozen"]
    man.pass_until(man.time + 80 * SECOND)
    assert "no_data" in [one.kind for one in man.incidents]
    look(man, 1, "frozen")
    (raised, over) = [one for one in man.incidents if one.kind == "no_data"]
    assert (over.id, over.end) == (raised.id, man.time - SECOND + FRAME)


def test_a_camera_that_is_not_heard_of_any_more_has_an_unknown_fault() -> None:
    man = street()
    look(man, 40, "dark")
    last = man.time
    man.pass_until(last + 100 * SECOND)
    raised, lost, over = man.incidents
    assert (lost.unknown_since, lost.end) == (last, None)
    assert (over.id, over.end) == (raised.id, last)


def test_one_fault_after_the_other_is_two() -> None:
    man = street()
    look(man, 40, "dark")
    look(man, 40, "covered")
    assert len(man.incidents) == 1
    look(man, 40, "frozen")
    kinds = [(kind, revision) for kind, revision, *_ in told(man)]
    assert kinds == [("camera_dark", 0), ("camera_dark", 1), ("camera_frozen", 0)]


def test_a_picture_now_and_then_raises_nothing() -> None:
    man = street()
    for _ in range(40):
        look(man, 3, "damaged", CAR)
        look(man, 1, "good")
    assert man.incidents == []


def test_a_removed_camera_has_no_fault() -> None:
    man = street()
    look(man, 40, "dark")
    man.configure(Removed("source", "cam"))
    _, over = man.incidents
    assert over.end is not None


def test_it_goes_on_from_what_was_stored() -> None:
    def run(*, restarts: bool) -> list[Incident]:
        man = street()
        for verdict, seconds in (("good", 5), ("blinded", 50), ("good", 20), ("frozen", 40)):
            for _ in range(seconds):
                look(man, 1, verdict, CAR)  # type: ignore[arg-type]
                if restarts:
                    man.restart()
        return man.incidents

    assert run(restarts=True) == run(restarts=False)
    assert len(run(restarts=False)) == 3


def test_detections_of_earlier_releases_are_good() -> None:
    at = Detections.__struct_fields__.index("verdict") - len(Detections.__struct_fields__)
    assert Detections.__struct_defaults__[at] == "good"


SHIFTS = {
    Moved(120, -30, 1000): ("→ 12 %, ↑ 3 %", ((0.12, 0.0), (1.0, 0.0), (1.0, 0.97), (0.12, 0.97))),
    Moved(-50, 0, 1000): ("← 5 %", ((0.0, 0.0), (0.95, 0.0), (0.95, 1.0), (0.0, 1.0))),
    Moved(0, 40, 800): ("↓ 4 %, × 0.8", ((0.1, 0.14), (0.9, 0.14), (0.9, 0.94), (0.1, 0.94))),
    Moved(0, 0, 1250): ("× 1.25", ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))),
    Moved(0, 0, 0): ("moved", ()),
}


@pytest.mark.parametrize("shift", SHIFTS, ids=str)
def test_a_camera_that_was_moved_says_by_how_much_and_shows_its_former_view(shift: Moved) -> None:
    man = street()
    look(man, 10)
    former = FrameRef(0, man.time // FRAME - 20, "of the former view")
    moved = msgspec.structs.replace(shift, time=man.time - 4 * SECOND, frame=former)
    for _ in range(110):
        man.see(CAR, verdict="moved", moved=moved)
    (raised,) = man.incidents
    assert raised.kind == "camera_moved"
    subject, outline = SHIFTS[shift]
    assert raised.subject == subject
    now, before = raised.evidence
    assert now.zone == outline
    assert (before.time, before.frame) == (moved.time, former)
    for text in why(find("camera_moved"), None, raised.subject) or ():
        assert "{" not in text
        assert shift.zoom == 0 or subject in text
