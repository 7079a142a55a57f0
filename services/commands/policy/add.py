"""``cityops policy add``: says who is told of which alerts, in which order."""

from typing import Annotated, Any

import typer

from services.commandline.connection import connected
from services.commandline.notifications import steps_of
from services.commandline.output import JsonObject, console, counted, emit
from services.commandline.paths import path
from streams.visible import line


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

    Whoever it names and may not see all that it tells, as they are limited to wards, is listed.

    Example: cityops policy add night --severity high --step 0=rotation:desk --step 5=user:minh
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
    console.print(
        f"policy {said['name']} has {counted(len(said['steps']), 'step')}", highlight=False
    )
    for one in said["unseen"]:
        console.print(f"warning: {line(_missed(one))}", highlight=False)


def _missed(one: dict[str, Any]) -> str:
    """Of somebody who is not told of all that the policy tells."""
    by = "" if one["recipient"] == one["who"] else f" of {one['recipient']}"
    if not one["hears"]:
        return f"{one['who']}{by} may see no alerts, and is told nothing"
    what = ", ".join(one["misses"]) or "alerts elsewhere"
    return f"{one['who']}{by} may see {', '.join(one['hears'])} only: is not told of {what}"
