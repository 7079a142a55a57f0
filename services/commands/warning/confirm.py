"""``cityops warning confirm``: the second of the two persons that a public warning takes."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import JsonObject
from services.commandline.paths import path
from services.commandline.warnings import say


def command(
    id: Annotated[str, typer.Argument(help="As `list` shows it.")],
    *,
    as_json: JsonObject = False,
) -> None:
    """Tell the public what another person has proposed to tell.

    Example: cityops warning confirm 3f6c2a34-6d1b-4d38-9d1d-3b6a3c1f7e55
    """
    with connected() as client:
        say(client.post(path("/api/warnings", id, "confirm")), as_json=as_json)
