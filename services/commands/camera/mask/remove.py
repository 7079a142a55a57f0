"""``cityops camera mask remove``: takes a mask away."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import CommandError, console
from services.commandline.paths import path


def command(
    named: Annotated[
        list[str],
        typer.Argument(
            metavar="[CAMERA] ID", help="The mask's id; with the camera's before it, only there."
        ),
    ],
) -> None:
    """Take a mask away: what is seen there counts again.

    Example: cityops camera mask remove quay-3 quay-3-caption
    """
    if len(named) > 2:
        raise CommandError("one mask at a time: give CAMERA and ID, or ID", code=2)
    camera, mask = named[:-1], named[-1]
    with connected() as client:
        masks = client.get("/api/masks", camera=camera or None)
        if all(one["id"] != mask for one in masks):
            raise CommandError(_unknown(camera, mask, masks))
        client.delete(path("/api/masks", mask))
    console.print(f"mask {mask} removed", highlight=False, markup=False)


def _unknown(camera: list[str], mask: str, masks: list[dict[str, object]]) -> str:
    if camera:
        return f"{camera[0]} has no mask {mask!r}: see `cityops camera mask list {camera[0]}`"
    theirs = [str(one["id"]) for one in masks if one["source"] == mask]
    if theirs:
        return f"{mask} is a camera: say which of its masks, {', '.join(theirs)}"
    return f"there is no mask {mask!r}: see `cityops camera mask list`"
