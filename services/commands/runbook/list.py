"""``cityops runbook list``: which kinds have which runbook."""

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit

COLUMNS = ("kind", "version", "steps", "contacts", "by", "reason")


def command(as_json: JsonArray = False) -> None:
    """List the runbook of each kind; version 0 is the one that comes with CityOps.

    Example: cityops runbook list
    """
    with connected() as client:
        found = client.get("/api/runbooks")
    rows = (
        found
        if as_json
        else [one | {"steps": len(one["steps"]), "contacts": len(one["contacts"])} for one in found]
    )
    emit(rows, as_json=as_json, columns=COLUMNS, folded=("kind", "reason"), spare=("reason", "by"))
