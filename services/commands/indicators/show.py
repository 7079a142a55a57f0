"""``cityops indicators show``: one indicator, its periods, and the query that computes one anew."""

from typing import Annotated, Any

import typer

from services.commandline.connection import connected
from services.commandline.indicators import target, trend, value
from services.commandline.output import CommandError, JsonObject, console, emit, headed
from services.commandline.paths import path
from services.commandline.since import brief, now_of
from streams.visible import line


def command(
    id: Annotated[str, typer.Argument(help="The indicator's id.")],
    *,
    origin: Annotated[
        str, typer.Option(help="Of the readings; else the first that there is.")
    ] = "",
    start: Annotated[str, typer.Option(help="Start of the period to compute anew.")] = "",
    as_json: JsonObject = False,
) -> None:
    """Show an indicator: what it rests on, its periods, and one of them computed anew.

    The query is shown, so that whoever doubts a number can ask the readings behind it.

    Example: cityops indicators show base_stations_up
    """
    with connected() as client:
        now = now_of(client)
        found = client.get(path("/api/indicators", id))
        chosen = _chosen(found, origin)
        computed = None
        if chosen:
            asked = {"origin": chosen["origin"], "start": start or None}
            computed = client.get(f"{path('/api/indicators', id)}/computed", **asked)
    if as_json:
        emit({**found, "computed": computed}, as_json=True)
        return
    console.print(headed(line(found["id"]), line(f"{found['name_vi']} / {found['name_en']}")))
    for name, said in _facts(found):
        console.print(headed(f"  {name}:", line(said), style="dim"))
    if chosen is None or computed is None:
        if found["needs_en"] is None:
            console.print("  nothing has come of its feed yet", style="dim")
        return
    console.print(headed("  trend:", f"{trend(chosen)}, {chosen['origin']}", style="dim"))
    emit(
        [_row(found, each, now) for each in chosen["periods"][:12]],
        as_json=False,
        columns=("start", "value", "state", "readings", "unplaced", "to come"),
        spare=("unplaced",),
    )
    _told(computed, now)


def _chosen(found: dict[str, Any], origin: str) -> dict[str, Any] | None:
    all_: list[dict[str, Any]] = found["series"]
    if origin and found["needs_en"] is None:
        some = [each for each in all_ if each["origin"] == origin]
        if not some:
            there = ", ".join(each["origin"] for each in all_) or "none"
            raise CommandError(f"{found['id']} has nothing of origin {origin!r}; it has {there}")
        return some[0]
    return all_[0] if all_ else None


def _facts(found: dict[str, Any]) -> list[tuple[str, str]]:
    facts = [
        ("target", f"{target(found)} {found['unit_en']}, {found['says']}"),
        ("period", found["period"]),
        ("responsible", f"{found['responsible_vi']} / {found['responsible_en']}"),
        ("rests on", f"{found['legal_vi']} / {found['legal_en']}"),
    ]
    if found["needs_en"]:
        facts.append(("not computed: needs", f"{found['needs_vi']} / {found['needs_en']}"))
    return facts


def _row(found: dict[str, Any], period: dict[str, Any], now: Any) -> dict[str, Any]:
    low, high = period["low"], period["high"]
    revised = f" {period['revision']}" if period["revision"] else ""
    return {
        "start": brief(period["start"], now),
        "value": value(found, period),
        "state": period["state"] + revised,
        "readings": period["readings"],
        "unplaced": period["unplaced"],
        "to come": "–" if low is None else f"{low:g} to {high:g}",
    }


def _told(computed: dict[str, Any], now: Any) -> None:
    last = computed["said"][-1]
    console.print(headed("computed anew:", brief(last["start"], now)))
    for each in computed["sql"].split("\n"):
        console.print(f"  {line(each)}", markup=False, highlight=False, emoji=False, soft_wrap=True)
    same = "the same" if computed["same"] else "not the same: readings have come since"
    console.print(
        f"{computed['numerator']} / {computed['denominator']} of {computed['readings']} readings of"
        f" {computed['sources']} sources; said was {last['numerator']} / {last['denominator']}:"
        f" {same}"
    )
