"""``cityops role factor``: whether people of a role must have a second factor."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import JsonObject, console, emit
from services.commandline.paths import path


def command(
    name: Annotated[str, typer.Argument(help="Any role, those that come with CityOps too.")],
    *,
    required: Annotated[
        bool, typer.Option("--required/--optional", help="Whether they must, or may, have one.")
    ],
    as_json: JsonObject = False,
) -> None:
    """Say whether people of a role must have a second factor.

    Who must and has none can only set one up, in the console, from their next request on; who signs
    in by an identity provider must have shown it one. Tokens of programs go on without.

    Example: cityops role factor administrator --required
    """
    with connected() as client:
        said = client.put(path("/api/roles", name, "factor"), {"required": required})
    if as_json:
        emit(said, as_json=True)
        return
    must = "must" if said["second_factor"] else "may"
    console.print(f"whoever is {said['name']} {must} have a second factor", highlight=False)
