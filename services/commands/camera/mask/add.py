"""``cityops camera mask add``: draws an area in which nothing counts."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.corners import polygon
from services.commandline.output import console


def command(
    camera: Annotated[str, typer.Argument(help="The camera's id.")],
    corners: Annotated[
        str, typer.Argument(help="'x,y x,y x,y': a polygon in fractions of the picture.")
    ],
    *,
    id: Annotated[str, typer.Option("--id", help="Letters, digits, '.', '_' and '-'.")],
) -> None:
    """Draw a mask, or change the one of that id: what has its foot in it counts for nothing.

    Example: cityops camera mask add quay-3 '0,0 .3,0 .3,.1 0,.1' --id quay-3-caption
    """
    drawn = polygon("mask", corners)
    with connected() as client:
        client.post("/api/masks", {"id": id, "source": camera, "polygon": drawn})
        shown = [one for one in client.get("/api/masks", camera=[camera]) if one["id"] == id]
    console.print(f"mask {id} drawn on {camera}", highlight=False, markup=False)
    for one in shown[0]["hides"] if shown else ():
        where = f"zone {one['zone']}" if one["zone"] else "the picture"
        console.print(
            f"rule {one['rule']}: {one['percent']} % of {where} is not judged",
            highlight=False,
            markup=False,
        )
