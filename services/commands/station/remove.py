"""``cityops station remove``: removes a loudspeaker station."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import console
from services.commandline.paths import path


def command(name: Annotated[str, typer.Argument(help="The station.")]) -> None:
    """Remove a loudspeaker station: nothing is spoken there any more.

    Example: cityops station remove pa-001
    """
    with connected() as client:
        client.delete(path("/api/stations", name))
    console.print(f"station {name} is removed", highlight=False)
