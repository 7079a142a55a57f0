"""``cityops oncall calendar``: who is on call, as a file for a calendar."""

from pathlib import Path
from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.notifications import moment
from services.commandline.output import CommandError, JsonObject, console, emit
from services.commandline.written import written


def command(
    *,
    output: Annotated[
        Path, typer.Option("-o", "--output", help="File (iCalendar) to write; it is replaced.")
    ],
    rotation: Annotated[str, typer.Option(help="Default: all.")] = "",
    user: Annotated[str, typer.Option(help="Whose turns; default: everybody's.")] = "",
    since: Annotated[str, typer.Option(help="City time, or RFC 3339; default: a week ago.")] = "",
    until: Annotated[str, typer.Option(help="At most 400 days later; default: in 60 days.")] = "",
    as_json: JsonObject = False,
) -> None:
    """Write who is on call, with holidays and who stands in, for programs that show calendars.

    Example: cityops oncall calendar --user lan -o lan.ics
    """
    with connected() as client:
        said = client.text(
            "/api/oncall/calendar",
            rotation=rotation,
            user=user,
            since=moment(since, "--since"),
            until=moment(until, "--until"),
        )
    try:
        with written(output) as file:
            file.write(said)
    except OSError as error:
        raise CommandError(f"{output}: {error.strerror}") from None
    number = said.count("BEGIN:VEVENT")
    if as_json:
        emit({"turns": number, "output": str(output)}, as_json=True)
        return
    console.print(f"{number:,} turns in {output}", highlight=False)
