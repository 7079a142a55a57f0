"""No kind's, feed's or asset type's name stands outside its home, scenarios and tests."""

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from streams.feeds.registry import all_feeds
from streams.kinds.registry import all_kinds

ROOT = Path(__file__).parents[2]
PRODUCT = ("deploy/", "models/", "services/", "streams/", "simulators/")
HOMES = ("streams/kinds/", "streams/feeds/")
SCENARIOS = (
    "simulators/",  # the simulated city
    "models/loop_anomaly/",  # trained on it
    "services/gateway/footage.py",  # what one well-known film shows
    "services/history/queries/",  # examples of questions
)
FROZEN = re.compile(r"deploy/database/00\d\d_")
"""Migrations that have been applied never change."""
PATH_WORDS = frozenset({"camera", "cameras"})
"""Pictures have a stage and topics of their own, so the word is the path's too."""


def names() -> frozenset[str]:
    kinds, feeds = all_kinds().values(), all_feeds().values()
    found = {kind.id for kind in kinds} | {old for kind in kinds for old in kind.formerly}
    found |= {feed.id for feed in feeds} | {name for feed in feeds for name in feed.asset_types}
    return frozenset(found) - PATH_WORDS


def files(*suffixes: str) -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split()
    return [
        name
        for name in listed
        if name.endswith(suffixes)
        and name.startswith(PRODUCT)
        and not name.startswith(HOMES + SCENARIOS)
        and not FROZEN.match(name)
        and (ROOT / name).is_file()
    ]


def texts_of_python(text: str) -> Iterator[str]:
    """Every string that is no docstring, every name, and what is imported."""
    tree = ast.parse(text)
    said = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        match node:
            case ast.Constant(value=str(value)) if id(node) not in said:
                yield value
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.alias(name=name):
                yield name
            case ast.ImportFrom(module=str(module)):
                yield from module.split(".")


def texts_of_others(text: str) -> Iterator[str]:
    """Every quoted string and every key, without comments."""
    text = re.sub(r"(?m)(--|//).*$|/\*[\s\S]*?\*/", "", text)
    quoted = re.findall(r"\"([^\"\n]*)\"|'([^'\n]*)'|`([^`]*)`|(\w+)\??\s*:", text)
    yield from (each for found in quoted for each in found if each)


@pytest.mark.parametrize("name", files(".py"))
def test_python_names_none(name: str) -> None:
    assert names() & set(texts_of_python((ROOT / name).read_text(encoding="utf-8"))) == set()


@pytest.mark.parametrize("name", files(".sql", ".ts", ".tsx", ".json"))
def test_sql_typescript_and_messages_name_none(name: str) -> None:
    assert names() & set(texts_of_others((ROOT / name).read_text(encoding="utf-8"))) == set()


def test_control_a_name_is_found() -> None:
    for kind in all_kinds():
        assert kind in set(texts_of_python(f'x = "{kind}"'))
        assert kind in set(texts_of_python(f"from streams.kinds.{kind} import KIND"))
        assert kind not in set(texts_of_python(f'"""{kind}"""'))
        assert kind in set(texts_of_others(f"const x = '{kind}' // why"))
        assert kind in set(texts_of_others(f'{{ "{kind}": 1 }}'))
        assert kind not in set(texts_of_others(f"-- {kind}\nSELECT 1"))
