"""``cityops user sessions``: where somebody is signed in, and their tokens."""

from typing import Annotated, Any

import typer

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit
from services.commandline.since import age, machine_now
from services.commandline.users import path

COLUMNS = ("id", "kind", "label", "address", "used", "scopes")


def command(
    name: Annotated[str, typer.Argument(help="The user's name; left out: your own.")] = "",
    *,
    as_json: JsonArray = False,
) -> None:
    """List where a user is signed in, and the tokens that act in their name.

    Example: cityops user sessions lan
    """
    with connected() as client:
        if name:
            found = client.get(path(name, "sessions"))
        else:
            found = client.get("/api/sessions") + client.get("/api/tokens")
        now = None if as_json else machine_now(client)
    rows: list[dict[str, Any]] = found
    if now:
        rows = [one | {"used": f"{age(one['used_at'], now)} ago"} for one in found]
    emit(
        rows,
        as_json=as_json,
        columns=COLUMNS,
        folded=("label", "scopes"),
        spare=("scopes", "address", "label"),
        empty="not signed in anywhere, and no token",
    )
