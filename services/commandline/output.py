"""How every command prints: one JSON array (or object) for programs, a table for people.

What is printed may come from anybody: a name, a comment, a message's header. For people it is shown
as it is: nothing in it is markup, and a terminal obeys none of it. JSON is exact.
"""

import os
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import typer
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text

from streams.visible import exact, line, visible


class Plain(Console):
    """A console to which every text, printed or in a table, is no more than text."""

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(visible(text), **{**options, "markup": False, "emoji": False})


def _columns() -> int | None:
    """Of standard output; None: as the terminal, or ``COLUMNS``, says."""
    out = sys.stdout  # None: it is closed
    known = "COLUMNS" in os.environ or (out is not None and out.isatty())
    return None if known else UNBOUND


UNBOUND = 200
"""Columns of what goes into a file or another program, where nobody says how wide that is."""
console = Plain(width=_columns())
notes = Plain(stderr=True)
"""Progress and remarks go to standard error, so that standard output stays a result."""


JsonObject = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
JsonArray = Annotated[bool, typer.Option("--json", help="Print one JSON array.")]
"""The option of every command that has a result."""


class CommandError(typer.Exit):
    """One clear line on standard error that says what to do; exit code 1 unless told."""

    def __init__(self, message: str, code: int = 1) -> None:
        notes.print(headed("error:", line(message), "bold red"), soft_wrap=True)
        super().__init__(code)


def say_json(value: Any) -> None:
    """On one line of standard output, at once."""
    sys.stdout.write(exact(msgspec.json.encode(value).decode()) + "\n")
    sys.stdout.flush()


def counted(number: int, thing: str) -> str:
    """1 row, 2 rows."""
    return f"{number} {thing}" if number == 1 else f"{number} {thing}s"


def headed(head: str, text: str, style: str = "bold") -> Text:
    """A line that begins with a word of the command's own, in a style."""
    return Text.assemble((head, style), " ", visible(text))


GAP = 2
"""Between two columns of a table."""
FOLDED = 20
"""Characters that a column that may be folded keeps, before others are left out for it."""
LONGEST_WORD = 40
"""Characters of a word for which others are left out."""
PART = 8
"""Characters of a word where nothing is left that can be left out."""


def emit(
    rows: Any,
    *,
    as_json: bool,
    columns: Sequence[str] = (),
    folded: Sequence[str] = (),
    spare: Sequence[str] = (),
    empty: str = "none",
) -> None:
    """Rows (a list of dicts) as one JSON array, or as a table of ``columns``, whole in any width.

    Args:
        folded: columns that go on in the next line where the terminal is narrow; others do only
            where nothing else helps. Left out: the last one.
        spare: columns that are left out where it is narrower still, the first of these first; those
            in which nothing stands before them. One that is not of ``columns`` is no matter.
    """
    if as_json:
        say_json(rows)
        return
    if not rows:
        console.print(empty)
        return
    cells = {column: [_cell(row.get(column)) for row in rows] for column in columns}
    may_fold = set(folded or columns[-1:])
    widest = {column: _widest([column, *cells[column]]) for column in columns}
    words = widest | {column: _word([column, *cells[column]]) for column in may_fold}
    least = {
        column: min(widest[column], max(width, FOLDED)) if column in may_fold else width
        for column, width in words.items()
    }
    shown = list(columns)
    spare = [column for column in spare if column in cells]
    bare = [column for column in spare if not any(cell.strip("–") for cell in cells[column])]
    for column in dict.fromkeys((*bare, *spare)):
        if sum(least[each] + GAP for each in shown) <= console.width:
            break
        shown.remove(column)
    room = console.width - GAP * len(shown)
    if sum(words[each] for each in shown) > room:
        words |= {column: min(words[column], PART) for column in may_fold}
    table = Table(box=None, header_style="bold")
    for column, width in _widths([(words[each], widest[each]) for each in shown], room, shown):
        table.add_column(Text(column), overflow="fold", width=width)
    for row_ in zip(*(cells[column] for column in shown), strict=True):
        table.add_row(*row_)
    console.print(table)
    if left := [column for column in columns if column not in shown and column not in bare]:
        notes.print(
            f"no room for {', '.join(left)}: widen the terminal, or use --json", style="dim"
        )


def _widths(
    wanted: Sequence[tuple[int, int]], room: int, columns: Sequence[str]
) -> list[tuple[str, int]]:
    """Each column's width: its words' first, then all of it, the narrow ones before the wide ones.

    Args:
        wanted: of each column (what its words need, what all of it needs).
    """

    def limited(most: int, *, words: bool) -> list[int]:
        if words:
            return [min(word, most) for word, _ in wanted]
        return [max(word, min(widest, most)) for word, widest in wanted]

    words = sum(word for word, _ in wanted) > room
    most = max(widest for _, widest in wanted)
    while most > 1 and sum(limited(most, words=words)) > room:
        most -= 1
    return list(zip(columns, limited(most, words=words), strict=True))


def _lines(texts: Sequence[str]) -> list[str]:
    return [line for text in texts for line in visible(text).split("\n")]


def _widest(texts: Sequence[str]) -> int:
    return max(map(cell_len, _lines(texts)))


def _word(texts: Sequence[str]) -> int:
    words = (cell_len(word) for line in _lines(texts) for word in line.split())
    return min(max(words, default=0), LONGEST_WORD)


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
