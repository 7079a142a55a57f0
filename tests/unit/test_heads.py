"""Heads and inputs of every kind, by small networks of known weights; what no manifest may say."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.detector import Found
from models.labels import CLASSES
from models.loader import load_detector
from models.manifest import ModelError
from tests.support.networks import CELL, HEIGHT, KINDS, WIDTH, network

BLUE, RED = (153, 0, 0), (0, 0, 204)
"""Seen as 0.6 of the first class and 0.8 of the second."""


def painted(*cells: tuple[int, int, tuple[int, int, int]], times: int = 1) -> np.ndarray:
    """A black picture, so many times as large as the input, with coloured cells (column, row)."""
    image = np.zeros((HEIGHT * times, WIDTH * times, 3), np.uint8)
    side = CELL * times
    for column, row, colour in cells:
        image[row * side : (row + 1) * side, column * side : (column + 1) * side] = colour
    return image


def told(found: Found) -> list[tuple[str, int, list[int]]]:
    """(class, thousandths, box in pixels), best first."""
    named = [CLASSES[index] for index in found.classes]
    boxes = found.boxes.tolist()
    return list(zip(named, found.thousandths().tolist(), boxes, strict=True))


@pytest.mark.parametrize("times", [1, 2])
@pytest.mark.parametrize("kind", KINDS)
def test_every_head_finds_the_same_things(tmp_path: Path, kind: str, times: int) -> None:
    detector = load_detector(network(tmp_path, kind), "small")
    image = painted((2, 1, BLUE), (0, 0, RED), times=times)
    assert told(detector.detect(image)) == [
        ("car", 800, [8 * times, 8 * times, 24 * times, 24 * times]),
        ("person", 600, [72 * times, 40 * times, 88 * times, 56 * times]),
    ]
    assert told(detector.detect(painted())) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_class_that_the_manifest_leaves_out_is_not_found(tmp_path: Path, kind: str) -> None:
    detector = load_detector(network(tmp_path, kind, classes={1: "bus"}), "small")
    image = painted((2, 1, BLUE), (0, 0, RED))
    assert told(detector.detect(image)) == [("bus", 800, [8, 8, 24, 24])]


def test_a_list_of_detections_ends_where_its_picture_is_below_zero(tmp_path: Path) -> None:
    detector = load_detector(network(tmp_path, "ssd"), "small")
    assert told(detector.detect(painted((2, 1, RED)))) == []


@pytest.mark.parametrize("size", [(96, 64), (96, 48), (48, 64), (192, 32), (1920, 1080)])
def test_a_letterboxed_picture_gives_its_own_pixels(tmp_path: Path, size: tuple[int, int]) -> None:
    letterbox = {"kind": "letterbox", "fill": 0}
    detector = load_detector(network(tmp_path, "yolov8", preprocessing=letterbox), "small")
    width, height = size
    scale = min(WIDTH / width, HEIGHT / height)
    found = detector.detect(np.full((height, width, 3), 255, np.uint8)).boxes
    corner = found[found.sum(1).argmin()]
    assert corner == pytest.approx(
        [8 / scale, 8 / scale, min(24 / scale, width), min(24 / scale, height)], abs=0.1
    )
    assert (found[:, 2:] <= size).all()


def test_channels_and_the_range_of_the_input_are_the_manifests(tmp_path: Path) -> None:
    swapped = {"channels": "RGB", "subtract": [51, 0, 0], "divide": [0.5, 1, 1]}
    detector = load_detector(network(tmp_path, "yolov8", preprocessing=swapped), "small")
    image = painted((0, 0, BLUE), (1, 0, (0, 0, 153)))
    assert told(detector.detect(image)) == [
        ("person", 800, [40, 8, 56, 24]),  # (153 - 51) * 2
        ("car", 600, [8, 8, 24, 24]),
    ]


def test_each_class_has_its_own_thresholds(tmp_path: Path) -> None:
    each = {"score": {"person": 0.7, "car": 0.2}, "overlap": 0.45, "begin": 0.75}
    detector = load_detector(network(tmp_path, "yolox", thresholds=each), "small")
    assert told(detector.detect(painted((0, 0, BLUE), (1, 0, (0, 0, 60))))) == [
        ("car", 157, [40, 8, 56, 24])  # 235 of 750, of a message's 500
    ]


@pytest.mark.parametrize(("seen", "meant"), [(51, 250), (102, 500), (153, 667), (204, 833)])
def test_a_score_of_a_half_is_where_something_may_begin(
    tmp_path: Path, seen: int, meant: int
) -> None:
    begin = {"score": 0.1, "begin": {"person": 0.4, "car": 0.9}, "overlap": 0.45}
    detector = load_detector(network(tmp_path, "yolox", thresholds=begin), "small")
    ((_, score, _),) = told(detector.detect(painted((0, 0, (seen, 0, 0)))))
    assert score == meant


PURPLE = (153, 0, 204)
"""Both classes in one box: 0.6 of the first, 0.8 of the second."""
ACROSS = {"score": 0.2, "overlap": 0.45, "overlap_across": 0.6}


@pytest.mark.parametrize(
    ("exclusive", "kept"),
    [
        (None, ["car"]),
        ([["person", "car"]], ["car"]),
        ([["car", "bus"]], ["car", "person"]),
        ([], ["car", "person"]),
    ],
)
def test_classes_exclude_each_other_by_group(
    tmp_path: Path, exclusive: list[list[str]] | None, kept: list[str]
) -> None:
    after = {"exclusive": exclusive} if exclusive is not None else {}
    models = network(tmp_path, "yolov8", postprocessing=after, thresholds=ACROSS)
    found = load_detector(models, "small").detect(painted((1, 1, PURPLE)))
    assert [name for name, _, _ in told(found)] == kept


def test_a_rider_and_the_two_wheeler_are_one_object(tmp_path: Path) -> None:
    riding = {"score": 0.2, "overlap": 0.45, "riders": 0.5}
    classes = {0: "person", 1: "two-wheeler"}
    models = network(tmp_path, "yolov8", classes=classes, thresholds=riding)
    image = painted((1, 1, PURPLE), (0, 0, BLUE))
    assert told(load_detector(models, "small").detect(image)) == [
        ("two-wheeler", 800, [40, 40, 56, 56]),
        ("person", 600, [8, 8, 24, 24]),
    ]


def tiled(tmp_path: Path, **tiles: Any) -> Any:
    return load_detector(
        network(tmp_path, "yolov8", preprocessing={"tiles": {"columns": 2, "rows": 2, **tiles}}),
        "small",
    )


def test_a_tile_sees_what_is_small_at_its_own_size(tmp_path: Path) -> None:
    image = painted(times=2)
    image[96:128, 160:192] = BLUE  # a cell of the last tile, a quarter of one of the whole
    image[0:32, 0:32] = RED
    detector = tiled(tmp_path, overlap=0.0)
    assert told(detector.detect(image)) == [
        ("car", 800, [8, 8, 24, 24]),
        ("person", 600, [168, 104, 184, 120]),
    ]
    whole = load_detector(network(tmp_path / "whole", "yolov8"), "small")
    assert told(whole.detect(image)) == [("car", 200, [16, 16, 48, 48])]


def test_what_two_tiles_show_is_one_thing(tmp_path: Path) -> None:
    # Tiles of 96 x 64 that overlap by half: each cell of the middle is one of several.
    image = np.zeros((96, 144, 3), np.uint8)
    image[32:64, 48:80] = BLUE
    found = told(tiled(tmp_path, overlap=0.5).detect(image))
    assert found[0] == ("person", 600, [56, 40, 72, 56])
    assert len([box for name, score, box in found if score == 600]) == 1


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (2, 3), (65, 97), (1080, 1920)])
def test_tiles_cover_any_picture(tmp_path: Path, shape: tuple[int, int]) -> None:
    detector = tiled(tmp_path, whole=True)
    found = detector.detect(np.full((*shape, 3), 255, np.uint8))
    assert (found.boxes >= 0).all()
    assert (found.boxes <= np.array([shape[1], shape[0]] * 2)).all()
    assert detector.fit(np.zeros((*shape, 3), np.uint8)).blobs.shape == (5, 3, HEIGHT, WIDTH)


@pytest.mark.parametrize(
    ("kind", "changes", "says"),
    [
        ("yolox", {"postprocessing": {"kind": "detr"}}, "no head 'detr'; heads are boxes_scores,"),
        ("yolox", {"postprocessing": {"strides": [16]}}, "strides give 24 cells, not 6"),
        ("yolox", {"postprocessing": {"strides": [0]}}, "a stride below 1"),
        ("yolox", {"postprocessing": {"stride": 8}}, "unknown field `stride`"),
        ("yolov8", {"postprocessing": {"at_most": "all"}}, "at_most"),
        ("ssd", {"postprocessing": {"kind": "yolox", "strides": [32]}}, "not [1, cells,"),
        ("yolox", {"postprocessing": {"kind": "ssd"}}, "head ssd: "),
        ("yolov8", {"postprocessing": {"kind": "boxes_scores"}}, "`unit`"),
        (
            "yolov8",
            {"postprocessing": {"kind": "boxes_scores", "unit": "pixel"}},
            "2 outputs are read, the manifest has 1",
        ),
        ("boxes_scores-pixel", {"postprocessing": {"unit": "inch"}}, "'inch'"),
        ("yolox", {"classes": {0: "person", 2: "car"}}, "class 2 (car) is none of its output's 2"),
        ("yolox", {"classes": {0: "cat"}}, "no class 'cat'; of detection are person,"),
        ("yolox", {"classes": {}}, "it names no class"),
        ("yolox", {"preprocessing": {"kind": "crop"}}, "'crop'"),
        ("yolox", {"preprocessing": {"channels": "YUV"}}, "'YUV'"),
        ("yolox", {"preprocessing": {"divide": [1, 0, 1]}}, "divided by 0"),
        ("yolox", {"preprocessing": {"tiles": {"columns": 9}}}, "1 to 5 columns"),
        ("yolox", {"preprocessing": {"tiles": {"overlap": 0.9}}}, "overlap is 0 to 0.5"),
        ("yolox", {"thresholds": {"score": 0.2}}, "`overlap`"),
        ("yolox", {"thresholds": {"score": {"person": 0.2}, "overlap": 0.4}}, "see car"),
        ("yolox", {"thresholds": {"score": 0.6, "overlap": 0.4}}, "score is above begin"),
        ("yolox", {"thresholds": {"score": 0.0, "overlap": 0.4}}, "not between 0 and 1"),
        ("yolox", {"thresholds": {"score": 0.2, "overlap": 1.5}}, "overlap 1.5 is not 0 to 1"),
        ("yolox", {"postprocessing": {"exclusive": [["cat"]]}}, "exclusive: no class 'cat'"),
        (
            "yolox",
            {"postprocessing": {"exclusive": [["car"], ["bus", "car"]]}},
            "car is in two groups",
        ),
        (
            "yolox",
            {"thresholds": {"score": 0.2, "overlap": 0.4, "begin": float("inf")}},
            "begin of",
        ),
        ("yolox", {"thresholds": {"score": float("nan"), "overlap": 0.4}}, "score of"),
        ("yolox", {"thresholds": {"score": 0.2, "overlap": float("nan")}}, "is not 0 to 1"),
        ("yolox", {"thresholds": {"score": 0.2, "overlap": 0.4, "beginn": 0.3}}, "`beginn`"),
        ("yolox", {"preprocessing": {"kind": "letterbox", "fill": 300}}, "fill 300 is no grey"),
        ("yolox", {"preprocessing": {"divide": [float("nan"), 1, 1]}}, "divide: give numbers"),
        ("yolox", {"preprocessing": {"divide": [1e-320, 1, 1]}}, "divide: give numbers"),
        ("yolox", {"preprocessing": {"subtract": [float("inf"), 1, 1]}}, "subtract: give"),
        ("yolox", {"preprocessing": {"tiles": {"columns": 0, "rows": 2}}}, "1 to 5 columns"),
        ("yolox", {"preprocessing": {"tiles": "2x2"}}, "tiles"),
        ("yolox", {"postprocessing": {"at_most": 0}}, "at_most 0: give 1 to"),
        ("yolox", {"postprocessing": {"at_most": 10**12}}, "give 1 to"),
        ("yolox", {"postprocessing": {"exclusive": [[]]}}, "a group names no class"),
        ("ssd", {"classes": {10**12: "car"}}, "of so many no network knows"),
        ("yolox", {"input": {"shape": [1, 3, HEIGHT, 0]}}, "the file has"),
        ("yolox", {"outputs": [{"name": "o", "shape": [1, 6, 7], "meaning": ""}]}, "says o"),
        ("yolox", {"task": "masking"}, "small@1 is a model of masking, not of detection"),
    ],
)
def test_a_manifest_that_cannot_be_is_refused_in_one_line(
    tmp_path: Path, kind: str, changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(ModelError, match=re.escape(says)) as caught:
        load_detector(network(tmp_path, kind, **changes), "small")
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("small@1")
