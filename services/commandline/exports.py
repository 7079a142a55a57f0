"""What the commands that export share: a file that is whole, or is not there."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from services.commandline import named
from services.commandline.connection import connected
from services.commandline.output import CommandError, console, emit, notes
from services.commandline.paths import path
from services.commandline.since import now_of, parse_since
from services.commandline.written import drafted

PRIVATE = 0o600

Output = Annotated[
    Path, typer.Option("-o", "--output", help="File (CSV) to write, for nobody else to read.")
]
Force = Annotated[bool, typer.Option("--force", help="Write over a file that is there.")]
Until = Annotated[str, typer.Option(help="Before: a time, or how long ago.")]
AsJson = Annotated[
    bool, typer.Option("--json", help="What was written, as one JSON object; the file stays CSV.")
]


def export(
    rows: str,
    output: Path,
    filters: dict[str, Any],
    *,
    since: str,
    until: str,
    force: bool,
    as_json: bool,
) -> None:
    """Writes all that match to a file, and says how many there are.

    Args:
        rows: what they are, as the service's route has it.
        filters: by name, as that takes them.

    Raises:
        CommandError: there is no such file then.
    """
    from rich.progress import Progress

    _check(output, force)
    with (
        connected() as client,
        _draft(output, force) as file,
        Progress(console=notes, transient=True, disable=not notes.is_terminal) as progress,
    ):
        now = now_of(client)
        bar = progress.add_task("exporting", total=None)
        number = client.download(
            path("/api/exports", f"{rows}.csv"),
            file,
            lambda done, whole: progress.update(bar, completed=done, total=whole or None),
            **filters,
            since=parse_since(since, now),
            until=parse_since(until, now, "--until"),
        )
        if number == 0:
            named.insist(client, filters)
        size = file.tell()
    if as_json:
        emit({"rows": number, "bytes": size, "output": str(output)}, as_json=True)
    else:
        what = rows if number != 1 else rows.removesuffix("s")
        console.print(f"{number:,} {what} in {output}", highlight=False)


def _check(output: Path, force: bool) -> None:
    if not output.parent.is_dir():
        raise CommandError(f"there is no folder {output.parent} to write {output.name} to")
    if output.is_dir():
        raise CommandError(f"{output} is a folder: name a file in it")
    if output.exists() and not output.is_file():  # a file would take the place of a device
        raise CommandError(f"{output} is no file: name one")
    if output.exists() and not force:
        raise CommandError(f"{output} is there: give another name, or --force writes over it")


@contextmanager
def _draft(output: Path, force: bool) -> Iterator[BinaryIO]:
    """What is written here stands under its name once all went well."""
    try:
        with drafted(output, PRIVATE) as file:
            yield file
            _check(output, force)  # what came there meanwhile stays
    except OSError as error:
        raise CommandError(f"{output}: {error.strerror}") from None
