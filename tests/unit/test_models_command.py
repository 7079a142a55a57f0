"""``cityops models`` as a person and as a program meet it."""

from pathlib import Path

import msgspec
import pytest

from services.commandline import output
from tests.support.commandline import cityops


@pytest.fixture(autouse=True)
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without any third-party file on the machine."""
    monkeypatch.setenv("CITYOPS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("CITYOPS_STATE_DIR", str(tmp_path / "state"))


def states() -> dict[str, str]:
    result = cityops("models", "list", "--json")
    assert result.exit_code == 0
    return {row["name"]: row["state"] for row in msgspec.json.decode(result.stdout)}


def put(folder: Path, content: bytes) -> None:
    path = folder / "models" / "yolox_nano" / "yolox_nano.onnx"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)


def test_the_list_says_what_is_ready_missing_or_changed(tmp_path: Path) -> None:
    found = states()
    assert found["street_detector"] == "ready"
    assert found["yolox_nano"] == "missing"
    put(tmp_path / "data", b"something else")
    assert states()["yolox_nano"] == "changed"


def test_the_list_reads_as_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(output.console, "_width", 200)
    result = cityops("models", "list")
    assert result.exit_code == 0
    assert "Apache-2.0" in result.stdout


@pytest.mark.parametrize(
    ("name", "code", "says"),
    [
        ("no_such", 2, "no model 'no_such'"),
        ("yolox_nano@no_such", 2, "no model 'yolox_nano@no_such'"),
        ("yolox_nano", 1, "its sha256 is"),
    ],
)
def test_what_cannot_be_fetched_is_one_line_and_an_exit_code(
    tmp_path: Path, name: str, code: int, says: str
) -> None:
    put(tmp_path / "state", b"something else")
    result = cityops("models", "fetch", name)
    assert result.exit_code == code
    assert result.stdout == ""
    (line,) = (line for line in result.stderr.splitlines() if line.startswith("error:"))
    assert says in line
