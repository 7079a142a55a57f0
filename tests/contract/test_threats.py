"""What ``docs/threats.md`` says is shown by a test, is."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs/threats.md").read_text()
SECURITY = {
    name
    for path in (ROOT / "tests/security").glob("test_*.py")
    for name in re.findall(r"^(?:async )?def (test_\w+)", path.read_text(), re.MULTILINE)
}
NAMED = [name for name in re.findall(r"`([^`\n]+)`", TEXT) if "test_" in name]


def rows() -> list[str]:
    """The last column of every table that says what shows it."""
    tables = re.findall(r"^\| They try .*\n\|[-|]+\n((?:\|.*\n)+)", TEXT, re.MULTILINE)
    return [line.split(" | ")[-1] for table in tables for line in table.splitlines()]


@pytest.mark.parametrize("cell", rows())
def test_every_threat_names_a_test_that_there_is(cell: str) -> None:
    names, file = re.findall(r"`([^`]+)`", cell), ""
    assert names
    for name in names:
        path, _, test = name.rpartition("::")
        if name.endswith(".py"):
            assert (ROOT / name).is_file(), name
            continue
        if path or name.startswith("::"):
            file = path or file
            assert f"def {test}(" in (ROOT / file).read_text(), name
        else:
            assert name in SECURITY, name


def test_all_names_stand_in_a_table() -> None:
    assert len(rows()) > 25
    assert set(NAMED) == {name for cell in rows() for name in re.findall(r"`([^`]+)`", cell)}
