"""``cityops oncall override remove``: nobody stands in any more."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import console
from services.commandline.paths import path


def command(
    rotation: Annotated[str, typer.Argument(help="The rotation.")],
    id: Annotated[str, typer.Argument(help="See `cityops oncall rotation list`.")],
) -> None:
    """Remove an override: whoever's turn it is has it again.

    Example: cityops oncall override remove desk 3f0c1a2b4d5e
    """
    with connected() as client:
        client.delete(path("/api/rotations", rotation, "overrides", id))
    console.print(f"override {id} is removed", highlight=False)
