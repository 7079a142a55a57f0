"""Which release the command line says that it is."""

from importlib.metadata import version as released
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli import build
from services.commandline import version


def test_the_release_is_said_with_the_commit_of_a_checkout_and_without_one_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert version.said(tmp_path) == f"cityops {released('cityops')}"
    (tmp_path / ".git").write_text("no repository")
    assert version.said(tmp_path) == f"cityops {released('cityops')}", "not a word of git's"
    known = version.commit(version.ROOT)
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "another"))  # as in a hook of another checkout
    assert version.commit(version.ROOT) == known
    told = CliRunner().invoke(build(), ["--version"])
    assert (told.exit_code, told.output) == (0, f"{version.said()}\n")
