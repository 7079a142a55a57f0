"""``cityops dlq show``: one dead letter in full."""

from pathlib import Path
from typing import Annotated

import typer

from services.commandline.dead_letters import AsJson, Id, fetch, row
from services.commandline.output import CommandError, console, emit, notes
from services.commandline.privileged import Why, given
from streams.settings import load
from streams.visible import line


def command(
    id: Id,
    *,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="Write the original bytes here.")
    ] = None,
    reason: Why = "",
    as_json: AsJson = False,
) -> None:
    """Show a dead letter with its headers; -o keeps its bytes.

    Example: cityops dlq show 2:17 -o message.bin
    """
    settings = load()
    found = fetch(settings, id)
    given(settings, "letter:view", id, why=reason)
    headers = {
        name: value.decode(errors="backslashreplace") for name, value in found.letter.headers
    }
    whole = {**row(found), "headers": headers}
    if output is not None:
        try:
            output.write_bytes(found.letter.value)
        except OSError as error:
            raise CommandError(f"{output}: {error.strerror}") from None
        notes.print(f"wrote {len(found.letter.value)} bytes to {output}", highlight=False)
    if as_json:
        emit(whole, as_json=True)
        return
    for name, value in whole.items():
        if value in (None, "", [], {}):
            continue  # as the account of what came from outside, which says none
        if name == "headers":
            for header, text in headers.items():
                console.print(f"  {line(header)}: {line(text)}", highlight=False)
        else:
            console.print(f"{name}: {line(str(value))}", highlight=False)
