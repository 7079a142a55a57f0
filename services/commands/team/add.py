"""``cityops team add``: a team, and which wards it may see."""

from services.commandline.areas import Everywhere, TeamName, Wards, named, team, wanted
from services.commandline.connection import connected
from services.commandline.output import JsonObject, console, emit


def command(
    name: TeamName,
    *,
    ward: Wards = None,
    everywhere: Everywhere = False,
    as_json: JsonObject = False,
) -> None:
    """Add a team, or say anew to which wards it is limited; --everywhere limits nobody.

    Example: cityops team add 'Phường Hồng Bàng' --ward 'Hồng Bàng'
    """
    body = wanted(ward, everywhere=everywhere)
    with connected() as client:
        said = client.put(team(name), body)
    if as_json:
        emit(said, as_json=True)
        return
    console.print(f"team {said['name']} sees: {named(said['wards'])}", highlight=False)
