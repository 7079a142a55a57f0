"""Where folders go that the database's user must reach."""

import os
import pwd
from pathlib import Path

import pytest

from deploy.local import disk, folders

needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as another user")


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(folders, "ELSEWHERE", tmp_path / "elsewhere")
    monkeypatch.setattr(disk, "ELSEWHERE", tmp_path / "elsewhere")
    return tmp_path / "elsewhere"


def test_whoever_runs_their_own_server_needs_no_other_place(tmp_path: Path) -> None:
    assert folders.place(tmp_path / "state/database", None) == tmp_path / "state/database"


@needs_root
def test_a_closed_folder_gets_a_link_to_an_open_place(tmp_path: Path, elsewhere: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    path = tmp_path / "state/database"
    tmp_path.chmod(0o700)
    placed = folders.place(path, nobody)
    assert placed.is_relative_to(elsewhere)
    assert path.resolve() == placed
    placed.mkdir()
    (placed / "file").write_bytes(b"x" * 5000)
    assert folders.place(path, nobody) == placed
    assert disk.size(path.parent) >= 5000
    folders.remove(path)
    assert not placed.exists()
    assert not path.is_symlink()


@needs_root
def test_what_a_deleted_clone_left_is_not_taken_over(tmp_path: Path, elsewhere: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    path = tmp_path / "state/database"
    tmp_path.chmod(0o700)
    placed = folders.place(path, nobody)
    placed.mkdir()
    path.unlink()
    assert folders.place(path, nobody) == placed
    assert not placed.exists()
