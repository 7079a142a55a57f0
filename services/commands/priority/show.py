"""``cityops priority show``: the table by which alerts get their priorities."""

from typing import Annotated, Any

import typer

from services.commandline.connection import connected
from services.commandline.output import JsonObject, console, emit

COLUMNS = ("priority", "row", "severities", "kinds", "wards", "dependents", "hours", "days")
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def command(
    version: Annotated[
        int | None, typer.Option(min=0, help="One that held once; default: the one that holds.")
    ] = None,
    as_json: JsonObject = False,
) -> None:
    """Show the table of priorities: the first row that fits an alert gives its priority.

    What --json prints can be changed and given to cityops priority set.

    Example: cityops priority show --version 0
    """
    with connected() as client:
        table = client.get("/api/priority", version=version)
    if as_json:
        emit(table, as_json=True)
        return
    emit(
        [_shown(row) for row in table["rows"]],
        as_json=False,
        columns=COLUMNS,
        folded=("row", "severities", "kinds", "wards"),
        spare=("wards", "days", "hours", "dependents"),
    )
    whose = f"by {table['by']}: {table['reason']}" if table["by"] else "comes with CityOps"
    console.print(f"version {table['version']}, {whose}", highlight=False)


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    hours = row["hours"]
    return {
        "priority": row["priority"],
        "row": row["name"],
        "severities": row["severities"] or "–",
        "kinds": [*row["categories"], *row["kinds"]] or "–",
        "wards": row["wards"] or "–",
        "dependents": f"≥ {row['dependents']}" if row["dependents"] else "–",
        "hours": f"{hours[0]}–{hours[1]}" if hours else "–",
        "days": [DAYS[day] for day in row["days"]] or "–",
    }
