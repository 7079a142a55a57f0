"""``cityops device remove``: one is told of alerts there no more."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import console
from services.commandline.paths import path


def command(
    id: Annotated[str, typer.Argument(help="As `cityops device list` has it.")],
) -> None:
    """Remove a browser or telephone of yours: you are told of alerts there no more.

    Example: cityops device remove 3f6c2a346d1b4d389d1d3b6a3c1f7e55
    """
    with connected() as client:
        client.delete(path("/api/push/devices", id))
    console.print(f"device {id} is removed", highlight=False)
