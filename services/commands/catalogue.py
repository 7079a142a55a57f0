"""``cityops catalogue``: the kinds of incidents and the feeds that an installation has."""

from typing import Annotated, Any

import typer

from services.commandline.output import console, emit, notes
from streams.settings import load


def command(
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object with all words.")
    ] = False,
) -> None:
    """List kinds with their rules' parameters, and feeds with their metrics and default rules.

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
