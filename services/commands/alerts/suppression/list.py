"""``cityops alerts suppression list``: what is out of service or maintained."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit
from services.commandline.suppressions import COLUMNS, row


def command(
    *,
    over: Annotated[bool, typer.Option("--over", help="Also what is over.")] = False,
    as_json: JsonArray = False,
) -> None:
    """List what is out of service or maintained, now or planned.

    Example: cityops alerts suppression list
    """
    with connected() as client:
        found = client.get("/api/suppressions", over=over or None)
    rows = found if as_json else [row(one) for one in found]
    emit(rows, as_json=as_json, columns=COLUMNS, folded=("reason",), spare=("by", "from"))
