"""``cityops catalogue``: the kinds of incidents, feeds, joins and combinations that there are."""

from typing import Annotated, Any

import typer

from services.commandline.output import console, emit, notes
from streams.settings import load


def command(
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object with all words.")
    ] = False,
) -> None:
    """List kinds, feeds with their metrics and default rules, and what is joined or combined.

    Asks the running installation; if none runs, reads the files itself.

    Example: cityops catalogue --json
    """
    found = _asked() or _own()
    if as_json:
        emit(found, as_json=True)
        return
    kinds = [
        {
            "kind": kind["id"],
            "name": f"{kind['name']['vi']} · {kind['name']['en']}",
            "watches": kind["watches"],
            "needs": ", ".join(kind["needs"] or kind["classes"]),
            "parameters": "\n".join(map(_parameter, kind["parameters"])),
        }
        for kind in found["kinds"]
    ]
    emit(
        kinds,
        as_json=False,
        columns=("kind", "name", "watches", "needs", "parameters"),
        folded=("name", "needs", "parameters"),
        spare=("watches", "needs"),
    )
    feeds = [
        {
            "feed": feed["id"],
            "name": f"{feed['name']['vi']} · {feed['name']['en']}",
            "asset types": ", ".join(known["id"] for known in feed["asset_types"]),
            "metrics": ", ".join(
                f"{metric['name']} ({metric['unit']['en']})" for metric in feed["metrics"]
            ),
            "default rules": ", ".join(rule["kind"] for rule in feed["default_rules"]),
        }
        for feed in found["feeds"]
    ]
    console.print()
    emit(
        feeds,
        as_json=False,
        columns=("feed", "name", "asset types", "metrics", "default rules"),
        folded=("name", "asset types", "metrics", "default rules"),
        spare=("asset types", "default rules"),
    )
    joins = [
        {
            "joins": each["id"],
            "name": _both(each["name"]),
            "signs": "\n".join(map(_joined, each["signs"])),
        }
        for each in found["joins"]
    ]
    combinations = [
        {
            "combination": each["id"],
            "name": _both(each["name"]),
            "severity": each["severity"],
            "signs": "\n".join(map(_sign, each["signs"])),
            "together": f"{each['within_minutes']:g} min, " + _near(each["within_m"]),
        }
        for each in found["combinations"]
    ]
    for rows in filter(None, (joins, combinations)):
        console.print()
        emit(rows, as_json=False, columns=tuple(rows[0]), folded=("name", "signs"))
    if not combinations:
        console.print("no combinations: kinds/combinations.yaml of the extensions would have them")


def _both(words: dict[str, str]) -> str:
    return f"{words['vi']} · {words['en']}"


def _sign(sign: dict[str, Any]) -> str:
    """``high_value of flood_depth (Vượt ngưỡng · Above its limit)``."""
    of = f" of {sign['metric']}" if sign["metric"] else ""
    return f"{sign['kind']}{of} ({_both(sign['name'])})"


def _joined(sign: dict[str, Any]) -> str:
    extends = ", extends it" if sign["extends"] else ""
    how = f"{sign['within_m']:g} m, {sign['before_minutes']:g} min before{extends}"
    return f"{_sign(sign)}: {how}"


def _near(within_m: float) -> str:
    return f"{within_m:g} m" if within_m else "one source"


def _parameter(known: dict[str, Any]) -> str:
    """``hold_seconds=30 s (0 to 7200)``."""
    unit = known["unit"]["en"]
    return (
        f"{known['name']}={known['default']:.12g}{unit and ' ' + unit}"
        f" ({known['least']:.12g} to {known['most']:.12g})"
    )


def _asked() -> Any:
    """What the running installation says; None where none runs."""
    from services.api.client import Client, ClientError

    try:
        with Client(load()) as client:
            return client.get("/api/catalogue")
    except ClientError as error:
        notes.print(
            f"no service answers: {error}; this is what these settings would load",
            highlight=False,
            soft_wrap=True,
        )
        return None


def _own() -> Any:
    """What an installation with this command's settings would say."""
    from services.api.routes.catalogue import catalogue

    return catalogue().model_dump(mode="json")
