"""``cityops source remove``: removes a sensor."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import console
from services.commandline.paths import path


def command(
    id: Annotated[str, typer.Argument(help="The source's id.")],
) -> None:
    """Remove a sensor, or an asset that is no camera, and rules that are left without any.

    Example: cityops source remove loop-7
    """
    with connected() as client:
        client.delete(path("/api/sources", id))
    console.print(f"source {id} removed")
