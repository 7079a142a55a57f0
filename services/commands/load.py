"""``cityops load``: what alerts ask of operators."""

from typing import Annotated, Any

import typer

from services.commandline.connection import connected
from services.commandline.output import JsonObject, console, emit
from services.commandline.since import local, now_of, parse_since


def command(
    *,
    since: Annotated[str, typer.Option(help="From: a time, or how long ago.")] = "8h",
    until: Annotated[str, typer.Option(help="Until: a time, or how long ago; default: now.")] = "",
    operators: Annotated[
        int | None,
        typer.Option(min=1, max=1000, help="Who share the work; default: who are on shift now."),
    ] = None,
    as_json: JsonObject = False,
) -> None:
    """Say what alerts asked of each operator in a period, as ISA-18.2 and EEMUA 191 measure it.

    Example: cityops load --since 12h --operators 2
    """
    with connected() as client:
        now = now_of(client)
        found = client.get(
            "/api/load",
            since=parse_since(since, now),
            until=parse_since(until, now, "--until"),
            operators=operators,
        )
    if as_json:
        emit(found, as_json=True)
        return
    lines = {
        "period": f"{local(found['since'])} to {local(found['until'])}",
        "operators": str(found["operators"]),
        "alarms": f"{found['alarms']}; of one operator {found['per_hour']:.1f} an hour,"
        f" {found['per_ten_minutes']:.2f} in ten minutes, {found['most_in_ten_minutes']:g} at most",
        "floods": f"{found['floods']}, {found['flood_share']:.1%} of the time",
        "chattering": str(found["chattering"]),
        "stale": str(found["stale"]),
        "priorities": ", ".join(
            f"{number} of {level}" for level, number in found["priorities"].items() if number
        )
        or "–",
        "acknowledged": _times(found["acknowledged"])
        + (f"; {found['unacknowledged']} not yet" if found["unacknowledged"] else ""),
        "closed": _times(found["resolved"]),
    }
    for name, value in lines.items():
        console.print(f"{name:13}{value}", highlight=False)
    if found["worst"]:
        console.print()
        emit(
            [one | {"share": f"{one['share']:.0%}"} for one in found["worst"]],
            as_json=False,
            columns=("source", "alarms", "share"),
        )


def _times(times: dict[str, Any]) -> str:
    if not times["number"]:
        return "–"
    return (
        f"{times['number']}, after {times['median']:.0f} s (median), {times['p90']:.0f} s (nine of"
        f" ten), {times['most']:.0f} s at most"
    )
