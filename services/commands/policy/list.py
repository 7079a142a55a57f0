"""``cityops policy list``: who is told of which alerts, in which order."""

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit

COLUMNS = ("name", "severity", "priority", "kinds", "wards", "steps", "fallback")


def command(as_json: JsonArray = False) -> None:
    """List policies.

    Example: cityops policy list
    """
    with connected() as client:
        found = client.get("/api/policies")
    rows = (
        found
        if as_json
        else [
            one
            | {
                "priority": f"1 to {one['priority']}" if one["priority"] else "all",
                "kinds": one["kinds"] or "all",
                "wards": one["wards"] or "all",
                "steps": [
                    f"{each['after']} min: {' '.join(each['tell'])}" for each in one["steps"]
                ],
            }
            for one in found
        ]
    )
    emit(
        rows,
        as_json=as_json,
        columns=COLUMNS,
        folded=("kinds", "wards", "steps", "fallback"),
        empty="no policy: nobody is told of alerts",
    )
