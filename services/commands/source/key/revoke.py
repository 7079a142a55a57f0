"""``cityops source key revoke``: voids a key by which readings are sent."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import console
from services.commandline.paths import path


def command(
    id: Annotated[str, typer.Argument(help="The key's id, see `cityops source key list`.")],
) -> None:
    """Void a key, within two seconds: whoever holds it is refused from then on.

    Example: cityops source key revoke 1f00a7b24c3d
    """
    with connected() as client:
        client.delete(path("/api/source-keys", id))
    console.print(f"key {id} revoked", highlight=False)
