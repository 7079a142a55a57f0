"""``cityops camera scenery list``: what cameras have learned never moves."""

from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from services.commandline.connection import connected
from services.commandline.output import JsonArray, emit
from services.commandline.since import brief

COLUMNS = ("camera", "id", "label", "verdict", "box", "since", "model")


def command(
    camera: Annotated[
        list[str] | None, typer.Argument(help="Only these cameras; left out: all.")
    ] = None,
    *,
    as_json: JsonArray = False,
) -> None:
    """List what never moved and never came in, and what engineers have said of it.

    Learned: no object for counts, gathering and intrusion. Confirmed: none for any kind. Denied:
    always one. Boxes are left, top, right, bottom in fractions of the picture.

    Example: cityops camera scenery list quay-3 --json
    """
    with connected() as client:
        found = client.get("/api/scenery", camera=camera)
    rows = found if as_json else [_row(one) for one in found]
    emit(
        rows,
        as_json=as_json,
        columns=COLUMNS,
        folded=("box",),
        spare=("model", "since", "box"),
        empty="no scenery",
    )


def _row(one: dict[str, Any]) -> dict[str, Any]:
    return one | {"since": brief(one["since"], datetime.now(UTC))}
