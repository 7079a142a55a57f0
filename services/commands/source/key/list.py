"""``cityops source key list``: keys by which readings are sent over HTTP."""

from typing import Any

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit
from services.commandline.since import age, machine_now

COLUMNS = ("id", "label", "state", "used", "today", "refused", "rate", "daily", "for")


def command(as_json: JsonArray = False) -> None:
    """List keys, and what was sent by each today (UTC); what they are is not shown again.

    Example: cityops source key list
    """
    with connected() as client:
        found = client.get("/api/source-keys")
        now = None if as_json else machine_now(client)
    rows = found if now is None else [_row(one, now) for one in found]
    emit(
        rows,
        as_json=as_json,
        columns=COLUMNS,
        folded=("label", "for"),
        spare=("daily", "rate", "refused", "used"),
        empty="no key",
    )


def _row(one: dict[str, Any], now: Any) -> dict[str, Any]:
    until = one["expires_at"]
    state = f"revoked by {one['revoked_by']}" if one["revoked_at"] else "valid"
    if until and not one["revoked_at"]:
        state = f"until {until[:10]}"
    used = f"{age(one['used_at'], now)} ago" if one["used_at"] else "never"
    whose = [*one["sources"], *(f"all of {name}" for name in one["gateways"])]
    return one | {"state": state, "used": used, "today": one["taken"], "for": whose}
