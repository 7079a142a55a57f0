"""``cityops oncall rotation list``: who takes turns, and who stands in."""

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit
from services.commandline.since import local


def command(as_json: JsonArray = False) -> None:
    """List rotations, with who stands in for whom.

    Example: cityops oncall rotation list
    """
    with connected() as client:
        found = client.get("/api/rotations")
    rows = (
        found
        if as_json
        else [
            one
            | {
                "start": local(one["start"]),
                "stand in": [
                    f"{each['id']}: {each['user']} {local(each['since'])} to {local(each['until'])}"
                    for each in one["overrides"]
                ],
            }
            for one in found
        ]
    )
    emit(
        rows,
        as_json=as_json,
        columns=("name", "people", "start", "hours", "stand in"),
        folded=("people", "stand in"),
        empty="no rotation",
    )
