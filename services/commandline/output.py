"""How every command prints: one JSON array (or object) for programs, a table for people.

What is printed may come from anybody: a name, a comment, a message's header. For people it is shown
as it is: nothing in it is markup, and a terminal obeys none of it. JSON is exact.
"""

import sys
import unicodedata
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

_INVISIBLE = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of Unicode that a terminal obeys, or that turn around what stands beside them."""
_JOINERS = "\u200c\u200d"
"""They join and part letters and emoji, and nothing else."""


def visible(text: str) -> str:
    """With control characters shown as such, ``␛`` or ``\\u202e``; lines stay lines."""
    return text if text.isprintable() else "".join(map(_shown, text))


def line(text: str) -> str:
    """As ``visible``, on one line: nobody's text can look like a line of the command's own."""
    return visible(text).replace("\n", "␊")


def _shown(character: str) -> str:
    number = ord(character)
    if unicodedata.category(character) not in _INVISIBLE or character in _JOINERS + "\n":
        return character
    if number < 0x20:
        return chr(0x2400 + number)
    return "␡" if number == 0x7F else character.encode("unicode_escape").decode()


class Plain(Console):
    """A console to which every text, printed or in a table, is no more than text."""

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(visible(text), **{**options, "markup": False, "emoji": False})


console = Plain()
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


def headed(head: str, text: str, style: str = "bold") -> Text:
    """A line that begins with a word of the command's own, in a style."""
    return Text.assemble((head, style), " ", visible(text))


def emit(rows: Any, *, as_json: bool, columns: Sequence[str] = (), empty: str = "none") -> None:
    """Rows (a list of dicts) as one JSON array, or as a table of ``columns``."""
    if as_json:
        sys.stdout.write(msgspec.json.encode(rows).decode() + "\n")
        return
    if not rows:
        console.print(empty)
        return
    table = Table(*columns, box=None, header_style="bold")
    for row in rows:
        table.add_row(*(_cell(row.get(column)) for column in columns))
    console.print(table)


def _cell(value: Any) -> str:
    if value is None:
        return "–"
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
