"""What the commands about suppressions share."""

from typing import Annotated, Any
from uuid import uuid4

import typer

from services.commandline.connection import connected
from services.commandline.output import CommandError, console, emit
from services.commandline.since import local

COLUMNS = ("id", "what", "of", "from", "until", "by", "reason")
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
Source = Annotated[str, typer.Option(help="Id of a camera or sensor.")]


def begin(kind: str, subjects: dict[str, str], reason: str, *, as_json: bool, **more: Any) -> None:
    """Suppresses the one subject that is given.

    Raises:
        CommandError: none is, or more than one.
    """
    given = {scope: subject for scope, subject in subjects.items() if subject}
    if len(given) != 1:
        raise CommandError(f"give one of {', '.join(f'--{scope}' for scope in subjects)}", 2)
    ((scope, subject),) = given.items()
    body = {
        "command_id": str(uuid4()),
        "kind": kind,
        "scope": scope,
        "subject": subject,
        "reason": reason,
    }
    with connected() as client:
        say(client.once("/api/suppressions", body | more), as_json=as_json)


def say(one: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        emit(one, as_json=True)
        return
    until = f"until {local(one['until'])}" if one["until"] else "until it is returned"
    console.print(
        f"{one['id']}: {one['scope']} {one['subject']} is {one['kind'].replace('_', ' ')}"
        f" from {local(one['begin'])} {until}",
        highlight=False,
    )


def row(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": one["id"][:8],
        "what": one["kind"].replace("_", " "),
        "of": f"{one['scope']} {one['subject']}",
        "from": local(one["begin"]),
        "until": local(one["until"]),
        "by": one["by"],
        "reason": one["reason"],
    }
