"""``cityops indicators list``: every indicator, what it has come to, and who answers for it."""

from typing import Annotated, Any

import typer

from services.commandline.connection import connected
from services.commandline.indicators import target, trend, value
from services.commandline.output import JsonArray, emit, notes

COLUMNS = ("id", "value", "target", "trend", "period", "origin", "responsible", "name")


def command(
    *,
    every: Annotated[
        bool, typer.Option("--all", help="Also those that are not computed, and what they need.")
    ] = False,
    as_json: JsonArray = False,
) -> None:
    """List indicators: the last period that is over, its target, and by how much it has changed.

    Example: cityops indicators list --all
    """
    with connected() as client:
        found = client.get("/api/indicators")["indicators"]
    if as_json:
        emit(found, as_json=True)
        return
    computed = [each for each in found if each["needs_en"] is None]
    rows = [row for each in computed for row in _rows(each)]
    emit(
        rows,
        as_json=False,
        columns=COLUMNS,
        folded=("responsible", "name"),
        spare=("origin", "responsible", "period"),
        empty="no indicator is computed",
    )
    others = [each for each in found if each["needs_en"] is not None]
    if every:
        emit(
            [{"id": each["id"], "not computed: needs": each["needs_en"]} for each in others],
            as_json=False,
            columns=("id", "not computed: needs"),
            folded=("not computed: needs",),
        )
    elif others:
        notes.print(f"{len(others)} are not computed; --all says what they need", style="dim")


def _rows(indicator: dict[str, Any]) -> list[dict[str, Any]]:
    shared = {
        "id": indicator["id"],
        "target": target(indicator),
        "period": indicator["period"],
        "responsible": indicator["responsible_en"],
        "name": indicator["name_en"],
    }
    rows = []
    for series in indicator["series"]:
        over = [each for each in series["periods"] if each["state"] != "running"]
        shown = (over or series["periods"])[0]
        said = {"value": value(indicator, shown), "trend": trend(series)}
        rows.append({**shared, **said, "origin": series["origin"]})
    return rows or [{**shared, "value": "–", "trend": "–", "origin": "–"}]
