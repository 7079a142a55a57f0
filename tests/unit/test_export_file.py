"""Where a command that exports may write."""

import os
from pathlib import Path

import pytest

from services.commandline.exports import _check
from services.commandline.output import CommandError


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
