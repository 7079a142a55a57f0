"""``cityops role remove``: removes a role of the site's own."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import console
from services.commandline.paths import path


def command(
    name: Annotated[str, typer.Argument(help="As `cityops role list` has it.")],
) -> None:
    """Remove a role of this site's own that nobody has.

    Example: cityops role remove dispatcher
    """
    with connected() as client:
        client.delete(path("/api/roles", name))
    console.print(f"role {name} is removed", highlight=False)
