"""CSV for spreadsheets, in which text from outside stays text.

RFC 4180 in UTF-8, with the mark by which spreadsheets know that. A cell that begins with ``=``,
``+``, ``-`` or ``@`` is computed where it is opened, and may fetch, send or start something
(CWE-1236; OWASP, "CSV Injection"): an apostrophe before it makes it text. What parts cells is up to
whoever opens the file, by their locale or by what they tick: so what stands behind ``;`` within a
text is taken for a beginning, too. Numbers, which nobody outside has spelled, stay numbers.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from math import isfinite
from typing import Protocol

from streams.visible import line

Cell = str | int | float | bool | Sequence[str] | None
"""None, and a number that is not finite, is an empty cell; several texts are one, with commas."""

MEDIA_TYPE = "text/csv; charset=utf-8"
MARK = "\ufeff"
LONGEST = 32_000
"""Characters of a cell: what is beyond 32,767 Excel puts into another one."""
SIGNS = "=+-@−＝＋－＠﹦﹢﹣﹫⁼⁺₌₊⩵⩶﬩"
"""Four, the minus sign, and all that Unicode (NFKC) takes for one of them, as some importers do."""
SEPARATORS = ",;|"
"""Tabs and ends of lines are none: they are written out."""
_BEGINNING = re.compile(
    # Importers may trim spaces, and take the quotes of another one's cell for their own.
    rf"(^|[{SEPARATORS}])(?=[\s\"\u200c\u200d]*[{re.escape(SIGNS)}])"
)


class Writes(Protocol):
    """A file of text whose ends of lines are left as they are (``newline=""``)."""

    def write(self, text: str, /) -> object: ...


class Spreadsheet:
    """Writes the names of the columns, then a row at a time."""

    def __init__(self, file: Writes, columns: Iterable[str]) -> None:
        file.write(MARK)
        self._writer = csv.writer(file, lineterminator="\r\n", quoting=csv.QUOTE_NONNUMERIC)
        self.add(list(columns))

    def add(self, row: Iterable[Cell]) -> None:
        self._writer.writerow([_written(cell) for cell in row])


def _written(cell: Cell) -> str | int | float:
    if isinstance(cell, str):
        return harmless(cell)
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return cell if isfinite(cell) else ""
    if isinstance(cell, int):
        return cell
    return harmless(", ".join(cell))


@lru_cache(256)
def harmless(text: str) -> str:
    """A text that begins no formula, here or behind a separator in it; on one line, and visible."""
    shown = _BEGINNING.sub(r"\1'", line(text[:LONGEST]))
    return shown if len(shown) < LONGEST else f"{shown[: LONGEST - 1]}…"
