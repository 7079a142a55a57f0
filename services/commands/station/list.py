"""``cityops station list``: loudspeaker stations, the dead ones first."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit
from services.commandline.since import local

COLUMNS = ("name", "channel", "ward", "state", "heard", "detail")


def command(
    *,
    dead: Annotated[bool, typer.Option("--dead", help="Only those that do not answer.")] = False,
    as_json: JsonArray = False,
) -> None:
    """List loudspeaker stations and whether they answer, which each is asked every minute.

    Example: cityops station list
    """
    with connected() as client:
        found = client.get("/api/stations")
    found = [one for one in found if not dead or one["state"] != "alive"]
    rows = (
        found
        if as_json
        else [
            one | {"heard": local(one["heard_at"]) if one["heard_at"] else "never"} for one in found
        ]
    )
    emit(rows, as_json=as_json, columns=COLUMNS, folded=("detail",), empty="no station")
