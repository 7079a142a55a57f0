"""``cityops shift offer``: the first signature of a hand-over."""

from typing import Annotated

import typer

from services.commandline.output import JsonObject
from services.commandline.shifts import Area, act


def command(
    area: Area = "",
    comment: Annotated[str, typer.Option(help="What is said besides.")] = "",
    as_json: JsonObject = False,
) -> None:
    """Hand over: sign the notes and all that is open or put aside, under one digest.

    Example: cityops shift offer --comment 'Rain expected at four'
    """
    act("offer", area, as_json=as_json, comment=comment)
