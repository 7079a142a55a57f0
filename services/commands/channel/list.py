"""``cityops channel list``: channels, without their secrets."""

from services.commandline.areas import named
from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit

COLUMNS = ("name", "type", "readers", "area", "language", "exercises until", "set to")


def command(as_json: JsonArray = False) -> None:
    """List channels; what is sealed of them is not shown.

    Example: cityops channel list
    """
    with connected() as client:
        found = client.get("/api/channels")
    rows = (
        found
        if as_json
        else [
            one
            | {
                "readers": "public" if one["public"] else "private",
                "area": named(one["wards"]),
                "exercises until": (one["exercises_until"] or "")[:16],
                "set to": [f"{name}={value}" for name, value in one["configuration"].items()],
            }
            for one in found
        ]
    )
    emit(
        rows,
        as_json=as_json,
        columns=COLUMNS,
        folded=("area", "set to"),
        spare=("exercises until", "language"),
        empty="no channel",
    )
