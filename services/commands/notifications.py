"""``cityops notifications``: what people were told, and what became of each message."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit
from services.commandline.since import local

COLUMNS = ("decided", "state", "recipient", "told", "channel", "severity", "kind", "detail")


def command(
    state: Annotated[
        str, typer.Option(help="Only waiting, sending, sent, failed or withheld ones.")
    ] = "",
    alert: Annotated[str, typer.Option(help="Only of this alert (whole id).")] = "",
    limit: Annotated[int, typer.Option(help="So many, the newest first.")] = 50,
    as_json: JsonArray = False,
) -> None:
    """List what people were told, the newest first.

    Example: cityops notifications --state failed
    """
    asked = {"state": state or None, "alert": alert or None, "limit": limit}
    with connected() as client:
        found = client.get("/api/notifications", **asked)
    rows = (
        found
        if as_json
        else [
            one
            | {
                "decided": local(one["time"]),
                "recipient": one["recipient"] or "nobody",
                "kind": f"{one['alerts']} alerts, a flood"
                if one["alerts"] > 1
                else one["kind"] or "(test)",
            }
            for one in found
        ]
    )
    emit(
        rows,
        as_json=as_json,
        columns=COLUMNS,
        folded=("recipient", "told", "detail"),
        spare=("told", "kind", "detail"),
        empty="nobody was told of anything",
    )
