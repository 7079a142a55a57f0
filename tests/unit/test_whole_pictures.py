"""Kinds that watch the whole picture of a camera, by the made-up one of ``tests/extension``."""

from collections.abc import Iterator
from typing import Any

import pytest

from streams.events import SECOND, Incident, Removed
from tests.support.extension import extended
from tests.support.stories import MIDDLE
from tests.support.watchman import Watchman, at, camera, rule, zone

FOUR = rule("crowded_picture", parameters={"count": 4, "clear_seconds": 2})
THINGS = [at("person", 30, 40), at("car", 620, 360), at("bus", 320, 200), at("truck", 20, 359)]
"""In the middle, in corners and with the foot on the picture's border."""


@pytest.fixture(autouse=True)
def own() -> Iterator[None]:
    with extended():
        yield


def watch(man: Watchman, *things: Any, seconds: float = 4, **how: Any) -> list[Incident]:
    said = []
    for _ in range(round(seconds * 5)):
        said += man.see(*things, **how)
    return [event for event in said if isinstance(event, Incident)]


@pytest.mark.parametrize("zones", [[], [zone(polygon=MIDDLE), zone("line", polygon=MIDDLE[:2])]])
def test_it_needs_no_zone_and_heeds_none(zones: list[Any]) -> None:
    man = Watchman(camera(), *zones, FOUR)
    assert watch(man, *THINGS[:3]) == []
    (opened,) = watch(man, *THINGS)
    assert (opened.zone, opened.evidence[0].zone) == ("", ())
    assert len(opened.evidence[0].boxes) == 4
    man.restart()
    (ended,) = watch(man, *THINGS[1:])
    assert (ended.id, ended.revision) == (opened.id, 1)
    assert man.partition.states["cam"].watches.keys() == {"crowded_picture\x1f"}


def test_only_the_classes_that_the_rule_names_are_meant() -> None:
    persons = rule("crowded_picture", classes=("person",), parameters={"count": 2})
    man = Watchman(camera(), persons)
    assert watch(man, *THINGS) == []
    (opened,) = watch(man, *THINGS, at("person", 200, 300))
    assert {box.label for box in opened.evidence[0].boxes} == {"person"}


def test_each_camera_that_the_rule_names_is_one_watch() -> None:
    named = rule("crowded_picture", sources=("cam",), parameters={"count": 4})
    for ruled, expected in ((FOUR, {"cam", "other"}), (named, {"cam"})):
        man = Watchman(camera(), camera("other"), ruled)
        watch(man, *THINGS)
        watch(man, *THINGS, camera="other")
        assert {incident.sources[0] for incident in man.incidents} == expected


def test_a_change_of_its_rule_ends_it_and_one_of_a_zone_does_not() -> None:
    man = Watchman(camera(), FOUR)
    (opened,) = watch(man, *THINGS)
    for change in (zone(polygon=MIDDLE), zone("line", polygon=MIDDLE[:2]), Removed("zone", "zone")):
        assert not any(isinstance(said, Incident) for said in man.configure(change))
        assert watch(man, *THINGS, seconds=1) == []
    (ended,) = man.configure(rule("crowded_picture", parameters={"count": 3}))
    assert (ended.id, ended.revision) == (opened.id, 1)
    (second,) = watch(man, *THINGS)
    assert second.id != opened.id


@pytest.mark.parametrize("removed", [Removed("rule", "crowded_picture"), Removed("source", "cam")])
def test_it_ends_with_its_rule_and_with_its_camera(removed: Removed) -> None:
    man = Watchman(camera(), FOUR)
    (opened,) = watch(man, *THINGS)
    (ended,) = [said for said in man.configure(removed) if isinstance(said, Incident)]
    assert (ended.id, ended.revision) == (opened.id, 1)


def test_a_rule_may_become_one_on_whether_the_camera_is_heard_of() -> None:
    """Both remember under the same key."""
    man = Watchman(camera(), FOUR)
    (opened,) = watch(man, *THINGS)
    (ended,) = man.configure(rule("no_data", id="crowded_picture"))
    assert (ended.id, ended.kind, ended.revision) == (opened.id, "crowded_picture", 1)
    (unheard,) = [s for s in man.pass_until(man.time + 70 * SECOND) if isinstance(s, Incident)]
    assert (unheard.kind, unheard.revision) == ("no_data", 0)
    (heard,) = man.configure(FOUR)
    assert (heard.id, heard.revision) == (unheard.id, 1)
    assert [incident.kind for incident in watch(man, *THINGS)] == ["crowded_picture"]


def test_a_rule_that_names_zones_watches_nothing() -> None:
    man = Watchman(camera(), zone(), rule("crowded_picture", zones=("zone",)))
    assert watch(man, *[at("person", 40 * n, 200) for n in range(1, 12)]) == []
