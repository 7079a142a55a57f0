"""Named SQL: one query a file, whose leading comment says what it answers."""

from functools import cache
from pathlib import Path
from typing import NamedTuple


class Query(NamedTuple):
    name: str
    """The file's name without ``.sql``."""
    description: str
    sql: str


@cache
def load(folder: Path) -> dict[str, Query]:
    """The queries of a folder by name, in sorted order.

    Raises:
        ValueError: a file does not begin with a comment.
    """
    return {path.stem: _read(path) for path in sorted(folder.glob("*.sql"))}


def _read(path: Path) -> Query:
    text = path.read_text(encoding="utf-8")
    comment = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        comment.append(line.removeprefix("--").strip())
    if not comment:
        raise ValueError(f"{path} does not begin with a comment that describes the query")
    return Query(path.stem, " ".join(comment), text)
