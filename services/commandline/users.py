"""What the commands about users share."""

from typing import Annotated, Any

import typer

from services.commandline import paths
from services.commandline.output import console, emit

Name = Annotated[str, typer.Argument(help="The user's name.")]


def path(name: str, *more: str) -> str:
    """Of somebody in the API, whatever their name."""
    return paths.path("/api/users", name, *more)


def say_password(said: dict[str, Any], *, as_json: bool) -> None:
    """A one-time password, this once."""
    if as_json:
        emit(said, as_json=True)
        return
    console.print(f"one-time password of {said['name']}: {said['password']}", soft_wrap=True)
    console.print(f"good for {said['hours']} hours, and not shown again", highlight=False)
