"""``cityops shift note``: a note for those who come."""

from typing import Annotated

import typer

from services.commandline.output import JsonObject
from services.commandline.shifts import Area, act


def command(
    text: Annotated[str, typer.Argument(help="What the next shift has to know.")],
    area: Area = "",
    as_json: JsonObject = False,
) -> None:
    """Note something for the next shift; a hand-over that waits has to be offered anew.

    Example: cityops shift note 'The pump at Cầu Rào is on its spare'
    """
    act("note", area, as_json=as_json, text=text)
