"""``cityops rule add``: puts a kind of incident in force."""

import math
from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import CommandError, JsonObject, console, emit

Several = list[str] | None


def command(
    *,
    id: Annotated[str, typer.Option("--id", help="Letters, digits, '.', '_' and '-'.")],
    kind: Annotated[str, typer.Option(help="A kind of incident, see `cityops catalogue`.")],
    severity: Annotated[
        str, typer.Option(help="informational, low, medium, high or critical.")
    ] = "medium",
    source: Annotated[Several, typer.Option(help="A source that it watches; repeatable.")] = None,
    type: Annotated[
        Several, typer.Option(help="An asset type all of whose sources it watches; repeatable.")
    ] = None,
    zone: Annotated[Several, typer.Option(help="A zone that it watches; repeatable.")] = None,
    label: Annotated[
        Several, typer.Option("--class", help="A class of objects that it means; repeatable.")
    ] = None,
    value: Annotated[
        Several, typer.Option("--set", help="A parameter, NAME=NUMBER; repeatable.")
    ] = None,
    as_json: JsonObject = False,
) -> None:
    """Add a rule, or change the one with that id.

    Without a source, a type or a zone it watches all that its kind can.

    Example: cityops rule add --id t1-hot --kind high_value --source t1 --set limit=40
    """
    body = {
        "id": id,
        "kind": kind,
        "severity": severity,
        "sources": source or [],
        "types": type or [],
        "zones": zone or [],
        "classes": label or [],
        "parameters": dict(map(_parameter, value or ())),
    }
    with connected() as client:
        answer = client.post("/api/rules", body)
    if as_json:
        emit({"id": id, **answer}, as_json=True)
    else:
        console.print(f"rule {id} judges what comes from a second on", highlight=False)


def _parameter(text: str) -> tuple[str, float]:
    name, equals, number = text.partition("=")
    try:
        found = float(number)
        if not equals or not name or not math.isfinite(found):
            raise ValueError
        return name, found
    except ValueError:
        raise CommandError(f"--set {text!r}: give NAME=NUMBER", code=2) from None
