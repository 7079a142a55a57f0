"""``cityops oncall rotation remove``: removes a rotation that nothing names."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import console
from services.commandline.paths import path


def command(name: Annotated[str, typer.Argument(help="The rotation.")]) -> None:
    """Remove a rotation that no policy and no override names.

    Example: cityops oncall rotation remove desk
    """
    with connected() as client:
        client.delete(path("/api/rotations", name))
    console.print(f"rotation {name} is removed", highlight=False)
