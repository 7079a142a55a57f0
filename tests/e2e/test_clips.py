"""Real clips that lie beside the repository, seen by a camera with all defaults."""

import pytest

from streams.events import SECOND
from tests.support.footage import START, incidents, rule


def test_a_quiet_junction_whose_camera_shakes_raises_nothing() -> None:
    rules = [rule("stopped_vehicle"), rule("crowd"), rule("intrusion")]
    assert incidents("incluit_video5_640x320.mp4", rules) == []


@pytest.mark.parametrize("fps", [5.0, pytest.param(2.0, marks=pytest.mark.slow)])
def test_vehicles_that_stand_after_a_collision_are_found(fps: float) -> None:
    """A pick-up and a car, from the second second on; others ride round them."""
    (found,) = incidents(
        "incluit_villamercedes.mp4", [rule("stopped_vehicle", dwell_seconds=5.0)], fps
    )
    (evidence,) = found.evidence
    (box,) = evidence.boxes
    assert box.label == "vehicle"
    assert box.score >= 500
    # The car, where it stands beside the pick-up; the picture has 480 × 360 pixels.
    middle = ((box.x0 + box.x1) / 20, (box.y0 + box.y1) / 20)
    assert 320 <= middle[0] <= 430
    assert 120 <= middle[1] <= 230


@pytest.mark.slow
def test_a_car_and_a_van_that_crash_are_found_where_they_stand() -> None:
    """On a wet road; a car that is parked beside it is none of them."""
    road = ((0.1, 0.3), (0.94, 0.3), (0.94, 1.0), (0.1, 1.0))
    (found,) = incidents(
        "incluit_video8_640x320.mp4", [rule("stopped_vehicle", dwell_seconds=1.0)], zone=road
    )
    (box,) = found.evidence[0].boxes
    assert box.label == "vehicle"
    # The first that stands: the van, which is the larger, or the car to its left.
    assert 100 <= box.x0 / 10 <= 280
    assert 220 <= box.y1 / 10 <= 255
    assert 3 * SECOND <= found.start - START <= 4 * SECOND
