"""``cityops user token list``: one's own tokens."""

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit
from services.commandline.since import age, machine_now

COLUMNS = ("id", "label", "scopes", "used", "until")


def command(as_json: JsonArray = False) -> None:
    """List your tokens; what they are is not shown again.

    Example: cityops user token list
    """
    with connected() as client:
        found = client.get("/api/tokens")
        now = None if as_json else machine_now(client)
    rows = found
    if now:
        rows = [
            one
            | {"used": f"{age(one['used_at'], now)} ago", "until": (one["expires_at"] or "")[:10]}
            for one in found
        ]
    emit(
        rows,
        as_json=as_json,
        columns=COLUMNS,
        folded=("label", "scopes"),
        spare=("used", "scopes", "label"),
        empty="no token",
    )
