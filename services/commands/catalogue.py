"""``cityops catalogue``: the kinds of incidents and the feeds that an installation has."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import console, emit


def command(
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object with all words.")
    ] = False,
) -> None:
    """Every kind with what a rule may set, every feed with what it measures and its default rules.

    Example: cityops catalogue --json
    """
    with connected() as client:
        found = client.get("/api/catalogue")
    if as_json:
        emit(found, as_json=True)
        return
    kinds = [
        {
            "kind": kind["id"],
            "name": f"{kind['name']['vi']} · {kind['name']['en']}",
            "watches": kind["watches"],
            "parameters": ", ".join(
                f"{known['name']}={known['default']:g}{known['unit'] and ' ' + known['unit']}"
                for known in kind["parameters"]
            ),
        }
        for kind in found["kinds"]
    ]
    emit(kinds, as_json=False, columns=("kind", "name", "watches", "parameters"))
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
    emit(feeds, as_json=False, columns=("feed", "name", "asset types", "metrics", "default rules"))
