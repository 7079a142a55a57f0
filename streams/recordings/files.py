"""A folder that anybody may have made, and the files in it.

What is read is a regular file that stands in the folder itself, and no larger than it may be: no
link leads elsewhere, no device or pipe is waited for. What is written or removed is in the folder
that was opened, whatever its name leads to by then.
"""

import errno
import os
import stat
import weakref
from contextlib import suppress
from pathlib import Path
from typing import Self

_OPEN_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_OPEN_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_NEW_FILE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_LINK = "a link, and may lead anywhere: copy what it stands for"
FOLDER_MODE, FILE_MODE = 0o700, 0o600
"""A recording has pictures and names: it is its owner's."""


class RecordingError(Exception):
    """A folder is no recording, or not the one that was made; names the file."""


class Folder:
    """A folder that is there, held open.

    Raises, here and in each method:
        RecordingError: it, or the file that is asked for, is not what it may be.
        OSError: nothing can be written there.
    """

    def __init__(self, path: Path, within: "Folder | None" = None) -> None:
        """Raises FileNotFoundError where there is none. ``within``: what ``path`` stands in."""
        self.path = path
        try:
            if within is None:
                self._fd = os.open(path, _OPEN_FOLDER)
            else:
                self._fd = os.open(path.name, _OPEN_FOLDER, dir_fd=within._fd)
        except OSError as error:
            if error.errno == errno.ENOENT:
                raise
            # What a link is opened as differs: no folder, or a loop.
            link = path.is_symlink()
            said = _LINK if link else f"no folder that can be read: {os.strerror(error.errno or 0)}"
            raise RecordingError(f"{path} is {said}") from None
        except ValueError:
            raise RecordingError(f"{path} is no name of a folder") from None
        weakref.finalize(self, os.close, self._fd)

    @classmethod
    def made(cls, path: Path) -> Self:
        """One that is new, or that is there and empty."""
        path.parent.mkdir(parents=True, exist_ok=True)
        with suppress(FileExistsError):
            path.mkdir(FOLDER_MODE)
        folder = cls(path)
        if folder.names():
            raise RecordingError(f"{path} is not empty: name a folder that does not exist")
        return folder

    def inner(self, name: str, *, make: bool = False) -> "Folder":
        """A folder in this one. Raises FileNotFoundError where there is none to be."""
        if make:
            with suppress(FileExistsError):
                os.mkdir(name, FOLDER_MODE, dir_fd=self._fd)
        return Folder(self.path / name, self)

    def names(self) -> list[str]:
        return sorted(os.listdir(self._fd))  # noqa: PTH208 (of what is open)

    def read(self, name: str, most: int) -> bytes:
        """All of a file. Raises FileNotFoundError where there is none.

        Args:
            most: bytes that it may have.
        """
        path = self.path / name
        try:
            fd = os.open(name, _OPEN_FILE, dir_fd=self._fd)
        except OSError as error:
            if error.errno == errno.ENOENT:
                raise
            said = f"cannot be read: {os.strerror(error.errno or 0)}"
            raise RecordingError(
                f"{path} is {_LINK}" if error.errno == errno.ELOOP else f"{path} {said}"
            ) from None
        try:
            said_size = _size(path, os.fstat(fd), most)
        except RecordingError:
            os.close(fd)
            raise
        with os.fdopen(fd, "rb", buffering=0) as file:
            content = file.read(said_size + 1) or b""
            while len(content) <= said_size and (more := file.read(said_size + 1 - len(content))):
                content += more
        if len(content) != said_size:
            raise RecordingError(f"{path} changed while it was read: wait until it is whole")
        return content

    def write(self, name: str, content: bytes) -> None:
        """All of a file, in place of any that there is, at once."""
        new = f".{name}.new"
        with suppress(FileNotFoundError):
            os.unlink(new, dir_fd=self._fd)
        with os.fdopen(os.open(new, _NEW_FILE, FILE_MODE, dir_fd=self._fd), "wb") as file:
            file.write(content)
        os.replace(new, name, src_dir_fd=self._fd, dst_dir_fd=self._fd)

    def remove(self, name: str) -> bool:
        """False where there was none."""
        try:
            os.unlink(name, dir_fd=self._fd)
        except FileNotFoundError:
            return False
        return True


def _size(path: Path, found: os.stat_result, most: int) -> int:
    if not stat.S_ISREG(found.st_mode):
        raise RecordingError(f"{path} is no regular file: a recording has no others")
    if found.st_nlink > 1:
        raise RecordingError(f"{path} is the file of another name too (a hard link): copy it")
    if found.st_size > most:
        raise RecordingError(f"{path} has {found.st_size} bytes, and may have {most} at most")
    return found.st_size
