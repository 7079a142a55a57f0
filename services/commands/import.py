"""``cityops import``: what a sensor measured before it was connected, from a file."""
# ruff: noqa: N999 (the command is called so)

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from services.commandline.connection import connected
from services.commandline.output import CommandError, JsonObject, console, emit, notes

if TYPE_CHECKING:
    from services.api.client import Client
    from services.commandline.past import Given

CHECK_SECONDS = 600.0
"""For which the service may score a long series."""
SHOWN = 100
"""Refused rows that people are shown."""


def command(
    file: Annotated[
        Path, typer.Argument(help="CSV with a header: time, source, metric, value (and unit).")
    ],
    *,
    source: Annotated[str, typer.Option(help="Of all rows, where no column says it.")] = "",
    metric: Annotated[
        str, typer.Option(help="Of all rows, where no column says it and its feed has several.")
    ] = "",
    offset: Annotated[
        str, typer.Option(help="Of times that say none, as +07:00; without it they are refused.")
    ] = "",
    as_json: JsonObject = False,
) -> None:
    """Import history of any age: it is stored and scored, and raises nothing.

    Columns are those that the receiver takes (docs/receiver.md); `timestamp` is `time`, too. Goes
    into the table imported_readings, where no rule looks. Rows that cannot be are named by their
    line, with the reason, and the exit code is 1; all others are taken. Done again, it changes
    nothing.

    Example: cityops import temperatures-2019.csv --source t1 --offset +07:00
    """
    from services.commandline.past import Given, PastError
    from services.receiver.rows import OFFSET

    if offset and not OFFSET.fullmatch(offset):
        raise CommandError(f"--offset {offset}: give Z, or hours and minutes as +07:00", 2)
    try:
        with connected(timeout_seconds=CHECK_SECONDS) as client:
            found = _send(client, file, Given(source, metric, offset))
    except PastError as error:
        raise CommandError(str(error), 2) from None
    if as_json:
        emit(found, as_json=True)
    else:
        _tell(found, file)
    if found["refused"]:
        raise typer.Exit(1)


def _send(client: "Client", file: Path, given: "Given") -> dict[str, Any]:
    from services.commandline.film import bar
    from services.commandline.past import pieces

    counts, rows = Counter[str](), list[dict[str, Any]]()
    with bar() as progress:
        task = progress.add_task("importing", total=None)
        for piece in pieces(file, given):
            last = piece.done == piece.whole
            if last:
                progress.update(task, description="importing, scoring")
            answer = client.post("/api/history", {"csv": piece.text, "last": last})
            rows += (
                {"line": piece.line_of(one["index"]), **{k: one[k] for k in ("reason", "detail")}}
                for one in answer.pop("rows")
            )
            counts.update(answer)
            progress.update(task, completed=piece.done, total=piece.whole)
    names = ("added", "changed", "unchanged", "scored", "refused")
    return {name: counts[name] for name in names} | {"rows": rows}


def _tell(found: dict[str, Any], file: Path) -> None:
    for one in found["rows"][:SHOWN]:
        notes.print(f"{file}, line {one['line']}: {one['detail']}", soft_wrap=True)
    if found["refused"] > SHOWN:
        notes.print(f"and {found['refused'] - SHOWN} more: --json lists them")
    console.print(
        f"values: {found['added']} new, {found['changed']} changed, {found['unchanged']} were"
        f" there; rows refused: {found['refused']}"
    )
