"""``cityops oncall show``: who is on call."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.notifications import moment
from services.commandline.output import JsonArray, emit
from services.commandline.since import local


def command(
    at: Annotated[
        str, typer.Option(help="City time such as '2026-12-01 03:00', or RFC 3339; default: now.")
    ] = "",
    as_json: JsonArray = False,
) -> None:
    """Say who is on call now, or was or will be at a time.

    Example: cityops oncall show --at '2026-12-01 03:00'
    """
    with connected() as client:
        found = client.get("/api/oncall", at=moment(at, "--at") or None)
    rows = (
        found
        if as_json
        else [
            one | {"user": one["user"] or "nobody", "until": local(one["until"])} for one in found
        ]
    )
    emit(
        rows,
        as_json=as_json,
        columns=("rotation", "user", "until"),
        empty="no rotation",
    )
