"""``cityops policy add``: says who is told of which alerts, in which order."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.notifications import steps_of
from services.commandline.output import JsonObject, console, emit
from services.commandline.paths import path


def command(
    name: Annotated[str, typer.Argument(help="What people call it.")],
    *,
    step: Annotated[
        list[str],
        typer.Option(
            help="MINUTES=RECIPIENT, as 5=user:lan, rotation:…, team:… or channel:…; repeatable."
        ),
    ],
    severity: Annotated[str, typer.Option(help="At least this grave.")] = "informational",
    priority: Annotated[
        int, typer.Option(min=0, max=4, help="At least this urgent, 1 to 4; 0: whatever it is.")
    ] = 0,
    kind: Annotated[
        list[str] | None, typer.Option(help="Kind of alerts; repeatable; default: all.")
    ] = None,
    ward: Annotated[
        list[str] | None, typer.Option(help="Ward of alerts; repeatable; default: all, and none.")
    ] = None,
    fallback: Annotated[
        list[str] | None,
        typer.Option(help="Recipient who is told where nobody of a step is reached; repeatable."),
    ] = None,
    as_json: JsonObject = False,
) -> None:
    """Add a policy, or say it anew; every policy that matches an alert holds.

    Example: cityops policy add night --severity high --step 0=rotation:desk --step 5=user:duc
    """
    body = {
        "severity": severity,
        "priority": priority,
        "kinds": kind or [],
        "wards": ward or [],
        "steps": steps_of(step),
        "fallback": fallback or [],
    }
    with connected() as client:
        said = client.put(path("/api/policies", name), body)
    if as_json:
        emit(said, as_json=True)
        return
    console.print(f"policy {said['name']} has {len(said['steps'])} steps", highlight=False)
