"""``cityops oncall rotation add``: people who take turns."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.notifications import moment
from services.commandline.output import JsonObject, console, emit
from services.commandline.paths import path


def command(
    name: Annotated[str, typer.Argument(help="What people call it.")],
    *,
    person: Annotated[list[str], typer.Option(help="Who takes turns, in order; repeatable.")],
    start: Annotated[
        str, typer.Option(help="First hand-over, in city time: '2026-11-30 08:00'; or RFC 3339.")
    ],
    hours: Annotated[int, typer.Option(help="Of a turn; 168 is a week.")] = 168,
    holiday: Annotated[
        list[str] | None,
        typer.Option(help="Day on which others have the turn: 2027-01-01; repeatable."),
    ] = None,
    holiday_person: Annotated[
        list[str] | None,
        typer.Option(help="Who takes turns of a holiday each, in order; repeatable."),
    ] = None,
    as_json: JsonObject = False,
) -> None:
    """Add a rotation, or say it anew; hand-overs are by Viet Nam's time.

    Example: cityops oncall rotation add desk --person lan --person minh --start '2026-11-30 08:00'
    """
    body = {
        "people": person,
        "start": moment(start, "--start"),
        "hours": hours,
        "holidays": holiday or [],
        "holiday_people": holiday_person or [],
    }
    with connected() as client:
        said = client.put(path("/api/rotations", name), body)
    if as_json:
        emit(said, as_json=True)
        return
    console.print(f"rotation {said['name']}: {', '.join(said['people'])}", highlight=False)
