"""``cityops camera scenery withdraw``: takes an engineer's word back."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import console
from services.commandline.paths import path


def command(
    camera: Annotated[str, typer.Argument(help="The camera's id.")],
    id: Annotated[str, typer.Argument(help="As `cityops camera scenery list` shows it.")],
) -> None:
    """Take back what was confirmed or denied: the camera learns by itself again.

    Example: cityops camera scenery withdraw quay-3 2188904137a8
    """
    with connected() as client:
        client.delete(path("/api/cameras", camera, "scenery", id))
    console.print(f"{camera}: scenery {id} taken back", highlight=False, markup=False)
