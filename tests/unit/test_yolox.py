"""The detector against a plain computation of the same network, written apart from it."""

from pathlib import Path

import cv2
import numpy as np
import onnxruntime as ort
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.detector import Found
from models.labels import CLASSES
from models.loader import load_detector
from models.manifest import ModelError
from models.network import Network
from models.registry import Registry
from models.suppression import keep
from streams.models import registry
from streams.settings import load as settings
from tests.support.bare import bare_yolox, iou


def rows(found: Found) -> list[tuple[int, ...]]:
    return [
        (*box, kind, score)
        for box, kind, score in zip(
            found.tenths().tolist(),
            found.classes.tolist(),
            found.thousandths().tolist(),
            strict=True,
        )
    ]


@pytest.fixture(scope="module")
def footage() -> list[np.ndarray]:
    """Every 80th frame of vtest.avi, as a camera's JPEG shows it."""
    path = settings().data_dir / "video" / "vtest.avi"
    if not path.is_file():
        pytest.skip(f"no {path}: CITYOPS_DATA_DIR names the folder that has it")
    capture = cv2.VideoCapture(str(path))
    frames = []
    for number in range(795):
        ok, image = capture.read()
        assert ok
        if number % 80 == 0:
            frames.append(cv2.imdecode(cv2.imencode(".jpg", image)[1], cv2.IMREAD_COLOR))
    return frames


@pytest.fixture(scope="module")
def yolox_file() -> Path:
    models = registry(settings())
    try:
        return models.path(models.find("yolox_nano"))
    except ModelError as error:
        pytest.skip(str(error))


def test_real_footage_gives_what_the_bare_model_gives(
    footage: list[np.ndarray], yolox_file: Path
) -> None:
    detector = load_detector(registry(settings()), "yolox_nano@0.1.1rc0")
    bare = ort.InferenceSession(yolox_file, providers=["CPUExecutionProvider"])
    people = 0
    for image in footage:
        found = rows(detector.detect(image))
        assert found == bare_yolox(bare, image)
        people += sum(row[4] == CLASSES.index("person") for row in found)
    assert people / len(footage) > 5


@pytest.mark.parametrize("shape", [(360, 640), (1080, 1920), (96, 1600), (1600, 96), (1, 1)])
def test_boxes_lie_in_the_picture_in_whole_tenths(shape: tuple[int, int]) -> None:
    image = np.random.default_rng(2).integers(0, 256, (*shape, 3), np.uint8)
    found = load_detector(Registry(), "street_detector").detect(image)
    tenths = found.tenths()
    assert np.array_equal(tenths / 10, found.boxes)
    assert np.array_equal(found.thousandths() / 1000, found.scores)
    assert (tenths[:, :2] < tenths[:, 2:]).all()
    assert (tenths >= 0).all()
    assert (tenths <= np.array([shape[1], shape[0]] * 2) * 10).all()
    assert (np.diff(found.scores) <= 0).all()


class Answers:
    """A session that answers what it is told."""

    def __init__(self, raw: np.ndarray) -> None:
        self.raw = raw

    def run(self, outputs: list[str], inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        return [self.raw[None]]


def answered(raw: np.ndarray) -> Found:
    registry = Registry()
    model = registry.load("street_detector")._replace(session=Answers(raw))
    return Network(model).detect(np.zeros((360, 640, 3), np.uint8))


def nothing() -> np.ndarray:
    return np.zeros((5040, 10), np.float32)


@pytest.mark.parametrize(("above", "kept"), [(-6, 0), (-4, 1), (0, 1), (4, 1)])
def test_a_score_is_rounded_before_it_meets_the_threshold(above: int, kept: int) -> None:
    threshold = round(Registry().find("street_detector").thresholds["score"] * 1000)
    raw = nothing()
    raw[500, 2:4] = 1.0
    raw[500, 4], raw[500, 7] = (threshold + above / 10) / 1000, 1.0
    found = answered(raw)
    assert found.thousandths().tolist() == [threshold] * kept
    assert found.classes.tolist() == [2] * kept


def test_what_differs_in_the_last_bits_gives_the_same_result() -> None:
    random = np.random.default_rng(4)
    raw = nothing()
    some = random.choice(5040, 60, replace=False)
    raw[some, :2] = random.uniform(0, 1, (60, 2))
    raw[some, 2:4] = random.uniform(0, 2.5, (60, 2))
    raw[some, 4] = random.choice([0.5, 0.7, 0.9], 60)
    raw[some, 5 + random.integers(0, 5, 60)] = 1.0
    once, again = answered(raw), answered(np.nextafter(raw, np.float32(0)))
    assert len(once.classes) > 10
    assert np.array_equal(once.thousandths(), again.thousandths())
    assert np.abs(once.tenths() - again.tenths()).max() <= 1


def test_nonsense_from_the_network_gives_no_boxes() -> None:
    for value in (np.nan, np.inf, -np.inf, 1e30):
        raw = np.full((5040, 10), value, np.float32)
        raw[:, 4:] = np.nan
        assert len(answered(raw).classes) == 0


boxes = st.lists(
    st.tuples(st.integers(0, 40), st.integers(0, 40), st.integers(1, 30), st.integers(1, 30)),
    max_size=12,
)


@given(boxes, st.data())
def test_suppression_keeps_what_a_plain_loop_keeps(
    boxes: list[tuple[int, int, int, int]], data: st.DataObject
) -> None:
    classes = [data.draw(st.integers(0, 1)) for _ in boxes]
    same, across = data.draw(st.sampled_from([(450, 1000), (300, 700), (0, 0), (1000, 1000)]))
    corners = [(x, y, x + w, y + h) for x, y, w, h in boxes]
    kept: list[int] = []
    for index, box in enumerate(corners):
        limits = [same if classes[index] == classes[other] else across for other in kept]
        if all(
            iou(box, corners[other]) * 1000 <= limit + 1e-9
            for other, limit in zip(kept, limits, strict=True)
        ):
            kept.append(index)
    arrays = np.array(corners, np.int64).reshape(-1, 4), np.array(classes, np.uint8)
    assert keep(*arrays, np.array([[same, across], [across, same]])).tolist() == kept
