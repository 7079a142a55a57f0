"""Lines that are on disk already and not yet in the database, whether or not it answers.

One process appends to a file of its own; commands leave whole files. Whoever moves them to the
database takes all that is there.
"""

import contextlib
import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import msgspec

from services.audit.anchors import append
from services.audit.entry import Entry
from streams.secrets import write_secret

MOST_BYTES = 64 * 2**20
"""Some hundred thousand lines; without a database for so long, nothing more is taken."""
AT_A_TIME = 5000
"""Lines that are moved in one transaction, or a few more."""


class UnrecordedError(OSError):
    """A line can be kept nowhere."""


class Taken(NamedTuple):
    """What is to be moved."""

    entries: list[Entry]
    damaged: int
    """Lines that are none, as a power cut leaves them."""
    files: list[Path]


class Spool:
    """Of one process; thread-safe."""

    def __init__(self, folder: Path, most_bytes: int = MOST_BYTES) -> None:
        self._folder = folder / "spool"
        self._most = most_bytes
        self._lock = threading.Lock()
        self._number = 0

    def add(self, entry: Entry) -> None:
        """On disk when it returns.

        Raises:
            UnrecordedError: the disk is full, or so much has been waiting that no more is taken.
        """
        with self._lock:
            try:
                if self.bytes > self._most:
                    raise UnrecordedError("too many lines wait for the database")
                append(self._own(), msgspec.json.encode(entry))
            except UnrecordedError:
                raise
            except OSError as error:
                raise UnrecordedError(str(error)) from None

    def leave(self, entry: Entry) -> None:
        """As ``add``, for a process that ends: a file with this line only."""
        try:
            write_secret(self._folder / f"{entry.id}.jsonl", msgspec.json.encode(entry).decode())
        except OSError as error:
            raise UnrecordedError(str(error)) from None

    @property
    def bytes(self) -> int:
        return sum(size for _, size, _ in self._found())

    def take(self) -> Taken:
        """The oldest lines; what is added from now on goes to another file. Raises OSError."""
        with self._lock:
            self._number += 1
            files = self._files()
        entries: list[Entry] = []
        damaged, taken = 0, []
        for path in files:
            for line in path.read_bytes().splitlines():
                try:
                    entries.append(msgspec.json.decode(line, type=Entry))
                except msgspec.MsgspecError:
                    damaged += bool(line.strip())
            taken.append(path)
            if len(entries) >= AT_A_TIME:
                break
        return Taken(entries, damaged, taken)

    @staticmethod
    def drop(files: Iterable[Path]) -> None:
        """They are in the database."""
        for path in files:
            path.unlink(missing_ok=True)

    def _own(self) -> Path:
        return self._folder / f"own-{os.getpid()}-{self._number:06}.jsonl"

    def _files(self) -> list[Path]:
        return [path for _, _, path in self._found()]

    def _found(self) -> list[tuple[int, int, Path]]:
        """When each file was written last, its bytes, and where; the oldest first."""
        found = []
        for path in self._folder.glob("[!.]*.jsonl"):
            with contextlib.suppress(FileNotFoundError):  # it was moved meanwhile
                known = path.stat()
                found.append((known.st_mtime_ns, known.st_size, path))
        return sorted(found)
