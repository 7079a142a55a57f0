"""``cityops user role``: what somebody may."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import console
from services.commandline.users import Name, path


def command(
    name: Name,
    role: Annotated[str, typer.Argument(help="As `cityops role list` says.")],
) -> None:
    """Give a user another role, from now on.

    Example: cityops user role lan supervisor
    """
    with connected() as client:
        said = client.put(path(name, "role"), {"role": role})
    console.print(f"user {said['name']} is {said['role']}", highlight=False)
