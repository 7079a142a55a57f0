"""``cityops rule list``: the rules in force."""

from typing import Any

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit

COLUMNS = ("id", "kind", "severity", "watches", "parameters")


def command(as_json: JsonArray = False) -> None:
    """List rules; `cityops rule show` says all of one.

    Example: cityops rule list --json
    """
    with connected() as client:
        found = client.get("/api/rules")
    emit(
        found if as_json else list(map(_row, found)),
        as_json=as_json,
        columns=COLUMNS,
        folded=("watches", "parameters"),
        spare=("parameters",),
        empty="no rule",
    )


def _row(rule: dict[str, Any]) -> dict[str, Any]:
    types = [f"every {name}" for name in rule["types"]]
    zones = [f"zone {name}" for name in rule["zones"]]
    values = [f"{name}={value:g}" for name, value in sorted(rule["parameters"].items())]
    watches = [*rule["sources"], *types, *zones] or ["all that it can"]
    return rule | {"watches": watches, "parameters": values}
