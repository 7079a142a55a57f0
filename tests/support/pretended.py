"""A whole local stack on a machine whose clock is set while it runs."""

import os
import shutil
import struct
import subprocess
from pathlib import Path
from typing import Any

from tests.support.stack import ROOT, System

COMPILER = shutil.which("cc")


class Pretended(System):
    """A stack whose processes all see a clock that ``shift`` sets."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / "state")
        library, self._file = folder / "set_clock.so", folder / "shift"
        source = str(ROOT / "tests/support/set_clock.c")
        assert COMPILER is not None
        subprocess.run(
            [COMPILER, "-shared", "-fPIC", "-O1", "-o", str(library), source, "-ldl"], check=True
        )
        self._file.write_bytes(struct.pack("=q", 0))
        for path in (folder, *folder.parents[:2], library, self._file):
            path.chmod(path.stat().st_mode | 0o055)  # the database runs as another user
        self.environment |= {"LD_PRELOAD": str(library), "SET_CLOCK_FILE": str(self._file)}

    def shift(self, seconds: int) -> None:
        with self._file.open("r+b") as file:
            os.pwrite(file.fileno(), struct.pack("=q", seconds), 0)

    def quick(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """In a process of its own: this one does not see that clock."""
        return self.run(*arguments)

    def status(self) -> dict[str, Any]:
        return dict(self.json("status"))
