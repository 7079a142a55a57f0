"""What the commands that list alerts and incidents share: filters, how many, and one row a line."""

from collections.abc import Iterator, Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from services.commandline import since
from services.commandline.output import console, say_json
from streams.visible import line

SHOWN = 100
"""The latest so many, where people read."""
SHORT_ID = 8

Row = dict[str, Any]

Kinds = Annotated[list[str] | None, typer.Option(help="A kind's id, see `cityops catalogue`.")]
Sources = Annotated[list[str] | None, typer.Option(help="Camera or sensor.")]
States = Annotated[
    list[str] | None,
    typer.Option(
        help="unacknowledged, acknowledged, returned_unacknowledged, normal, shelved, suppressed,"
        " out_of_service or resolved."
    ),
]
Severities = Annotated[list[str] | None, typer.Option(help="E.g. high.")]
Metrics = Annotated[list[str] | None, typer.Option(help="A metric's id, see `cityops catalogue`.")]
Origins = Annotated[list[str] | None, typer.Option(help="live, recorded, simulated or replayed.")]
Since = Annotated[str, typer.Option(help=since.HELP)]
Limit = Annotated[
    int | None,
    typer.Option(min=0, help="At most so many; 0: all (the default with --json)."),
]


class Listed(TyperGroup):
    """A group that lists where no command is named: ``cityops incidents --since 1h``."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        named = bool(args) and (
            args[0] in self.commands or args[0] in ("--help", "--show-completion")
        )
        return super().parse_args(ctx, args if named else ["list", *args])


def number(limit: int | None, *, as_json: bool) -> int:
    """How many rows are meant; 0: all."""
    return (0 if as_json else SHOWN) if limit is None else limit


def first(rows: Iterator[Row], number: int) -> Iterator[Row]:
    """The first so many; 0: all."""
    for n, row in enumerate(rows, 1):
        yield row
        if n == number:
            return


def short(id: str) -> str:
    """As much of an id as tells two of them apart."""
    return id[:SHORT_ID]


def say(row: Row, cells: Row, columns: Sequence[str], *, as_json: bool) -> None:
    """One row at once, as ``--follow`` prints it: whole for programs, its cells for people."""
    if as_json:
        say_json(row)
    else:
        console.print("  ".join(line(str(cells[column])) for column in columns), highlight=False)
