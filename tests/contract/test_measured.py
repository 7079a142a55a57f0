"""What counts as measured is decided in one place: nobody else asks for NaN, or makes one."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOME = ROOT / "models/measured.py"
ASKED = re.compile(r"\b(?:is(?:nan|inf)|nan_to_num|(?:np|math)\.nan|import .*\bnan)\b")
FOLDERS = ("deploy", "models", "services", "simulators", "streams")


@pytest.mark.parametrize("folder", FOLDERS)
def test_nobody_decides_it_beside_its_home(folder: str) -> None:
    paths = [path for path in sorted((ROOT / folder).rglob("*.py")) if path != HOME]
    assert paths
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in paths
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if ASKED.search(line)
    ]
    assert found == []


def test_the_rule_sees_it() -> None:
    assert ASKED.search(HOME.read_text("utf-8"))
    assert ASKED.search("from math import inf, nan")
    assert ASKED.search("x = np.full(3, np.nan)")
    assert not ASKED.search("from models.measured import nothing")
