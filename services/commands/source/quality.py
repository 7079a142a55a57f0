"""``cityops source quality``: how well sources deliver, and who keeps their promise."""

from typing import Annotated, Any

import typer

from services.commandline.connection import connected
from services.commandline.output import JsonObject, console, emit, notes

AXES = ("complete", "valid", "clean", "live")


def command(
    *,
    feed: Annotated[list[str] | None, typer.Option(help="Of these feeds; repeatable.")] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", help="Of these sources; repeatable.")
    ] = None,
    hours: Annotated[int, typer.Option(help="So many hours count for the score.")] = 24,
    limit: Annotated[int, typer.Option(help="Sources that are shown, the worst first.")] = 20,
    as_json: JsonObject = False,
) -> None:
    """Show of each feed and source how much came of what was promised: in percent of an hour.

    complete: of the readings that are to come. valid: without a refused value. clean: not stuck,
    sent twice or corrected. live: in time. The score is the share of hours in which a feed's owner
    kept the promise.

    Example: cityops source quality --hours 168
    """
    with connected() as client:
        asked = {"feed": feed, "source": source, "hours": hours, "limit": limit}
        found = client.get("/api/quality", **asked)
    if as_json:
        emit(found, as_json=True)
        return
    emit(
        [_feed(each) for each in found["feeds"]],
        as_json=False,
        columns=("feed", *AXES, "kept", "score", "origin", "owner"),
        folded=("owner",),
        spare=("origin",),
        empty="no hour is over yet",
    )
    if found["sources"]:
        console.print()
        emit(
            [_source(each) for each in found["sources"]],
            as_json=False,
            columns=("source", *AXES, "arrived", "feed", "hour"),
            spare=("hour", "feed"),
        )
    if found["matching"] > len(found["sources"]):
        notes.print(f"{len(found['sources'])} of {found['matching']} sources", style="dim")


def _axes(axes: dict[str, Any], broken: list[str]) -> dict[str, str]:
    return {
        axis: "–" if axes[axis] is None else f"{axes[axis]:g}{' !' if axis in broken else ''}"
        for axis in AXES
    }


def _feed(found: dict[str, Any]) -> dict[str, str]:
    return {
        "feed": found["feed"],
        **_axes(found["last"], found["broken"]),
        "kept": f"{found['kept']} of {found['hours']} h",
        "score": f"{found['score']:g} %",
        "origin": found["origin"],
        "owner": found["owner_en"] or "nobody named",
    }


def _source(found: dict[str, Any]) -> dict[str, str]:
    expected = found["expected"]
    return {
        "source": found["source"],
        **_axes(found["axes"], found["broken"]),
        "arrived": f"{found['arrived']} of {expected}" if expected else str(found["arrived"]),
        "feed": found["feed"],
        "hour": found["hour"],
    }
