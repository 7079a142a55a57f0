"""Files that somebody names or has put there: read whole, within bounds, and never waited for long.

What a command or part reads of its user goes through here (tests/contract/test_files.py): a name
may lead to a device without an end, a pipe to which nobody writes, or more than there is memory.
"""

import errno
import os
import select
import stat
from pathlib import Path

SMALL = 2**20
"""Bytes of what people write by hand: settings, rules, scenarios, secrets."""
SILENT_SECONDS = 60.0
"""That a pipe may give nothing while somebody holds its other end."""
NOBODY_SECONDS = 5.0
"""Until somebody holds it."""
_OPEN = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_PART = 2**16


class FileError(OSError):
    """The file is there and is not read; ``strerror`` says why in words that need no name."""

    def __init__(self, path: Path, why: str) -> None:
        super().__init__(errno.EINVAL, why, str(path))

    def __str__(self) -> str:
        return f"{self.filename}: {self.strerror}"


def read_file(path: Path, most: int) -> bytes:
    """All of a regular file, or of a pipe such as a shell's ``<(…)`` or ``/dev/stdin``.

    Args:
        most: bytes that it may have.

    Raises:
        FileError: it is a folder or a device, or larger, or a pipe that is silent.
        OSError: it is absent or cannot be read.
    """
    _insist(path, path.stat(), pipes=True)  # before it is opened, which is an act on some devices
    fd = os.open(path, _OPEN)
    try:
        found = os.fstat(fd)
        _insist(path, found, pipes=True)
        regular = stat.S_ISREG(found.st_mode)
        if regular and found.st_size > most:
            raise FileError(path, _too_large(most, f"has {found.st_size} bytes"))
        if regular and not found.st_size:
            return b""  # what the kernel makes up has no size either, and some of it no end
        content = _all(path, fd, most, waits=not regular)
    finally:
        os.close(fd)
    if len(content) > most:
        raise FileError(path, _too_large(most, "has more"))
    return content


def insist_regular(path: Path) -> None:
    """That it is a file with content, on a disk, whoever reads it then.

    Raises:
        FileError: it is a folder, a device, a pipe, or empty as what the kernel makes up.
        OSError: it is absent or cannot be looked at.
    """
    found = path.stat()
    _insist(path, found, pipes=False)
    if not found.st_size:
        raise FileError(path, "it is empty")


def _insist(path: Path, found: os.stat_result, *, pipes: bool) -> None:
    mode = found.st_mode
    if stat.S_ISREG(mode) or (pipes and stat.S_ISFIFO(mode)):
        return
    kinds = ((stat.S_ISDIR, "folder"), (stat.S_ISFIFO, "pipe"), (stat.S_ISSOCK, "socket"))
    kind = next((name for is_kind, name in kinds if is_kind(mode)), "device")
    raise FileError(path, f"it is a {kind}: name a file")


def _too_large(most: int, has: str) -> str:
    return f"it {has}, and may have {most} at most"


def _all(path: Path, fd: int, most: int, *, waits: bool) -> bytes:
    """At most one byte more than ``most``."""
    content, asked = bytearray(), False
    while len(content) <= most:
        try:
            part = os.read(fd, min(_PART, most + 1 - len(content)))
        except BlockingIOError:
            if not select.select([fd], [], [], SILENT_SECONDS)[0]:
                raise FileError(path, f"nothing came for {SILENT_SECONDS:.0f} s") from None
            continue
        if part:
            content += part
        elif content or asked or not waits:
            break
        else:  # its writer has ended, or has not begun
            asked = True
            select.select([fd], [], [], NOBODY_SECONDS)
    return bytes(content)
