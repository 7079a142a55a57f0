"""``cityops user end``: signs somebody out."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import console
from services.commandline.users import Name, path


def command(
    name: Name,
    *,
    id: Annotated[
        str | None,
        typer.Option("--id", help="Only this one, see `cityops user sessions`; left out: all."),
    ] = None,
) -> None:
    """End a user's sessions and tokens, at once.

    Example: cityops user end lan
    """
    with connected() as client:
        said = client.delete(path(name, "sessions"), id=id)
    console.print(f"ended: {said['ended']} sessions and tokens of {name}", highlight=False)
