"""``cityops indicators cases``: an indicator's rates by hour, source or kind of procedure."""

from typing import Annotated, Any

import typer

from services.commandline.connection import connected
from services.commandline.output import JsonObject, emit
from services.commandline.paths import path
from services.commandline.since import brief, now_of


def command(
    id: Annotated[str, typer.Argument(help="Of an indicator that is made of cases.")],
    *,
    by: Annotated[str, typer.Option(help="hour, source or procedure.")] = "hour",
    origin: Annotated[str, typer.Option(help="Of the sources.")] = "live",
    hours: Annotated[
        int, typer.Option(min=1, help="So many, the running one included; 744 at most.")
    ] = 24,
    as_json: JsonObject = False,
) -> None:
    """Show what an indicator comes to by hour, by source or by kind of procedure.

    Each case counts in the hour of its own time, also one that came late. Of sources
    outside one's wards nothing is counted.

    Example: cityops indicators cases dossiers_on_time --by procedure --origin simulated
    """
    with connected() as client:
        now = now_of(client)
        asked = {"by": by, "origin": origin, "hours": hours}
        found = client.get(f"{path('/api/indicators', id)}/cases", **asked)
    if as_json:
        emit(found, as_json=True)
        return
    emit(
        [_row(each, by, now) for each in found["rows"]],
        as_json=False,
        columns=(by, "begun", "forwarded", "ended", "in time", "%", "amount"),
        spare=("forwarded", "amount"),
        empty=f"nothing of origin {origin} since then: --origin, --hours",
    )


def _row(one: dict[str, Any], by: str, now: Any) -> dict[str, Any]:
    key = {
        "hour": one["hour"] and brief(one["hour"], now),
        "source": one["source"],
        "procedure": one["procedure"],
    }[by]
    return {
        by: key,
        "begun": one["begun"],
        "forwarded": one["forwarded"],
        "ended": one["ended"],
        "in time": one["in_time"],
        "%": "–" if one["value"] is None else f"{one['value']:g}",
        "amount": one["amount"],
    }
