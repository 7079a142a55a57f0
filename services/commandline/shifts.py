"""What the commands about shifts share."""

from typing import Annotated, Any
from uuid import uuid4

import typer

from services.commandline.connection import connected
from services.commandline.output import console, emit
from services.commandline.paths import path

Area = Annotated[str, typer.Option("--area", help="A ward; default: the whole city.")]


def act(action: str, area: str, *, as_json: bool, **more: str) -> None:
    """Does it in one's own name, and says who is on shift then."""
    with connected() as client:
        said = client.once(
            path("/api/shifts", action), {"command_id": str(uuid4()), "area": area} | more
        )
    if as_json:
        emit(said, as_json=True)
        return
    console.print(on(said), highlight=False)
    if said["offered"]:
        console.print(f"offered by {said['offered']['from_user']}: {said['offered']['digest']}")


def on(shift: dict[str, Any]) -> str:
    """``Hồng Bàng: lan, minh``."""
    there = ", ".join(one["user"] for one in shift["on"]) or "nobody"
    return f"{shift['area'] or 'the whole city'}: {there}"
