"""``cityops models`` as a person and as a program meet it."""

from pathlib import Path

import msgspec
import pytest
from typer.testing import CliRunner

from services.commands.models import app


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Without any third-party file on the machine."""
    monkeypatch.setenv("CITYOPS_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.setenv("CITYOPS_STATE_DIR", str(tmp_path / "state"))
    return CliRunner()


def states(runner: CliRunner) -> dict[str, str]:
    result = runner.invoke(app, ["list", "--json"])
    assert result.exit_code == 0
    return {row["name"]: row["state"] for row in msgspec.json.decode(result.stdout)}


def put(folder: Path, content: bytes) -> None:
    path = folder / "models" / "yolox_nano" / "yolox_nano.onnx"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)


def test_the_list_says_what_is_ready_missing_or_changed(runner: CliRunner, tmp_path: Path) -> None:
    found = states(runner)
    assert found["street_detector"] == "ready"
    assert found["yolox_nano"] == "missing"
    put(tmp_path / "data", b"something else")
    assert states(runner)["yolox_nano"] == "changed"


def test_the_list_reads_as_a_table(runner: CliRunner) -> None:
    result = runner.invoke(app, ["list"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    assert "Apache-2.0" in result.stdout


@pytest.mark.parametrize(
    ("name", "says"), [("no_such", "no model 'no_such'"), ("yolox_nano", "its sha256 is")]
)
def test_what_cannot_be_fetched_is_one_line_and_an_exit_code(
    runner: CliRunner, tmp_path: Path, name: str, says: str
) -> None:
    put(tmp_path / "state", b"something else")
    result = runner.invoke(app, ["fetch", name])
    assert result.exit_code == 1
    assert result.stdout == ""
    (line,) = (line for line in result.stderr.splitlines() if line.startswith("error:"))
    assert says in line
