"""``cityops device list``: one's own browsers and telephones."""

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit
from services.commandline.since import local

COLUMNS = ("id", "name", "channel", "service", "taken", "detail")


def command(as_json: JsonArray = False) -> None:
    """List the browsers and telephones in which you are told of alerts.

    Example: cityops device list
    """
    with connected() as client:
        found = client.get("/api/push").get("devices", [])
    rows = (
        found
        if as_json
        else [
            one
            | {
                "service": one["host"],
                "taken": local(one["taken_at"]) if one["taken_at"] else "never",
            }
            for one in found
        ]
    )
    emit(rows, as_json=as_json, columns=COLUMNS, folded=("name", "detail"), empty="no device")
