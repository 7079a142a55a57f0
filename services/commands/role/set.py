"""``cityops role set``: a role of the site's own."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import JsonObject, console, emit
from services.commandline.paths import path


def command(
    name: Annotated[str, typer.Argument(help="Lower-case letters, digits, - and _.")],
    *,
    permission: Annotated[
        list[str], typer.Option(help="What it may, as `cityops role list` says; may be repeated.")
    ],
    as_json: JsonObject = False,
) -> None:
    """Add a role of this site's own, or say anew what it may; you give what you have yourself.

    Example: cityops role set dispatcher --permission alerts:read --permission alerts:comment
    """
    with connected() as client:
        said = client.put(path("/api/roles", name), {"permissions": permission})
    if as_json:
        emit(said, as_json=True)
    else:
        console.print(f"role {said['name']} may {', '.join(said['permissions'])}", highlight=False)
