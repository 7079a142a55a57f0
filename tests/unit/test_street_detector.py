"""The street detector: what it is trained towards, how it is measured, and what it finds."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.detector import Detector, Fitted, Found
from models.labels import CLASSES
from models.loader import load_detector
from models.pictures import Picture, save
from models.pictures import load as load_pictures
from models.registry import Registry
from models.street_detector.measure import average_precision, measure, overlap
from models.street_detector.shape import HEIGHT, STRIDES, TOLD, WIDTH
from models.street_detector.targets import CELLS, targets
from simulators.cameras import Renderer, encode_jpeg
from simulators.city.assets import read
from simulators.dataset import Arranger, labelled, sizes
from simulators.traffic import Vehicle

CAMERA = read().cameras[1]
ALL_SEEN = np.ones(1, np.float32)


def boxes_of(*boxes: tuple[float, float, float, float]) -> np.ndarray:
    return np.array(boxes, np.float32)


@given(
    st.floats(0, WIDTH - 8),
    st.floats(0, HEIGHT - 8),
    st.floats(8, WIDTH),
    st.floats(8, HEIGHT),
    st.integers(0, 4),
)
def test_every_thing_has_a_cell_that_answers_for_it(
    x: float, y: float, width: float, height: float, kind: int
) -> None:
    box = boxes_of((x, y, min(x + width, WIDTH), min(y + height, HEIGHT)))
    found = targets(box, np.array([kind], np.uint8), ALL_SEEN)
    taken = np.flatnonzero(found.kind == kind)
    assert len(taken) > 0
    assert (found.box[taken] == box[0]).all()
    assert set(found.kind) <= {-1, kind}


def test_a_small_thing_before_a_large_one_keeps_its_cells() -> None:
    box = boxes_of((250, 150, 314, 214), (200, 100, 364, 264))
    alone = targets(box[:1], np.array([1], np.uint8), ALL_SEEN)
    both = targets(box, np.array([1, 3], np.uint8), np.ones(2, np.float32))
    assert (both.kind[alone.kind == 1] == 1).all()
    assert (both.kind == 3).any()


@pytest.mark.parametrize(("visible", "width"), [(0.1, 60), (1.0, 4)])
def test_what_can_hardly_be_seen_is_neither_asked_for_nor_punished(
    visible: float, width: float
) -> None:
    box = boxes_of((100, 100, 100 + width, 160))
    found = targets(box, np.array([2], np.uint8), np.array([visible], np.float32))
    assert set(found.kind) == {-1, -2}


def test_cells_are_those_of_the_manifest() -> None:
    manifest = Registry().find("street_detector")
    assert manifest.outputs[0].shape == (1, CELLS, 5 + TOLD)
    assert manifest.input.shape == (1, 3, HEIGHT, WIDTH)
    assert tuple(manifest.postprocessing["strides"]) == STRIDES


class Told(Detector):
    """A detector that says what it is told."""

    manifest = Registry().find("street_detector")

    def __init__(self, found: Found) -> None:
        self.found = found

    def fit(self, image: np.ndarray) -> Fitted:
        return Fitted(np.empty(0, np.float32), image.shape[1], image.shape[0])

    def find(self, picture: Fitted) -> Found:
        return self.found


BLANK = encode_jpeg(np.zeros((360, 640, 3), np.uint8))
TRUTH = Picture(
    BLANK,
    boxes_of((0, 0, 50, 50), (100, 0, 150, 50), (200, 0, 250, 50)),
    np.array([2, 2, 1], np.uint8),
    np.array([1.0, 1.0, 0.1], np.float32),
)


def said(*things: tuple[float, int, float]) -> Told:
    """(left edge, class, score) of boxes 50 pixels wide."""
    boxes = np.array([(x, 0, x + 50, 50) for x, _, _ in things], float).reshape(-1, 4)
    kinds = np.array([kind for _, kind, _ in things], np.uint8)
    return Told(Found(boxes, kinds, np.array([score for _, _, score in things])))


def test_a_perfect_detector_measures_as_one() -> None:
    car = measure(said((0, 2, 0.9), (100, 2, 0.8)), [TRUTH])["car"]
    assert (car.things, car.precision, car.recall, car.ap50) == (2, 1.0, 1.0, 1.0)


def test_a_second_box_a_wrong_class_and_a_wrong_place_count_against_it() -> None:
    quality = measure(said((0, 2, 0.9), (2, 2, 0.8), (100, 1, 0.7), (400, 2, 0.6)), [TRUTH])
    assert quality["car"].precision == pytest.approx(1 / 3, abs=1e-3)
    assert quality["car"].recall == 0.5
    assert quality["car"].ap50 == 0.5
    assert quality["two-wheeler"].precision == 0.0


def test_what_is_hidden_counts_neither_way() -> None:
    for detector in (said(), said((200, 1, 0.9))):
        quality = measure(detector, [TRUTH])["two-wheeler"]
        assert (quality.things, quality.precision, quality.recall) == (0, 0.0, 0.0)


def test_average_precision_is_the_area_under_the_envelope() -> None:
    assert average_precision(np.array([True, False, True, True]), 4) == pytest.approx(
        (1 + 0.75 + 0.75) / 4
    )
    assert average_precision(np.array([], bool), 3) == 0.0


def test_pictures_come_back_from_their_file(tmp_path: Path) -> None:
    empty = Picture(BLANK, np.zeros((0, 4), np.float32), np.zeros(0, np.uint8), np.zeros(0, "f4"))
    save(tmp_path / "a.npz", [TRUTH, empty, TRUTH])
    back = load_pictures(tmp_path)
    assert [len(one.classes) for one in back] == [3, 0, 3]
    assert back[2].jpeg == BLANK
    assert np.array_equal(back[2].boxes, TRUTH.boxes)


def test_arranged_scenes_repeat_and_no_two_vehicles_share_a_place() -> None:
    def scene() -> list[Vehicle]:
        return Arranger(CAMERA, np.random.default_rng(3)).scene()

    assert scene() == scene()
    wide = [vehicle for vehicle in scene() if vehicle.width > 1.5]
    for one in wide:
        for other in wide:
            if other is not one and abs(other.v - one.v) < 1.0:
                assert abs(other.u - one.u) > min(other.length, one.length)


@pytest.fixture(scope="module")
def renderer() -> Renderer:
    return Renderer(CAMERA, seed=77)


@pytest.mark.parametrize("hour", [2.0, 9.0, 17.5])
@pytest.mark.parametrize("kind", ["sedan", "suv", "van", "city-bus", "light-truck", "container"])
def test_a_vehicle_standing_in_mid_view_is_found(
    renderer: Renderer, kind: str, hour: float
) -> None:
    detector = load_detector(Registry(), "street_detector")
    for ahead in (16.0, 23.0, 30.0):
        things = [Vehicle(f"{kind}-{ahead}", kind, ahead, -4.0, np.pi, *sizes()[kind], 0.0)]
        shown = labelled(encode_jpeg(renderer.render(things, 5, hour)), renderer.truth(things))
        found = detector.detect(shown.image())
        (share,) = overlap(shown.boxes.astype(float), found.boxes)
        assert share.max(initial=0.0) >= 0.5, ahead
        assert found.classes[share.argmax()] == shown.classes[0]


def test_an_empty_street_shows_no_vehicle(renderer: Renderer) -> None:
    detector = load_detector(Registry(), "street_detector")
    for hour in range(0, 24, 3):
        shown = labelled(encode_jpeg(renderer.render([], hour, float(hour))), [])
        found = detector.detect(shown.image())
        assert not (found.classes != CLASSES.index("person")).any(), hour
