"""``cityops camera remove``: removes a camera."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import console
from services.commandline.paths import path


def command(
    id: Annotated[str, typer.Argument(help="The camera's id.")],
) -> None:
    """Remove a camera with its zones, and rules that are left with nothing to watch.

    Example: cityops camera remove quay-3
    """
    with connected() as client:
        client.delete(path("/api/cameras", id))
    console.print(f"camera {id} removed")
