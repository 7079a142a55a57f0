"""Pictures of the simulated city, and whether the truth about them is true."""

import math
from hashlib import sha256

import cv2
import numpy as np
import pytest

from models.labels import CLASSES
from simulators.cameras import Renderer, encode_jpeg
from simulators.city.assets import read
from simulators.light import light_at
from simulators.silhouettes import MODELS
from simulators.traffic import Vehicle

SIZES = {
    "scooter": (1.85, 0.72, 1.55),
    "motorbike": (2.05, 0.78, 1.6),
    "bicycle": (1.75, 0.6, 1.6),
    "sedan": (4.5, 1.82, 1.46),
    "suv": (4.7, 1.9, 1.78),
    "van": (5.3, 1.96, 2.25),
    "city-bus": (10.2, 2.48, 3.1),
    "light-truck": (5.8, 2.05, 2.6),
    "container": (11.0, 2.48, 3.6),
    "walker": (0.6, 0.5, 1.7),
}
CAMERA = read().camera("cam-cau-rao")
HOUR = 12.0


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(CAMERA, seed=1)


def vehicle(kind: str, u: float, v: float, *, id: str = "one", away: bool = False) -> Vehicle:
    return Vehicle(id, kind, u, v, 0.0 if away else math.pi, *SIZES[kind], 5.0)


def iou(a: tuple[float, ...], b: tuple[float, ...]) -> float:
    wide = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    high = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    areas = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (a, b))
    return wide * high / (areas - wide * high)


def changed_box(
    before: np.ndarray, after: np.ndarray, shadow: float
) -> tuple[float, float, float, float]:
    """Around the pixels that differ by more than a shadow explains."""
    was, now = before.astype(float), after.astype(float)
    moved = np.abs(now - was).max(axis=2) > 14
    shaded = np.abs(now - was * (1 - shadow)).max(axis=2) < 14
    mask = moved & ~shaded
    rows, columns = np.nonzero(mask)
    return columns.min(), rows.min(), columns.max() + 1, rows.max() + 1


@pytest.mark.parametrize("kind", sorted(SIZES))
@pytest.mark.parametrize(("u", "v", "away"), [(15.0, -3.0, False), (24.0, 6.0, True)])
def test_truth_boxes_lie_around_what_is_drawn(
    renderer: Renderer, kind: str, u: float, v: float, away: bool
) -> None:
    thing = vehicle(kind, u, v, away=away)
    (truth,) = renderer.truth([thing])
    without, with_it = renderer.render([], 3, HOUR), renderer.render([thing], 3, HOUR)
    assert iou(truth.box, changed_box(without, with_it, light_at(HOUR).shadow)) > 0.75
    assert truth.label == MODELS[kind][0]
    assert truth.visible > 0.9


def test_every_class_of_the_vocabulary_can_be_drawn() -> None:
    assert {label for label, _ in MODELS.values()} == set(CLASSES) - {"vehicle"}


def test_things_are_large_enough_to_be_seen_as_far_as_the_zones_reach(renderer: Renderer) -> None:
    scooter, sedan = vehicle("scooter", 50.0, -3.0), vehicle("sedan", 50.0, -7.0, id="two")
    for truth in renderer.truth([scooter, sedan]):
        x0, y0, x1, y1 = truth.box
        assert max(x1 - x0, y1 - y0) >= (14 if truth.label == "car" else 12)


def test_what_a_bus_hides_is_not_visible(renderer: Renderer) -> None:
    bus, hidden = vehicle("city-bus", 16.0, -3.0), vehicle("scooter", 28.2, -3.0, id="behind")
    shown = {truth.id: truth.visible for truth in renderer.truth([hidden, bus])}
    assert shown["one"] == 1.0
    assert shown["behind"] < 0.2
    alone = {truth.id: truth.visible for truth in renderer.truth([hidden])}
    assert alone["behind"] == 1.0


def test_what_leaves_the_picture_is_clipped_and_then_gone(renderer: Renderer) -> None:
    (leaving,) = renderer.truth([vehicle("sedan", 8.3, -3.0)])
    assert leaving.box[3] == 360
    assert 0 < leaving.visible < 0.9
    assert renderer.truth([vehicle("sedan", -2.0, -3.0)]) == []


def test_the_same_frame_is_the_same_picture_and_noise_is_the_frames_own(
    renderer: Renderer,
) -> None:
    things = [vehicle("sedan", 20.0, -3.0), vehicle("scooter", 14.0, -6.0, id="two")]
    again = Renderer(CAMERA, seed=1)
    digest = sha256(encode_jpeg(renderer.render(things, 5, HOUR))).hexdigest()
    assert digest == sha256(encode_jpeg(again.render(things, 5, HOUR))).hexdigest()
    assert digest != sha256(encode_jpeg(renderer.render(things, 6, HOUR))).hexdigest()
    other = Renderer(CAMERA, seed=2)
    assert digest != sha256(encode_jpeg(other.render(things, 5, HOUR))).hexdigest()


def test_a_picture_does_not_depend_on_those_before_it(renderer: Renderer) -> None:
    things = [vehicle("suv", 20.0, -3.0)]
    wanted = renderer.render(things, 9, 20.0)
    renderer.render([vehicle("van", 12.0, -3.0, id="other")], 10, 6.5)
    assert np.array_equal(renderer.render(things, 9, 20.0), wanted)


def test_night_is_darker_than_noon_and_still_legible(renderer: Renderer) -> None:
    noon, night = (renderer.render([], 1, hour).mean() for hour in (12.0, 1.0))
    assert 0.5 * noon < night < 0.75 * noon


def test_jpegs_are_small_pictures_of_the_agreed_size(renderer: Renderer) -> None:
    jpeg = encode_jpeg(renderer.render([], 1, HOUR))
    assert len(jpeg) < 80_000
    assert cv2.imdecode(np.frombuffer(jpeg, np.uint8), cv2.IMREAD_COLOR).shape == (360, 640, 3)
