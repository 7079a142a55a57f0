"""The file that a command writes: whole, or as it was before."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO


@contextmanager
def written(path: Path) -> Iterator[TextIO]:
    """What is written to it is in the file when the block ends; a link to the file stays one.

    Where the block raises, the file is as it was. What is no file, and where standard output leads
    (``/dev/stdout``), is written to at once. Raises OSError.
    """
    if _is_output(path):  # opened anew, a file would be written over what is said after this
        yield sys.stdout
        sys.stdout.flush()
        return
    if path.exists() and not path.is_file():
        with path.open("w", newline="") as file:
            yield file
        return
    whole = path.resolve()
    part = whole.with_name(whole.name + ".part")
    try:
        with part.open("w", newline="") as file:
            yield file
        part.replace(whole)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _is_output(path: Path) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(1))
    except OSError:  # one of them is not there
        return False
