"""``cityops camera mask remove``: takes a mask away."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import console


def command(
    id: Annotated[str, typer.Argument(help="The mask's id.")],
) -> None:
    """Take a mask away: what is seen there counts again.

    Example: cityops camera mask remove quay-3-caption
    """
    with connected() as client:
        client.delete(f"/api/masks/{id}")
    console.print(f"mask {id} removed", highlight=False, markup=False)
