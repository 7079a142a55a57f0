"""How every command prints: one JSON array (or object) for programs, a table for people."""

import sys
from collections.abc import Sequence
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

console = Console()
notes = Console(stderr=True)
"""Progress and remarks go to standard error, so that standard output stays a result."""


JsonObject = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
JsonArray = Annotated[bool, typer.Option("--json", help="Print one JSON array.")]
"""The option of every command that has a result."""


class CommandError(typer.Exit):
    """One clear line on standard error that says what to do; exit code 1 unless told."""

    def __init__(self, message: str, code: int = 1) -> None:
        notes.print(f"[bold red]error:[/] {escape(message)}", highlight=False, soft_wrap=True)
        super().__init__(code)


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
