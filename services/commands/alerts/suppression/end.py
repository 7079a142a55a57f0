"""``cityops alerts suppression end``: returns to service, or ends maintenance."""

from typing import Annotated
from uuid import uuid4

import typer

from services.commandline.alerts import Reason
from services.commandline.connection import connected
from services.commandline.paths import path
from services.commandline.suppressions import Json, say


def command(
    id: Annotated[str, typer.Argument(help="As `list` shows it.")],
    reason: Reason,
    *,
    as_json: Json = False,
) -> None:
    """Return to service what was out of it, or cut a window of maintenance short.

    Example: cityops alerts suppression end 3f6c2a34 --reason "Repaired"
    """
    with connected() as client:
        body = {"command_id": str(uuid4()), "reason": reason}
        say(client.once(path("/api/suppressions", id, "end"), body), as_json=as_json)
