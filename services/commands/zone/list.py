"""``cityops zone list``: zones and lines on cameras' pictures."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit

COLUMNS = ("id", "source", "name_en", "name_vi", "polygon")


def command(
    camera: Annotated[
        list[str] | None, typer.Argument(help="Only these cameras; left out: all.")
    ] = None,
    *,
    as_json: JsonArray = False,
) -> None:
    """List zones.

    Example: cityops zone list quay-3
    """
    with connected() as client:
        found = client.get("/api/zones")
    emit(
        [one for one in found if not camera or one["source"] in camera],
        as_json=as_json,
        columns=COLUMNS,
        folded=("polygon",),
        spare=("name_vi", "name_en", "polygon"),
        empty="no zone",
    )
