"""``cityops source list``: every source, including cameras."""

from typing import Annotated

import typer

from services.commandline.connection import connected
from services.commandline.output import emit

COLUMNS = ("id", "kind", "name_vi", "name_en", "origin", "ward", "owner", "up", "newest")


def command(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON array.")] = False,
) -> None:
    """List cameras and sensors, and when each last sent something.

    Example: cityops source list --json
    """
    with connected() as client:
        sources = client.get("/api/sources")["sources"]
    emit(sources, as_json=as_json, columns=COLUMNS, empty="no source")
