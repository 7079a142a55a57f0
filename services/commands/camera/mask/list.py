"""``cityops camera mask list``: where nothing counts that a model sees."""

from typing import Annotated, Any

import typer

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit

COLUMNS = ("id", "source", "polygon", "hides")


def command(
    camera: Annotated[
        list[str] | None, typer.Argument(help="Only these cameras; left out: all.")
    ] = None,
    *,
    as_json: JsonArray = False,
) -> None:
    """List masks, and how much of what each rule watches they hide.

    Example: cityops camera mask list quay-3
    """
    with connected() as client:
        found = client.get("/api/masks", camera=camera)
    rows = found if as_json else [one | {"hides": _hides(one["hides"])} for one in found]
    emit(
        rows,
        as_json=as_json,
        columns=COLUMNS,
        folded=("polygon", "hides"),
        spare=("polygon",),
        empty="no mask",
    )


def _hides(hidden: list[dict[str, Any]]) -> str:
    found = ", ".join(
        f"{one['rule']}: {one['percent']} % of {one['zone'] or 'the picture'}" for one in hidden
    )
    return found or "nothing"
