"""``cityops warning list``: what was proposed to be told the public, and what became of it."""

from collections import Counter
from typing import Any

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit
from services.commandline.since import local


def command(*, as_json: JsonArray = False) -> None:
    """List public warnings, the latest first.

    Example: cityops warning list
    """
    with connected() as client:
        found = client.get("/api/warnings")
    rows = (
        found
        if as_json
        else [
            one
            | {
                "proposed": local(one["proposed_at"]),
                "by": one["decided_by"] or "",
                "told": _became(one["told"]),
            }
            for one in found
        ]
    )
    columns = ("id", "alert", "channel", "state", "proposed_by", "by", "proposed", "told", "reason")
    emit(rows, as_json=as_json, columns=columns, folded=("told", "reason"), empty="no warnings")


def _became(told: list[dict[str, Any]]) -> list[str]:
    """How many are how far, and by name who has not got it."""
    counts = Counter(one["state"] for one in told)
    failed = [
        f"{one['recipient']}: {one['detail'] or one['state']}"
        for one in told
        if one["state"] in ("failed", "withheld")
    ]
    return [*(f"{number} {state}" for state, number in sorted(counts.items())), *failed]
