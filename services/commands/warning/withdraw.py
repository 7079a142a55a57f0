"""``cityops warning withdraw``: what was proposed is told nobody."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import JsonObject
from services.commandline.paths import path
from services.commandline.warnings import say


def command(
    id: Annotated[str, typer.Argument(help="As `list` shows it.")],
    *,
    as_json: JsonObject = False,
) -> None:
    """Withdraw what somebody has proposed to tell the public.

    Example: cityops warning withdraw 3f6c2a34-6d1b-4d38-9d1d-3b6a3c1f7e55
    """
    with connected() as client:
        say(client.post(path("/api/warnings", id, "withdraw")), as_json=as_json)
