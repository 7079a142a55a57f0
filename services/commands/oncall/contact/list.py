"""``cityops oncall contact list``: where people are reached."""

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit

COLUMNS = ("user", "rank", "channel", "address", "language", "exercises until")


def command(as_json: JsonArray = False) -> None:
    """List where people are reached.

    Example: cityops oncall contact list
    """
    with connected() as client:
        found = client.get("/api/contacts")
    rows = (
        found
        if as_json
        else [one | {"exercises until": (one["exercises_until"] or "")[:16]} for one in found]
    )
    emit(
        rows,
        as_json=as_json,
        columns=COLUMNS,
        folded=("address",),
        spare=("exercises until", "language"),
        empty="nobody has an address",
    )
