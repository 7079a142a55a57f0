"""``cityops zone remove``: takes a zone away."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import console
from services.commandline.paths import path


def command(
    id: Annotated[str, typer.Argument(help="The zone's id, see `cityops zone list`.")],
) -> None:
    """Remove a zone that no rule names.

    Example: cityops zone remove quay-3-kerb
    """
    with connected() as client:
        client.delete(path("/api/zones", id))
    console.print(f"zone {id} removed", highlight=False)
