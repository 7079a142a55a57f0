"""``cityops warning propose``: the first of the two persons that a public warning takes."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import JsonObject
from services.commandline.warnings import say


def command(
    alert: Annotated[str, typer.Argument(help="Its id, or the first characters of it.")],
    *,
    channel: Annotated[str, typer.Option(help="A public one.")],
    reason: Annotated[str, typer.Option(help="For who is to confirm it.")],
    as_json: JsonObject = False,
) -> None:
    """Propose to tell the public of an alert; another person confirms it.

    Example: cityops warning propose 3f6c2a34 --channel public --reason "The quay is on fire."
    """
    body = {"alert": alert, "channel": channel, "reason": reason}
    with connected() as client:
        say(client.post("/api/warnings", body), as_json=as_json)
