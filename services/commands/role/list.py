"""``cityops role list``: what each role may."""

from typing import Any

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit

COLUMNS = ("name", "second factor", "permissions")


def command(as_json: JsonArray = False) -> None:
    """List roles, what each may, and whether it needs a second factor.

    Example: cityops role list
    """
    with connected() as client:
        found = client.get("/api/roles")
    rows = found if as_json else [one | {"second factor": _factor(one)} for one in found]
    emit(rows, as_json=as_json, columns=COLUMNS, folded=("permissions",), empty="no role")


def _factor(role: dict[str, Any]) -> str:
    return "required" if role["second_factor"] else "optional"
