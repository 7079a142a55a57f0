"""The file that a command writes: whole, or as it was before."""

import io
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO
from uuid import uuid4

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL


@contextmanager
def written(path: Path) -> Iterator[TextIO]:
    """What is written to it is in the file when the block ends; a link to the file stays one, and
    who may read the file may read it.

    Where the block raises, the file is as it was. What is no file, and where standard output leads
    (``/dev/stdout``), is written to at once. Raises OSError.
    """
    if _is_output(path):  # opened anew, a file would be written over what is said after this
        yield sys.stdout
        sys.stdout.flush()
        return
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", newline="") as file:
            yield file
        return
    with drafted(path) as draft:
        text = io.TextIOWrapper(draft, encoding="utf-8", newline="")
        try:
            yield text
        finally:
            text.detach()


@contextmanager
def drafted(path: Path, mode: int | None = None) -> Iterator[BinaryIO]:
    """The bytes of a file, which stand under its name once all went well. Raises OSError.

    Args:
        mode: who may read it; None: who may read what is there, or what is new.
    """
    whole = path.resolve()
    draft = whole.with_name(f".{whole.name}.{uuid4().hex[:8]}")
    number = os.open(draft, _NEW, 0o666 if mode is None else mode)
    try:
        with os.fdopen(number, "wb") as file:
            if mode is None and whole.exists():
                os.fchmod(number, stat.S_IMODE(whole.stat().st_mode))
            yield file
            file.flush()
            os.fsync(number)
        draft.replace(whole)
    finally:
        draft.unlink(missing_ok=True)


def _is_output(path: Path) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(1))
    except OSError:  # one of them is not there
        return False
