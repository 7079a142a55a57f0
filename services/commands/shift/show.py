"""``cityops shift show``: who is on shift, and what is handed over."""

from typing import Annotated, Any

import typer

from services.commandline.connection import connected
from services.commandline.output import JsonArray, console, emit
from services.commandline.shifts import on
from services.commandline.since import local


def command(
    digest: Annotated[
        str, typer.Option("--document", help="Digest of a hand-over: print what was signed.")
    ] = "",
    as_json: JsonArray = False,
) -> None:
    """Show who is on shift in each area, notes since the last hand-over, and hand-overs.

    Example: cityops shift show
    """
    with connected() as client:
        if digest:
            emit(client.get("/api/shifts/document", digest=digest), as_json=True)
            return
        found = client.get("/api/shifts")
    if as_json:
        emit(found, as_json=True)
        return
    if not found:
        console.print("nobody has been on shift yet")
    for shift in found:
        console.print(on(shift), highlight=False)
        for note in shift["notes"]:
            console.print(f"  {local(note['time'])} {note['by']}: {note['text']}", highlight=False)
        if shift["offered"]:
            console.print(f"  waits: {_said(shift['offered'])}", highlight=False, soft_wrap=True)
        for one in shift["handed"]:
            console.print(f"  {_said(one)}", highlight=False, soft_wrap=True)


def _said(one: dict[str, Any]) -> str:
    counts = ", ".join(f"{number} {state}" for state, number in one["counts"].items())
    accepted = one["to_user"] and f"to {one['to_user']} at {local(one['accepted_at'])}"
    return (
        f"{one['from_user']} at {local(one['time'])} {accepted or 'to be accepted'}:"
        f" {counts or 'nothing open'};{one['comment'] and ' ' + one['comment'] + ';'}"
        f" document {one['digest']}"
    )
