"""``cityops incidents explain``: whether an incident is a consequence, and why."""

from typing import Annotated, Any

import typer

from services.commandline.connection import connected
from services.commandline.listing import short
from services.commandline.output import JsonObject, console, emit, headed
from services.commandline.paths import path
from services.commandline.since import local
from streams.visible import line


def command(
    id: Annotated[str, typer.Argument(help="The incident's id, or its first characters.")],
    as_json: JsonObject = False,
) -> None:
    """Say whether an incident is a consequence of another: what was decided, what considered, why.

    What was considered is worked out from the history, by what depends on what now.

    Example: cityops incidents explain 3f6c2a34
    """
    with connected() as client:
        found = client.get(path("/api/incidents", id, "explanation"))
    if as_json:
        emit(found, as_json=True)
        return
    began = f"{found['kind']} of {found['source']}, since {local(found['start'])}"
    ended = f" until {local(found['end'])}" if found["end"] else ""
    console.print(headed("incident", line(f"{found['incident']}: {began}{ended}")))
    for language in ("en", "vi"):
        console.print(headed("        ", line(found["told"][language])), soft_wrap=True)
    if found["explained_by"]:
        console.print(headed("   cause", line(found["explained_by"])))
    console.print()
    emit(
        [_decision(one) for one in found["decisions"]],
        as_json=False,
        columns=("decided", "revision", "why", "cause", "by way of", "in words"),
        folded=("by way of", "in words"),
        empty="nothing was decided: it was never a consequence",
    )
    console.print()
    emit(
        [_considered(one) for one in found["considered"]],
        as_json=False,
        columns=("steps", "depends on", "down since", "until", "verdict", "in words"),
        folded=("depends on", "in words"),
        empty="it depends on nothing that is known",
    )


def _decision(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "decided": local(one["decided_at"]),
        "revision": one["revision"],
        "why": one["why"] or "–",
        "cause": short(one["cause"]) if one["cause"] else "–",
        "by way of": " → ".join(one["via"]) or "–",
        "in words": f"{one['told']['en']} / {one['told']['vi']}",
    }


def _considered(one: dict[str, Any]) -> dict[str, Any]:
    return {
        "steps": one["steps"],
        "depends on": f"{one['source']} {one['name_en'] or one['name_vi']}",
        "down since": local(one["since"]),
        "until": local(one["until"]),
        "verdict": one["verdict"],
        "in words": f"{one['told']['en']} / {one['told']['vi']}",
    }
