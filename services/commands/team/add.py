"""``cityops team add``: a team, and which wards it may see."""

from services.commandline.areas import (
    Everywhere,
    NewWards,
    TeamName,
    Wards,
    named,
    team,
    wanted,
    warn_of_empty,
)
from services.commandline.connection import connected
from services.commandline.output import JsonObject, console, emit


def command(
    name: TeamName,
    *,
    ward: Wards = None,
    new_ward: NewWards = None,
    everywhere: Everywhere = False,
    as_json: JsonObject = False,
) -> None:
    """Add a team, or say anew to which wards it is limited; --everywhere limits nobody.

    Example: cityops team add 'Phường Hồng Bàng' --ward 'Hồng Bàng'
    """
    body = wanted(ward, new_ward, everywhere=everywhere)
    with connected() as client:
        said = client.put(team(name), body)
        if new_ward:
            warn_of_empty(client, said["wards"])
    if as_json:
        emit(said, as_json=True)
        return
    console.print(f"team {said['name']} sees: {named(said['wards'])}", highlight=False)
