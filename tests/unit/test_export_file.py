"""Where commands write files, and what becomes of what is there."""

import os
import stat
from pathlib import Path

import pytest

from services.commandline.exports import _check, _draft
from services.commandline.output import CommandError
from services.commandline.written import written


def test_what_is_no_file_is_not_written_over(tmp_path: Path) -> None:
    """Neither a device nor a pipe: a file would take its place. The control is a file."""
    pipe, link, file = tmp_path / "pipe", tmp_path / "link", tmp_path / "file"
    os.mkfifo(pipe)
    link.symlink_to(pipe)
    file.touch()
    for path in pipe, link, Path("/dev/null"):
        for force in True, False:
            with pytest.raises(CommandError, match="is no file"):
                _check(path, force)
    _check(file, force=True)
    with pytest.raises(CommandError, match="--force"):
        _check(file, force=False)


def test_what_was_for_nobody_else_to_read_stays_so_and_a_file_beside_it_stays(
    tmp_path: Path,
) -> None:
    file, beside, link = tmp_path / "a.csv", tmp_path / "a.csv.part", tmp_path / "link"
    file.touch(0o600)
    beside.write_text("somebody's")
    link.symlink_to(file)
    with written(link) as draft:
        draft.write("Cầu tàu 3\n")
    assert (file.read_text("utf-8"), beside.read_text()) == ("Cầu tàu 3\n", "somebody's")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    with pytest.raises(ZeroDivisionError), written(file) as draft:
        draft.write(str(1 // 0))
    with written(tmp_path / "new") as draft:  # control
        draft.write("for all")
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o666 & ~_mask()
    assert file.read_text("utf-8") == "Cầu tàu 3\n"
    assert sorted(each.name for each in tmp_path.iterdir()) == [
        "a.csv",
        "a.csv.part",
        "link",
        "new",
    ]


def test_an_export_is_for_nobody_else_and_a_link_to_it_stays_one(tmp_path: Path) -> None:
    file, link = tmp_path / "a.csv", tmp_path / "link"
    file.touch(0o644)
    link.symlink_to(file)
    with _draft(link, force=True) as draft:
        draft.write(b"rows")
    assert link.is_symlink()
    assert (file.read_bytes(), stat.S_IMODE(file.stat().st_mode)) == (b"rows", 0o600)
    with pytest.raises(CommandError, match="is there"), _draft(tmp_path / "b.csv", False) as draft:
        (tmp_path / "b.csv").write_text("came meanwhile")
    assert (tmp_path / "b.csv").read_text() == "came meanwhile"


def _mask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
