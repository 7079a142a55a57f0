"""``cityops user list``: who may sign in."""

from typing import Any

from services.commandline.areas import named
from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit

COLUMNS = ("name", "role", "area", "teams", "state")


def command(as_json: JsonArray = False) -> None:
    """List users with what they may see, and this machine's own account.

    Example: cityops user list
    """
    with connected() as client:
        found = client.get("/api/users")
    rows = found if as_json else [_row(one) for one in found]
    emit(
        rows,
        as_json=as_json,
        columns=COLUMNS,
        folded=("name", "area", "teams", "state"),
        spare=("teams",),
        empty="no user",
    )


def _row(user: dict[str, Any]) -> dict[str, Any]:
    teams = ", ".join(user["teams"])
    return user | {"area": named(user["wards"]), "teams": teams, "state": _state(user)}


def _state(user: dict[str, Any]) -> str:
    if user["disabled"]:
        return "disabled"
    if not user["person"]:
        return "this machine"
    if user["one_time_expired"]:
        return "one-time password not used in time"
    if user["by_provider"]:
        return "by the identity provider"
    return "must change the password" if user["must_change_password"] else "in use"
