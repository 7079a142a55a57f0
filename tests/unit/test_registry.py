"""A result names the model it came from; so the registry runs only what the manifest names."""

import hashlib
import shutil
from pathlib import Path

import numpy as np
import onnxruntime as ort
import pytest

from models import registry as module
from models.fetch import fetch
from models.labels import VOCABULARIES
from models.manifest import FILE_NAME, ModelError, read
from models.registry import ModelChangedError, ModelMissingError, Registry
from streams.models import providers, registry
from streams.recordings import machine
from streams.settings import load

OWN = sorted(module.OWN.glob(f"*/{FILE_NAME}"))
MAX_OWN_BYTES = 5_000_000


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder of manifests that holds a copy of the street detector."""
    shutil.copytree(module.OWN / "street_detector", tmp_path / "models" / "street_detector")
    return tmp_path / "models"


def third_party(copy: Path, address: str) -> Path:
    """Turns the copy into a third party's model; its file, moved out of the way."""
    folder = copy / "street_detector"
    with (folder / FILE_NAME).open("a") as file:
        file.write(f"address: {address}\n")
    return (folder / "model.onnx").rename(copy / "elsewhere.onnx")


@pytest.mark.parametrize("path", OWN, ids=lambda path: path.parent.name)
def test_every_manifest_is_complete_and_true(path: Path) -> None:
    manifest = read(path)
    assert manifest.name == path.parent.name
    assert manifest.description
    assert manifest.licence
    assert manifest.training_data
    assert manifest.quality
    assert set(manifest.classes.values()) <= set(VOCABULARIES.get(manifest.task, ()))
    card = path.with_name("README.md").read_text()
    assert manifest.name in card
    if manifest.is_ours:
        content = path.with_name(manifest.file).read_bytes()
        assert hashlib.sha256(content).hexdigest() == manifest.sha256
        assert len(content) == manifest.size <= MAX_OWN_BYTES


@pytest.mark.parametrize("id", ["street_detector", "street_detector@1.0.0"])
def test_a_model_is_found_by_name_and_by_name_and_version(id: str) -> None:
    assert Registry().find(id).id == "street_detector@1.0.0"


def test_a_model_that_nobody_knows_is_named_with_those_there_are() -> None:
    with pytest.raises(ModelMissingError, match=r"'no_such'; there are: .*street_detector"):
        Registry().find("no_such")


def test_another_version_is_not_taken_for_the_one_asked_for() -> None:
    with pytest.raises(ModelMissingError):
        Registry().find("street_detector@0.0.1")


def test_a_session_runs_on_one_thread_of_the_processor() -> None:
    session = Registry().load("street_detector").session
    options = session.get_session_options()
    assert session.get_providers() == ["CPUExecutionProvider"]
    assert options.intra_op_num_threads == 1
    assert options.get_session_config_entry("session.intra_op.allow_spinning") == "0"


def test_a_provider_that_cannot_be_had_is_refused_and_asked_of_detectors_only() -> None:
    nowhere = Registry(providers=("AbacusExecutionProvider",))
    with pytest.raises(ModelError, match=r"no AbacusExecutionProvider here; it has .*CPU"):
        nowhere.load("street_detector")
    assert nowhere.load("loop_anomaly").session.get_providers() == ["CPUExecutionProvider"]


def test_a_provider_that_is_there_is_taken_first() -> None:
    others = [name for name in ort.get_available_providers() if name.startswith("Azure")]
    if not others:
        pytest.skip("onnxruntime has only the processor")
    session = Registry(providers=others).load("street_detector").session
    assert session.get_providers() == [*others, "CPUExecutionProvider"]


def test_providers_are_a_setting_and_named_by_the_digest() -> None:
    one = load({"CITYOPS_ONNX_PROVIDERS": "CUDAExecutionProvider, CPUExecutionProvider"})
    assert providers(one) == ("CUDAExecutionProvider",)
    assert providers(load({})) == ()
    assert registry(one).providers == providers(one)
    assert machine.seen_by(providers(one)) == f"{machine.seen_by()} with CUDAExecutionProvider"


def test_a_changed_file_is_refused_whatever_was_changed(copy: Path) -> None:
    path = copy / "street_detector" / "model.onnx"
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    ort.InferenceSession(bytes(content))  # onnxruntime itself would not notice
    with pytest.raises(ModelChangedError, match="not used"):
        Registry(manifests=copy).load("street_detector")


def test_a_broken_manifest_harms_no_other_model(copy: Path) -> None:
    (copy / "broken").mkdir()
    (copy / "broken" / FILE_NAME).write_text("name: [")
    registry = Registry(manifests=copy)
    assert registry.load("street_detector").manifest.name == "street_detector"
    with pytest.raises(ModelError, match="broken"):
        registry.find("broken")


@pytest.mark.parametrize("id", ["", "@", "../street_detector", "street_detector/", "*", "a\0b"])
def test_a_name_from_a_message_reaches_no_other_file(id: str) -> None:
    with pytest.raises(ModelMissingError):
        Registry().find(id)


def test_a_file_that_is_gone_is_missing(copy: Path) -> None:
    (copy / "street_detector" / "model.onnx").unlink()
    with pytest.raises(ModelMissingError, match="has no file"):
        Registry(manifests=copy).load("street_detector")


def test_a_manifest_that_misstates_the_networks_shape_is_refused(copy: Path) -> None:
    path = copy / "street_detector" / FILE_NAME
    path.write_text(path.read_text().replace("[1, 3, 384, 640]", "[1, 3, 416, 416]"))
    with pytest.raises(ModelError, match="the file has"):
        Registry(manifests=copy).load("street_detector")


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("licence:", "license:"),
        ("task: detection", "task: divination"),
        ("file: model.onnx", "file: ../../etc/model.onnx"),
        ("size: ", "size: about "),
        ("sha256: ", "sha256: x"),
        ("name: street_detector", "name: '../street_detector'"),
        ("name: street_detector", "name: [street_detector"),
    ],
)
def test_a_malformed_manifest_says_where_it_is_wrong(copy: Path, old: str, new: str) -> None:
    path = copy / "street_detector" / FILE_NAME
    text = path.read_text()
    path.write_text(text.replace(old, new, 1))
    assert path.read_text() != text
    with pytest.raises(ModelError, match=r"model\.yaml"):
        Registry(manifests=copy).find("street_detector")


def test_a_third_partys_file_is_searched_in_the_folders_in_order(copy: Path) -> None:
    elsewhere = third_party(copy, "https://example.invalid/model.onnx")
    registry = Registry((copy / "first", copy / "second"), copy)
    manifest = registry.find("street_detector")
    with pytest.raises(ModelMissingError, match="cityops models fetch street_detector"):
        registry.load("street_detector")
    for name in ("second", "first"):
        folder = copy / name / "street_detector"
        folder.mkdir(parents=True)
        shutil.copy(elsewhere, folder / "model.onnx")
        assert registry.path(manifest) == folder / "model.onnx"
    output = registry.load("street_detector").session.run(
        None, {"images": np.zeros(manifest.input.shape, np.float32)}
    )
    assert output[0].shape == manifest.outputs[0].shape


def test_without_a_way_out_fetch_says_what_to_do_by_hand(copy: Path) -> None:
    third_party(copy, "http://127.0.0.1:9/model.onnx")
    registry = Registry((copy / "kept",), copy)
    manifest = registry.find("street_detector")
    with pytest.raises(ModelMissingError) as caught:
        fetch(registry, "street_detector")
    said = str(caught.value)
    assert manifest.address in said
    assert manifest.sha256 in said
    assert str(copy / "kept" / "street_detector" / "model.onnx") in said
    assert not (copy / "kept").exists()


def test_what_is_already_there_is_not_fetched_again_but_checked(copy: Path) -> None:
    elsewhere = third_party(copy, "http://127.0.0.1:9/model.onnx")
    registry = Registry((copy / "kept",), copy)
    kept = copy / "kept" / "street_detector" / "model.onnx"
    kept.parent.mkdir(parents=True)
    shutil.copy(elsewhere, kept)
    assert fetch(registry, "street_detector") == kept
    kept.write_bytes(b"half a file")
    with pytest.raises(ModelChangedError):
        fetch(registry, "street_detector")
