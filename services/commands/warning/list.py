"""``cityops warning list``: what was proposed to be told the public, and what became of it."""

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit
from services.commandline.since import local


def command(*, as_json: JsonArray = False) -> None:
    """List public warnings, the latest first.

    Example: cityops warning list
    """
    with connected() as client:
        found = client.get("/api/warnings")
    rows = (
        found
        if as_json
        else [
            one | {"proposed": local(one["proposed_at"]), "by": one["decided_by"] or ""}
            for one in found
        ]
    )
    columns = ("id", "alert", "channel", "state", "proposed_by", "by", "proposed", "reason")
    emit(rows, as_json=as_json, columns=columns, folded=("reason",), empty="no warnings")
