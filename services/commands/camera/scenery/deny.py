"""``cityops camera scenery deny``: an engineer's word on what never moves."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import console
from services.commandline.paths import path


def command(
    camera: Annotated[str, typer.Argument(help="The camera's id.")],
    id: Annotated[str, typer.Argument(help="As `cityops camera scenery list` shows it.")],
) -> None:
    """Say that something is no scenery: whatever stands there is always an object.

    It holds for that place, whatever the model and the size of pictures, until it is taken back.

    Example: cityops camera scenery deny quay-3 2188904137a8
    """
    with connected() as client:
        client.post(path("/api/cameras", camera, "scenery", id), {"confirmed": False})
    console.print(f"{camera}: scenery {id} denied", highlight=False, markup=False)
