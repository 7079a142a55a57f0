"""``cityops oncall contact remove``: somebody is reached by a channel no more."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import console
from services.commandline.paths import path


def command(
    user: Annotated[str, typer.Argument(help="The user's name.")],
    channel: Annotated[str, typer.Argument(help="The channel.")],
) -> None:
    """Remove somebody's address at a channel.

    Example: cityops oncall contact remove lan mail
    """
    with connected() as client:
        client.delete(path("/api/contacts", user, channel))
    console.print(f"{user} is not reached by {channel} any more", highlight=False)
