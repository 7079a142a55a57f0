"""Heads of the chain kept outside the database: whoever computes the chain anew cannot have them.

They stand in a file of the state folder for each month, which is only appended to and which only
its owner reads; ``services.audit.heralds`` tells them to others besides.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec

from services.audit.chain import Head
from streams.events import Micros, to_rfc3339
from streams.secrets import keep_owner
from streams.settings import Settings

Event = Literal["head", "cut", "reset", "restore"]


class Anchor(msgspec.Struct, frozen=True, kw_only=True):
    """That a line stood there, with this hash."""

    time: str
    """RFC 3339; when it was anchored."""
    log: str
    sequence: int
    hash: str
    """In hexadecimal."""
    event: Event = "head"
    """``cut``: lines up to this one were about to be removed, as too old; ``reset``: the whole log
    was, by somebody who may; ``restore``: somebody says that those after this one were lost when
    the database was restored."""
    by: str = ""
    """Who reset it, or says so."""


class Anchored(NamedTuple):
    """What the files hold."""

    anchors: list[Anchor]
    """In the order in which they were written."""
    damaged: int
    """Lines that are none, as a power cut leaves them."""


def anchor(head: Head, time: Micros, event: Event = "head", by: str = "") -> Anchor:
    return Anchor(
        time=to_rfc3339(time),
        log=head.log,
        sequence=head.sequence,
        hash=head.hash.hex(),
        event=event,
        by=by,
    )


def folder_of(settings: Settings) -> Path:
    """Where what belongs to the audit log of the namespace lies outside the database."""
    return settings.state_dir / "audit" / settings.namespace


class Anchors:
    """The files in a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "anchors"

    def add(self, anchor: Anchor) -> None:
        """On disk when it returns; raises OSError."""
        append(self._folder / f"{anchor.time[:7]}.jsonl", msgspec.json.encode(anchor))

    def end(self, time: Micros, by: str, but: str = "") -> None:
        """That every log which was anchored is about to be reset, but one; raises OSError."""
        newest: dict[str, Anchor] = {}
        for one in self.read().anchors:
            if one.log not in newest or one.sequence >= newest[one.log].sequence:
                newest[one.log] = one
        for one in newest.values():
            if one.event != "reset" and one.log != but:
                said = msgspec.structs.replace(one, time=to_rfc3339(time), event="reset", by=by)
                self.add(said)

    def read(self, *copies: Path) -> Anchored:
        """Also those of files that are kept elsewhere.

        Raises OSError where one cannot be read; there may be none.
        """
        found, damaged = [], 0
        for path in (*self._files(), *copies):
            for line in path.read_bytes().splitlines():
                try:
                    found.append(msgspec.json.decode(line, type=Anchor))
                except msgspec.MsgspecError:
                    damaged += bool(line.strip())
        return Anchored(found, damaged)

    def drop_before(self, time: Micros) -> None:
        """Removes the files of months that were over before."""
        month = to_rfc3339(time)[:7]
        for path in self._files():
            if path.stem < month:
                path.unlink(missing_ok=True)

    def _files(self) -> Iterator[Path]:
        return iter(sorted(self._folder.glob("*.jsonl")))


def append(path: Path, line: bytes) -> None:
    """Appends a line to a file that only its owner reads, on disk when it returns.

    What a power cut has left of a line ends there. Raises OSError.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = not path.exists()
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_NOFOLLOW
    with os.fdopen(os.open(path, flags, 0o600), "r+b", buffering=0) as file:
        if fresh:
            keep_owner(file.fileno(), path.parent)
        size = file.seek(0, os.SEEK_END)
        torn = size > 0 and os.pread(file.fileno(), 1, size - 1) != b"\n"
        whole = b"\n" * torn + line + b"\n"
        if file.write(whole) != len(whole):
            raise OSError(f"{path}: the disk is full")
        os.fsync(file.fileno())
    if fresh:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
