"""Every detector that the project has a manifest of: its manifest holds, and its file runs."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from models.fetch import fetch
from models.labels import VOCABULARIES
from models.loader import load_detector
from models.manifest import Manifest
from models.network import Network
from models.registry import Model, ModelMissingError, Registry
from streams.models import registry
from streams.settings import load as settings

DETECTORS = [each for each in Registry().catalogue() if each.task in VOCABULARIES]
FOUND = {
    "person-vehicle-bike-2004": {"person", "vehicle"},
    "person-vehicle-bike-2004-576": {"person", "vehicle"},
    "person-vehicle-bike-2004-2x2": {"person", "vehicle"},
    "person-vehicle-bike-2003": {"person", "vehicle"},
    "yolox_nano": {"person", "car"},
    "yolox_nano_street": {"person", "car"},
}
"""In the first picture of vtest.avi, where something may begin."""


@pytest.mark.parametrize("manifest", DETECTORS, ids=lambda each: each.name)
def test_its_manifest_is_one_of_a_detector(manifest: Manifest) -> None:
    Network(Model(manifest, None))


@pytest.mark.parametrize("manifest", DETECTORS, ids=lambda each: each.name)
def test_its_file_runs_and_finds_what_its_card_says(manifest: Manifest) -> None:
    models = registry(settings())
    try:
        models.path(manifest)
    except ModelMissingError as error:
        pytest.skip(str(error))
    detector = load_detector(models, manifest.id, manifest.task)
    dark = detector.detect(np.zeros((360, 640, 3), np.uint8))
    assert not (dark.thousandths() >= 700).any()
    film = settings().data_dir / "video" / "vtest.avi"
    if manifest.name not in FOUND or not film.is_file():
        return
    found = detector.detect(cv2.VideoCapture(str(film)).read()[1])
    names = VOCABULARIES[manifest.task]
    sure = {names[index] for index in found.classes[found.thousandths() >= 500]}
    assert sure >= FOUND[manifest.name]
    again = detector.detect(cv2.VideoCapture(str(film)).read()[1])
    assert np.array_equal(found.tenths(), again.tenths())


def test_a_file_that_nobody_offers_is_asked_for_by_hand(tmp_path: Path) -> None:
    models = Registry([tmp_path])
    with pytest.raises(ModelMissingError) as caught:
        fetch(models, "person-vehicle-bike-2004-576")
    said = str(caught.value)
    manifest = models.find("person-vehicle-bike-2004-576")
    assert manifest.converted_from in said
    assert manifest.sha256 in said
    assert str(tmp_path / "person-vehicle-bike-2004" / "model.576x320.onnx") in said
