"""``cityops user token end``: voids a token."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import console
from services.commandline.paths import path


def command(
    id: Annotated[str, typer.Argument(help="As `cityops user token list` has it.")],
) -> None:
    """Void a token of yours, at once.

    Example: cityops user token end 3f6c2a34-6d1b-4d38-9d1d-3b6a3c1f7e55
    """
    with connected() as client:
        client.delete(path("/api/tokens", id))
    console.print(f"token {id} is void", highlight=False)
