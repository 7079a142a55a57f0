"""What the README shows is what the repository holds."""

import re
from pathlib import Path

import pytest

from services import cli

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
QUERIES = sorted((ROOT / "services/history/queries").glob("*.sql"))


@pytest.mark.parametrize("query", QUERIES, ids=lambda query: query.stem)
def test_each_query_stands_in_the_readme_word_by_word(query: Path) -> None:
    assert query.read_text().strip() in README


def test_every_command_that_the_readme_names_exists() -> None:
    named = set(re.findall(r"cityops ([a-z]+)\b", README))
    mounted = {*cli.GROUPS, "up", "down", "status", "reset", "simulate", "detect", "evaluate"}
    assert named <= mounted | {"incidents"}


def test_every_setting_that_the_readme_names_exists() -> None:
    from streams.settings import Settings

    named = {
        name.removeprefix("CITYOPS_").lower() for name in re.findall(r"CITYOPS_[A-Z_]+", README)
    }
    named.discard("")
    assert named
    assert named <= set(Settings.__struct_fields__)
