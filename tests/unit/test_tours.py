"""A camera that turns by itself from one view to the next."""

import msgspec
import pytest

from streams.events import Detections, Incident
from streams.topics import DETECTIONS, INCIDENTS
from tests.support.watchman import Watchman, at, camera, rule, zone
from tests.unit import test_moved_camera as moved

TOURS = msgspec.structs.replace(moved.CAMERA, tours=True)


def turn(second: int) -> float:
    """A minute here, half a minute there."""
    return 0.0 if second % 90 < 60 else 0.35


@pytest.mark.parametrize("tours", [True, False])
def test_it_is_never_moved_and_is_said_to_have_turned(
    monkeypatch: pytest.MonkeyPatch, *, tours: bool
) -> None:
    monkeypatch.setattr(moved, "CAMERA", TOURS if tours else moved.CAMERA)
    offline = moved.played(moved.story(100, turn))
    seen = [each for each in offline.events(DETECTIONS) if isinstance(each, Detections)]
    found = [each.kind for each in offline.events(INCIDENTS) if isinstance(each, Incident)]
    if tours:
        assert found == []
        assert {each.verdict for each in seen} == {"good"}
        assert [each.view for each in seen] == [(s >= 60) + (s >= 90) for s in range(1, 100)]
    else:
        assert "camera_moved" in found, "the control"
        assert {each.view for each in seen} == {0}


def test_whoever_stands_in_one_view_is_another_in_the_next() -> None:
    man, still = (Watchman(camera(), zone(), rule("stopped_vehicle")) for _ in range(2))
    for number in range(180):
        man.see(at("car", 300, 200), view=number // 60)
        still.see(at("car", 300, 200))
    assert man.incidents == []
    assert [one.kind for one in still.incidents] == ["stopped_vehicle"]


def test_what_was_learned_in_one_view_is_nothing_in_the_next() -> None:
    man, still = (Watchman(camera(), zone(), rule("intrusion")) for _ in range(2))
    person = at("person", 300, 200, 16, 40)
    for _ in range(5 * 200):
        man.see(person)
        still.see(person)
    assert [one.scenery for one in man.incidents] == [False, True]
    for _ in range(5 * 20):
        man.see(person, view=1)
        still.see(person)
    assert [one.revision for one in man.incidents] == [0, 1, 0], "somebody stands there"
    assert [one.revision for one in still.incidents] == [0, 1]


def test_a_picture_that_is_as_another_goes_on_in_its_view() -> None:
    man = Watchman(camera(), zone(), rule("stopped_vehicle"))
    for _ in range(30):
        man.see(at("car", 300, 200), view=7)
        looked = man.time
        for _ in range(4):
            man.see(view=7, as_of=looked)
    assert [one.kind for one in man.incidents] == ["stopped_vehicle"]
