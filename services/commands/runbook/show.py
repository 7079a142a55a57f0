"""``cityops runbook show``: one kind's runbook."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import JsonObject, console, emit, notes
from services.commandline.paths import path


def command(
    kind: Annotated[str, typer.Argument(help="A kind's id, see `cityops catalogue`.")],
    version: Annotated[
        int | None, typer.Option(min=0, help="One that held once; default: the one that holds.")
    ] = None,
    language: Annotated[str, typer.Option(help="vi or en.")] = "en",
    as_json: JsonObject = False,
) -> None:
    """Show what is to be done about alerts of a kind, as Markdown that cityops runbook set takes.

    Example: cityops runbook show stopped_vehicle --language vi
    """
    with connected() as client:
        found = client.get(path("/api/runbooks", kind), version=version)
    if as_json:
        emit(found, as_json=True)
        return
    by = f", by {found['by']}" if found["by"] else ", the default"
    notes.print(f"version {found['version']}{by}", highlight=False)
    said = "vi" if language == "vi" else "en"
    console.print(found["text"][said], highlight=False)
    console.print()
    for step in found["steps"]:
        console.print(f"- [ ] {step['words'][said]}", highlight=False, soft_wrap=True)
    for one in found["contacts"]:
        console.print(f"{one['name']} {one['phone']} {one['note']}".rstrip(), highlight=False)
