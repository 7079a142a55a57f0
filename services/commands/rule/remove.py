"""``cityops rule remove``: takes a rule out of force."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import console
from services.commandline.paths import path


def command(
    id: Annotated[str, typer.Argument(help="The rule's id, see `cityops rule list`.")],
) -> None:
    """Remove a rule; what it has open ends.

    Example: cityops rule remove t1-hot
    """
    with connected() as client:
        client.delete(path("/api/rules", id))
    console.print(f"rule {id} removed", highlight=False)
