"""``cityops shift accept``: the second signature of a hand-over."""

from typing import Annotated

import typer

from services.commandline.output import JsonObject
from services.commandline.shifts import Area, act


def command(
    digest: Annotated[str, typer.Argument(help="Of the document, as cityops shift show says it.")],
    area: Area = "",
    as_json: JsonObject = False,
) -> None:
    """Take over: sign the document of that digest, which somebody else has offered.

    Example: cityops shift accept 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
    """
    act("accept", area, as_json=as_json, digest=digest)
