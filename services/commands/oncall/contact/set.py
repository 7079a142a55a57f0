"""``cityops oncall contact set``: where somebody is reached by a channel."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.notifications import ExerciseHours, SpokenIn
from services.commandline.output import JsonArray, console, emit
from services.commandline.paths import path


def command(
    user: Annotated[str, typer.Argument(help="The user's name.")],
    *,
    channel: Annotated[str, typer.Option(help="By which channel.")],
    address: Annotated[str, typer.Option(help="Their address there, such as an e-mail address.")],
    language: SpokenIn = "vi",
    rank: Annotated[int, typer.Option(help="Of several the lowest is tried first.")] = 0,
    exercise_hours: ExerciseHours = None,
    as_json: JsonArray = False,
) -> None:
    """Say where somebody is reached; the address is sealed.

    Example: cityops oncall contact set lan --channel mail --address lan@example.vn
    """
    body = {
        "address": address,
        "language": language,
        "rank": rank,
        "exercise_hours": exercise_hours,
    }
    with connected() as client:
        said = client.put(path("/api/contacts", user, channel), body)
    if as_json:
        emit(said, as_json=True)
        return
    listed = ", ".join(f"{each['channel']} ({each['address']})" for each in said)
    console.print(f"{user} is reached by {listed}", highlight=False)
