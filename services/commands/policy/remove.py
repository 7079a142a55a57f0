"""``cityops policy remove``: nobody is told by it any more."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import console
from services.commandline.paths import path


def command(name: Annotated[str, typer.Argument(help="The policy.")]) -> None:
    """Remove a policy: nobody is told by it any more.

    Example: cityops policy remove night
    """
    with connected() as client:
        client.delete(path("/api/policies", name))
    console.print(f"policy {name} is removed", highlight=False)
