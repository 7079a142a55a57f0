"""``cityops channel remove``: removes a channel, with everybody's address there."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import console
from services.commandline.paths import path


def command(name: Annotated[str, typer.Argument(help="The channel.")]) -> None:
    """Remove a channel that no policy names, and everybody's address there.

    Example: cityops channel remove mail
    """
    with connected() as client:
        client.delete(path("/api/channels", name))
    console.print(f"channel {name} is removed", highlight=False)
