"""``cityops team member``: who is in a team."""

from typing import Annotated

import typer

from services.commandline.areas import Lifting, TeamName, named, team
from services.commandline.connection import connected
from services.commandline.output import CommandError, JsonObject, console, emit


def command(
    name: TeamName,
    user: Annotated[str, typer.Argument(help="The user's name.")],
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Take them out of it.")] = False,
    everywhere: Lifting = False,
    as_json: JsonObject = False,
) -> None:
    """Take a user into a team, or out of it; they see its wards beside their own.

    Example: cityops team member 'Phường Hồng Bàng' lan
    """
    if everywhere and not remove:
        raise CommandError("--everywhere goes with --remove", 2)
    with connected() as client:
        if remove:
            said = client.delete(team(name, "members", user), everywhere=everywhere)
        else:
            said = client.put(team(name, "members", user))
    if as_json:
        emit(said, as_json=True)
        return
    if not remove and said["wards"]:
        seen = f"{user} sees these wards and those of their own, and nothing else from now on"
        console.print(f"note: {seen} (cityops user list)", highlight=False)
    members = ", ".join(said["members"]) or "nobody"
    console.print(
        f"team {said['name']} sees: {named(said['wards'])}; in it: {members}", highlight=False
    )
