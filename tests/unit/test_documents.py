"""YAML is read by libyaml where nothing is wrong with it, and is what PyYAML says it is."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from models import documents
from models.documents import DocumentError, document, load

ROOT = Path(__file__).parents[2]
OURS = sorted(
    path
    for folder in ("models", "simulators", "streams")
    for path in (ROOT / folder).rglob("*.yaml")
)


def test_every_file_of_ours_is_read_fast_and_right(monkeypatch: pytest.MonkeyPatch) -> None:
    right = [yaml.safe_load(path.read_text("utf-8")) for path in OURS]
    monkeypatch.setattr(yaml, "load", lambda *_: pytest.fail("read by the slow one"))
    assert [load(path.read_text("utf-8"), once=True) for path in OURS] == right
    assert len(OURS) > 30


@pytest.mark.parametrize(
    "text",
    ["[" * 60_000, "{a: " * 20_000, "- " * 30_000, "? " * 30_000],
    ids=["lists", "mappings", "block lists", "keys"],
)
def test_what_is_nested_too_deeply_ends_no_process(text: str) -> None:
    """libyaml alone would, by a segmentation fault."""
    with pytest.raises(DocumentError):
        document(text)


@pytest.mark.parametrize(
    "text",
    ["", "a:\t1", "a: &b [1, 2]\nc: *b", "<<: {a: 1}\nb: 2", "a: 1\na: 2", "- 1e3\n- 0o7\n- ~"],
)
def test_it_is_what_pyyaml_says(text: str) -> None:
    def said(read: Any) -> Any:
        try:
            return read()
        except yaml.YAMLError as error:
            return str(error)

    assert said(lambda: load(text)) == said(lambda: yaml.safe_load(text))


def test_without_libyaml_it_is_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(documents, "_COMPOSER", None)
    assert document("a: [1, {b: c}]") == {"a": [1, {"b": "c"}]}
