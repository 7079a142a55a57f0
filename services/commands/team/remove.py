"""``cityops team remove``: removes a team, and not its members."""

from services.commandline.areas import Lifting, TeamName, team
from services.commandline.connection import connected
from services.commandline.output import console


def command(name: TeamName, *, everywhere: Lifting = False) -> None:
    """Remove a team; refused where that would lift somebody's last limit.

    Example: cityops team remove 'Phường Hồng Bàng'
    """
    with connected() as client:
        client.delete(team(name), everywhere=everywhere)
    console.print(f"team {name} is removed", highlight=False)
