"""How a decoder is started: this one program, with these descriptors, and nothing else of ours."""

import os
import stat
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[3]
PROGRAM = [sys.executable, "-s", "-P", "-m", __package__]
ENVIRONMENT = {"PYTHONPATH": str(ROOT), "LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2"}
LAST_DEVICE = 999
_VIDEO = 81
"""Major number of cameras on this machine (``devices.txt`` of Linux)."""


class Given(NamedTuple):
    """All that a decoder has: descriptors, which stay the caller's to close, and a group."""

    orders: int
    """A pipe's end that it reads."""
    messages: int
    """A pipe's end that it writes."""
    room: int
    """Memory for pictures, which both share."""
    film: int | None = None
    """A file that is open for reading."""
    device: int | None = None
    """N of ``/dev/videoN``, whose group it is in."""


def start(given: Given) -> "subprocess.Popen[bytes]":
    """Root's drops its rights by itself, before it hears anything; but no more than a device's
    group is ever its own.

    Raises:
        OSError: no process can be started.
    """
    files = [each for each in (given.room, given.film) if each is not None]
    return subprocess.Popen(
        [*PROGRAM, *map(str, files)],
        stdin=given.orders,
        stdout=given.messages,
        stderr=subprocess.DEVNULL,
        pass_fds=files,
        cwd="/",
        env=ENVIRONMENT,
        extra_groups=_groups(given.device) if os.geteuid() == 0 else None,
    )


def _groups(device: int | None) -> list[int]:
    """Never root's own, which opens more than a camera."""
    try:
        found = Path(f"/dev/video{device}").stat()
    except OSError:
        return []
    camera = stat.S_ISCHR(found.st_mode) and os.major(found.st_rdev) == _VIDEO
    return [found.st_gid] if camera and found.st_gid else []
