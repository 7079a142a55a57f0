"""A file of history on its way to the service: piece by piece, each row known by its line."""

import csv
from collections.abc import Iterator
from io import BytesIO, StringIO, TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from models.files import read_file
from services.receiver.formats import table
from services.receiver.rows import with_offset
from services.web.problems import ProblemError

if TYPE_CHECKING:
    from _csv import Reader

MOST_BYTES = 2**29
PIECE_ROWS = 2_000
PIECE_CHARACTERS = 300_000
PIECE_COMMAS = 30_000
"""And brackets: below what the service takes of a body (``services/web/guard.py``)."""
TIMES = ("time", "time_s", "time_ms", "time_us")


class PastError(ValueError):
    """The file cannot be read; says where and why."""


class Given(NamedTuple):
    """What all rows of a file say, where it has no column that does."""

    source: str = ""
    metric: str = ""
    offset: str = ""
    """Of times without one; empty: such are refused."""


class Piece(NamedTuple):
    text: str
    """CSV, as the receiver takes it."""
    lines: list[int]
    """Of each row, where it ends in the file."""
    done: int
    """Bytes of the file that have been read, and how many it has."""
    whole: int

    def line_of(self, row: int) -> int:
        """0: there is no such row."""
        return self.lines[row] if 0 <= row < len(self.lines) else 0


def pieces(path: Path, given: Given) -> Iterator[Piece]:
    """The file in the order of its rows.

    Raises:
        PastError: also where there is none.
    """
    try:
        content = read_file(path, MOST_BYTES)
    except OSError as error:
        raise PastError(f"{path}: {error.strerror or error}") from None
    reader = _reader(BytesIO(content))
    try:
        # Looked at as a whole first: a file that ends in the middle of a cell is not half imported.
        for _ in reader:
            pass
    except UnicodeDecodeError:
        raise PastError(f"{path} is no text in UTF-8") from None
    except csv.Error as error:
        raise PastError(f"{path}, line {reader.line_num}: {error}") from None
    raw = BytesIO(content)
    found = None
    try:
        for found in _cut(_reader(raw), given, raw, len(content)):
            yield found
    except ProblemError as error:  # the service would say the same, but knows no file
        raise PastError(f"{path}, {error.detail.removeprefix('body: ')}") from None
    if found is None:
        raise PastError(f"{path} has no row below a header")


def _reader(raw: BytesIO) -> "Reader":
    return csv.reader(TextIOWrapper(raw, "utf-8-sig", newline=""), strict=True)


def _cut(reader: "Reader", given: Given, raw: BytesIO, whole: int) -> Iterator[Piece]:
    header = ["time" if name.strip() == "timestamp" else name.strip() for name in next(reader, [])]
    fixed = {
        name: said
        for name, said in (("source", given.source), ("metric", given.metric))
        if said and name not in header
    }
    time = header.index("time") if "time" in header else None
    piece, lines, commas = _begun(fixed, header), list[int](), 0
    checked = False
    for cells in reader:
        if not cells:
            continue
        if not checked:
            table.read(piece.getvalue())
            checked = True
        if time is not None and time < len(cells):
            cells[time] = with_offset(cells[time], given.offset)
        csv.writer(piece, lineterminator="\n").writerow([*fixed.values(), *cells])
        lines.append(reader.line_num)
        commas += (
            len(fixed) + len(cells) + sum(cell.count(mark) for cell in cells for mark in ",[{")
        )
        full = len(lines) >= PIECE_ROWS or commas > PIECE_COMMAS
        if full or piece.tell() > PIECE_CHARACTERS:
            yield Piece(piece.getvalue(), lines, raw.tell(), whole)
            piece, lines, commas = _begun(fixed, header), [], 0
    if lines:
        yield Piece(piece.getvalue(), lines, whole, whole)


def _begun(fixed: dict[str, str], header: list[str]) -> StringIO:
    piece = StringIO()
    csv.writer(piece, lineterminator="\n").writerow([*fixed, *header])
    return piece
