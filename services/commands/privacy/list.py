"""``cityops privacy list``: orders to erase pictures."""

from typing import Any

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit
from services.commandline.since import local

COLUMNS = ("id", "ordered", "by", "source", "since", "until", "pictures", "frames", "reason")


def command(as_json: JsonArray = False) -> None:
    """List orders to erase pictures, the newest first.

    Example: cityops privacy list --json
    """
    with connected() as client:
        found = client.get("/api/privacy/erasures")["erasures"]
    if as_json:
        emit(found, as_json=True)
    else:
        emit(
            [_row(one) for one in found],
            as_json=False,
            columns=COLUMNS,
            folded=("reason",),
            spare=("frames", "pictures", "ordered", "by"),
            empty="no order was given",
        )


def _row(one: dict[str, Any]) -> dict[str, Any]:
    reached = one["reached"]
    return {
        "id": one["id"],
        "ordered": local(one["ordered_at"]),
        "by": one["actor"],
        "source": one["source"],
        "since": local(one["since"]),
        "until": local(one["until"]),
        "pictures": reached["pictures"] if reached else "interrupted",
        "frames": reached["frames"] if reached else "–",
        "reason": one["reason"],
    }
